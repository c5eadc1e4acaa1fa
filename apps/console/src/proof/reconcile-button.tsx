import { AnythingSchema } from '@keyturn/ui';
import { Button } from 'antd';
import { useText } from '../language/use-text.ts';
import { FormError } from '../parts/field.tsx';
import { useChange } from '../parts/use-change.ts';
import { useHasRole } from '../session/session-context.ts';

/** Fetches, matches and proves a day again. What stands already does not change. */
export function ReconcileButton({ date }: { readonly date: string }) {
  const text = useText();
  const finance = useHasRole('finance');
  const run = useChange(AnythingSchema, undefined, 'slow');
  return (
    <div className="kc-reconcile">
      <Button
        type="primary"
        disabled={!finance}
        loading={run.isPending}
        onClick={() => run.send({ path: '/v1/reconciliations', body: { date } })}
      >
        {text('proof.run')}
      </Button>
      {finance ? null : <span className="kc-muted kc-small">{text('decision.needFinance')}</span>}
      <FormError error={run.error} />
    </div>
  );
}
