import { MoneyText } from '@keyturn/ui';
import type { InferOutput } from 'valibot';
import { AccountListShape } from '../api/ledger.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Answer } from '../parts/answer.tsx';
import { Panel } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { useOne } from '../parts/use-one.ts';

type Account = InferOutput<typeof AccountListShape>['items'][number];

/** The ledger accounts of an owner: what lies there, and how much of it is free. */
export function AccountsOf({ owner }: { readonly owner: string }) {
  const text = useText();
  const accounts = useOne('/v1/ledger/accounts', AccountListShape, { query: { owner } });
  const columns = useColumns();
  return (
    <Panel title={text('journals.accounts')} flush>
      <div className={accounts.data === undefined ? 'kc-padded' : ''}>
        <Answer of={accounts}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="kc-padded kc-muted">{text('journals.noAccounts')}</p>
            ) : (
              <RecordTable
                label={text('journals.accounts')}
                columns={columns}
                rows={items}
                rowKey={(account) => account.id}
              />
            )
          }
        </Answer>
      </div>
    </Panel>
  );
}

function useColumns(): readonly Column<Account>[] {
  const text = useText();
  const term = useTerm();
  return [
    {
      key: 'code',
      title: text('journals.account'),
      head: true,
      cell: ({ code }) => (
        <>
          {code} {term('accounts', String(code))}
        </>
      ),
    },
    { key: 'book', title: text('journals.book'), cell: (account) => account.book },
    {
      key: 'balance',
      title: text('journals.balance'),
      end: true,
      cell: (account) => <MoneyText money={account.balance} strong />,
    },
    {
      key: 'available',
      title: text('journals.available'),
      end: true,
      cell: (account) => <MoneyText money={account.available} />,
    },
    {
      key: 'flags',
      title: text('journals.flags'),
      cell: ({ frozen, closed }) =>
        [
          frozen.in ? text('journals.frozenIn') : '',
          frozen.out ? text('journals.frozenOut') : '',
          closed ? text('journals.closed') : '',
        ]
          .filter(Boolean)
          .join(', '),
    },
  ];
}
