import { MoneyText, StateTag, stateMeaning, useLanguage } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { type Receipt, ReceiptPageShape, receiptStates } from '../api/custody.ts';
import { type Text, useTerm, useText } from '../language/use-text.ts';
import { FilterLinks } from '../parts/filter-links.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import type { Column } from '../parts/record-table.tsx';
import { usePages } from '../parts/use-pages.ts';

const route = getRouteApi('/receipts');

/** What the banks booked; money without a home comes first. */
export function ReceiptsPage() {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const state = receiptStates.find((known) => known === search.state) ?? 'booked';
  const options = receiptStates.map((value) => ({
    value,
    text: stateMeaning('receipt', value, language).label,
  }));
  return (
    <Page title={text('nav.receipts')} lead={stateMeaning('receipt', state, language).meaning}>
      <FilterLinks
        label={text('money.state')}
        options={options}
        value={state}
        onChange={(value) => navigate({ search: { state: value } })}
      />
      <Panel flush>
        <PagedTable
          label={text('nav.receipts')}
          pages={usePages('/v1/receipts', ReceiptPageShape, { state })}
          columns={receiptColumns(text, (kind) => term('receiptKinds', kind))}
          rowKey={(receipt) => receipt.id}
          empty={{
            title: text(state === 'booked' ? 'receipts.noneBooked' : 'receipts.none'),
            description: text('receipts.noneWhy'),
          }}
        />
      </Panel>
    </Page>
  );
}

function receiptColumns(text: Text, kind: (key: string) => string): readonly Column<Receipt>[] {
  return [
    {
      key: 'reference',
      title: text('receipts.bankReference'),
      head: true,
      cell: (receipt) => <ObjectLink id={receipt.id} text={receipt.bank_reference} />,
    },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: ({ direction, amount }) => (
        <MoneyText
          money={direction === 'debit' ? { ...amount, amount: -amount.amount } : amount}
          strong
        />
      ),
    },
    { key: 'kind', title: text('receipts.kind'), cell: (receipt) => kind(receipt.kind) },
    { key: 'from', title: text('receipts.counterparty'), cell: (receipt) => receipt.counterparty },
    { key: 'text', title: text('receipts.remittance'), cell: (receipt) => receipt.remittance },
    { key: 'account', title: text('receipts.account'), cell: (receipt) => receipt.account_id },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (receipt) => <StateTag kind="receipt" state={receipt.state} />,
    },
    {
      key: 'date',
      title: text('receipts.valueDate'),
      tight: true,
      cell: (receipt) => receipt.value_date,
    },
  ];
}
