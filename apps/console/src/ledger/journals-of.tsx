import { MoneyText, TimeText } from '@keyturn/ui';
import { Link } from '@tanstack/react-router';
import { type Journal, JournalPageShape, type Transfer } from '../api/ledger.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { AccountName } from '../parts/account-name.tsx';
import { Code } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { PagedRows } from '../parts/paged-rows.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { usePages } from '../parts/use-pages.ts';
import './ledger.css';

/**
 * The journals that one object, or several, caused: debit, credit, amount, and the balances after.
 */
export function JournalsOf({ id }: { readonly id: string | readonly string[] }) {
  const text = useText();
  return (
    <Panel title={text('journals.title')} lead={text('journals.how')} flush>
      <PagedRows
        label={text('journals.title')}
        pages={usePages('/v1/ledger/journals', JournalPageShape, { object_id: id })}
        empty={{ title: text('journals.none'), description: text('journals.noneWhy') }}
      >
        {(journals) =>
          journals.map((journal) => <JournalView key={journal.id} journal={journal} />)
        }
      </PagedRows>
    </Panel>
  );
}

function JournalView({ journal }: { readonly journal: Journal }) {
  const term = useTerm();
  return (
    <article className="kc-journal">
      <header>
        <TimeText at={journal.recorded_at} shape="second" />
        <span>{term('modules', journal.module)}</span>
        <span className="kc-muted">{journal.book}</span>
        <Code>{journal.id}</Code>
      </header>
      <RecordTable
        label={journal.id}
        columns={useTransferColumns()}
        rows={journal.transfers}
        rowKey={(transfer) => String(transfer.leg)}
      />
    </article>
  );
}

function useTransferColumns(): readonly Column<Transfer>[] {
  const text = useText();
  const term = useTerm();
  return [
    { key: 'debit', title: text('journals.debit'), cell: (transfer) => side(transfer.debit) },
    { key: 'credit', title: text('journals.credit'), cell: (transfer) => side(transfer.credit) },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: (transfer) => <MoneyText money={transfer.amount} strong />,
    },
    {
      key: 'kind',
      title: text('journals.kind'),
      tight: true,
      cell: (transfer) => term('transferKinds', transfer.kind),
    },
    {
      key: 'after',
      title: text('journals.after'),
      end: true,
      cell: ({ debit, credit }) => (
        <span className="kc-after">
          <MoneyText money={debit.balance_after} tone="muted" />
          <MoneyText money={credit.balance_after} tone="muted" />
        </span>
      ),
    },
  ];
}

function side({ code, owner }: Transfer['debit']) {
  return (
    <Link to="/journals" search={{ id: owner }} className="kc-quiet">
      <AccountName code={code} owner={owner} />
    </Link>
  );
}
