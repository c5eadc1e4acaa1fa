import { Notice } from '@keyturn/ui';
import { Button } from 'antd';
import { type ReconcileReport, ReconcileReportShape } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { FormError } from '../parts/field.tsx';
import { useChange } from '../parts/use-change.ts';
import { useMayWrite } from '../session/session-context.ts';

/** Fetches, matches and proves a day again. What stands already does not change. */
export function ReconcileButton({ date }: { readonly date: string }) {
  const text = useText();
  const mayWrite = useMayWrite();
  const run = useChange(ReconcileReportShape, undefined, 'slow');
  return (
    <div className="kc-reconcile">
      <Button
        type="primary"
        disabled={!mayWrite}
        loading={run.isPending}
        onClick={() => run.send({ path: '/v1/reconciliations', body: { date } })}
      >
        {text('proof.run')}
      </Button>
      {mayWrite ? null : <span className="kc-muted kc-small">{text('decision.readOnly')}</span>}
      <FormError error={run.error} />
      {run.data === undefined ? null : <Outcome report={run.data} />}
    </div>
  );
}

/** Whether everything that the day needs was there; what was not, and why. */
function Outcome({ report }: { readonly report: ReconcileReport }) {
  const text = useText();
  if (report.complete) return <Notice tone="good">{text('proof.complete')}</Notice>;
  const feeds = [
    ...report.statements.map((one) => ({ ...one, name: one.account_id })),
    ...report.bills.map((one) => ({ ...one, name: one.contract_id })),
  ];
  const missing = feeds
    .filter(({ status }) => status === 'missing')
    .map(({ name, reason }) => (reason === undefined ? name : `${name} (${reason})`));
  return (
    <Notice tone="attention">{text('proof.incomplete', { missing: missing.join(', ') })}</Notice>
  );
}
