import { MoneyText } from '@keyturn/ui';
import type { Refund } from '../api/payments.ts';
import { useText } from '../language/use-text.ts';
import { ChangeButton } from '../parts/change-button.tsx';
import { Decision } from '../parts/decision.tsx';
import { Facts } from '../parts/facts.tsx';
import { Person } from '../parts/person.tsx';
import { useHasRole } from '../session/session-context.ts';

/** What a person can do about a refund in its state; who did what when nothing can be done. */
export function RefundActions({ refund }: { readonly refund: Refund }) {
  const text = useText();
  const finance = useHasRole('finance');
  const path = `/v1/refunds/${refund.id}`;
  const summary = (
    <Facts
      facts={[
        { name: text('money.amount'), value: <MoneyText money={refund.amount} strong /> },
        { name: text('decision.reason'), value: refund.reason },
        { name: text('money.maker'), value: <Person of={refund.requested_by} /> },
      ]}
    />
  );
  if (refund.state === 'requested') {
    return (
      <Decision
        maker={refund.requested_by}
        subject={`${text('refunds.one')} ${refund.number}`}
        summary={summary}
        approvePath={`${path}/approve`}
        reject={{ path: `${path}/reject`, reason: 'none' }}
      />
    );
  }
  if (refund.state === 'failed') {
    return (
      <ChangeButton
        text={text('refunds.retry')}
        title={text('refunds.retryTitle')}
        path={`${path}/retry`}
        blocked={finance ? undefined : text('decision.needFinance')}
      >
        {summary}
      </ChangeButton>
    );
  }
  return refund.approved_by === undefined ? null : (
    <span className="kc-small">
      {text('money.checker')}: <Person of={refund.approved_by} />
    </span>
  );
}
