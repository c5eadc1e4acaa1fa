import { EmptyState, MoneyText, Notice, StateTag, TimeText } from '@keyturn/ui';
import { Link } from '@tanstack/react-router';
import type { Attempt } from '../api/payments.ts';
import { type Text, useTerm, useText } from '../language/use-text.ts';
import { Code } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { ProofFact } from '../parts/proof-fact.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';

/** Every try to pay an order, and what its channel said. */
export function AttemptsPanel({ attempts }: { readonly attempts: readonly Attempt[] }) {
  const text = useText();
  const term = useTerm();
  const odd = attempts.filter(({ contradiction }) => contradiction !== undefined);
  return (
    <Panel title={text('orders.attempts')} flush>
      {odd.map(({ id, number, contradiction }) => (
        <div key={id} className="kc-padded">
          <Notice tone="bad">
            {text('orders.contradiction', {
              number,
              expected: contradiction?.expected ?? '',
              said: contradiction?.said ?? '',
            })}
          </Notice>
        </div>
      ))}
      {attempts.length === 0 ? (
        <EmptyState title={text('orders.noAttempts')} description={text('orders.noAttemptsWhy')} />
      ) : (
        <RecordTable
          label={text('orders.attempts')}
          columns={attemptColumns(text, (method) => term('methods', method))}
          rows={attempts}
          rowKey={(attempt) => attempt.id}
        />
      )}
    </Panel>
  );
}

function attemptColumns(text: Text, method: (key: string) => string): readonly Column<Attempt>[] {
  return [
    {
      key: 'number',
      title: text('orders.attemptNumber'),
      head: true,
      cell: (attempt) => (
        <>
          <AttemptNumber attempt={attempt} />
          <div className="kc-small">{method(attempt.method)}</div>
        </>
      ),
    },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: ({ amount, fee }) => (
        <>
          <MoneyText money={amount} strong />
          {fee === undefined ? null : (
            <div className="kc-muted kc-small">
              {text('orders.fee')} <MoneyText money={fee} />
            </div>
          )}
        </>
      ),
    },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (attempt) => <StateTag kind="attempt" state={attempt.state} />,
    },
    {
      key: 'proof',
      title: text('money.proof'),
      cell: ({ proof }) => (proof === undefined ? null : <ProofFact proof={proof} />),
    },
    {
      key: 'at',
      title: text('orders.paidAt'),
      tight: true,
      cell: ({ paid_at: at }) => (at === undefined ? null : <TimeText at={at} />),
    },
  ];
}

/** Our number at the channel, leading to what was said about it. */
function AttemptNumber({ attempt }: { readonly attempt: Attempt }) {
  const { contract_id: contract, number, channel_number: theirs } = attempt;
  return (
    <>
      {contract === undefined ? (
        <Code>{number}</Code>
      ) : (
        <Link
          className="kc-id"
          to="/channels/$id"
          params={{ id: contract }}
          search={{ reference: number }}
        >
          {number}
        </Link>
      )}
      {theirs === undefined ? null : (
        <div className="kc-muted kc-small">
          <Code>{theirs}</Code>
        </div>
      )}
    </>
  );
}
