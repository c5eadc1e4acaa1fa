import { MoneyText, StateTag, TimeText } from '@keyturn/ui';
import type { Refund } from '../api/payments.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Code } from '../parts/object-link.tsx';
import type { Column } from '../parts/record-table.tsx';
import { RefundActions } from './refund-actions.tsx';

/** How a refund looks in a list, with what can be decided about it. */
export function useRefundColumns(): readonly Column<Refund>[] {
  const text = useText();
  const term = useTerm();
  return [
    {
      key: 'number',
      title: text('refunds.number'),
      head: true,
      cell: (refund) => (
        <>
          <span className="kc-nowrap">
            <Code>{refund.number}</Code>
          </span>
          <div className="kc-muted kc-small">
            <TimeText at={refund.created_at} />
          </div>
        </>
      ),
    },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: (refund) => <MoneyText money={refund.amount} strong />,
    },
    {
      key: 'reason',
      title: text('decision.reason'),
      cell: (refund) => (
        <>
          {refund.reason}
          {refund.cause === 'requested' ? null : (
            <div className="kc-muted kc-small">{term('causes', refund.cause)}</div>
          )}
        </>
      ),
    },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (refund) => <StateTag kind="refund" state={refund.state} />,
    },
    {
      key: 'actions',
      title: text('money.decision'),
      cell: (refund) => <RefundActions refund={refund} />,
    },
  ];
}
