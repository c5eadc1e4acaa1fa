import { Notice } from '@keyturn/ui';
import { Button } from 'antd';
import { LedgerCheckShape } from '../api/ledger.ts';
import { useText } from '../language/use-text.ts';
import { FormError } from '../parts/field.tsx';
import { Panel } from '../parts/page.tsx';
import { useChange } from '../parts/use-change.ts';
import { useHasRole } from '../session/session-context.ts';

/** Replays every transfer and compares every balance with it. */
export function LedgerCheck() {
  const text = useText();
  const finance = useHasRole('finance');
  const check = useChange(LedgerCheckShape, undefined, 'slow');
  const { data } = check;
  return (
    <Panel title={text('journals.check')} lead={text('journals.checkLead')}>
      <div className="kc-form">
        <div className="kc-row">
          <Button
            disabled={!finance}
            loading={check.isPending}
            onClick={() => check.send({ path: '/v1/ledger/checks' })}
          >
            {text('journals.checkRun')}
          </Button>
          {finance ? null : (
            <span className="kc-muted kc-small">{text('decision.needFinance')}</span>
          )}
        </div>
        <FormError error={check.error} />
        {data === undefined ? null : (
          <Notice tone={data.balanced ? 'good' : 'bad'}>
            {text(data.balanced ? 'journals.checkGood' : 'journals.checkBad', {
              accounts: data.accounts,
              transfers: data.transfers,
              findings: data.findings.length,
            })}
            {data.findings.slice(0, 50).map((finding) => (
              <div key={`${finding.rule} ${finding.subject}`}>
                {finding.subject}: {finding.detail}
              </div>
            ))}
          </Notice>
        )}
      </div>
    </Panel>
  );
}
