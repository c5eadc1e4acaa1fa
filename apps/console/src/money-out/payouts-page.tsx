import { MoneyText, StateTag, stateMeaning, TimeText, useLanguage } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { type Payout, PayoutPageShape, payoutStates } from '../api/payouts.ts';
import { type Text, useTerm, useText } from '../language/use-text.ts';
import { FilterLinks } from '../parts/filter-links.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import type { Column } from '../parts/record-table.tsx';
import { usePages } from '../parts/use-pages.ts';
import { payeeName } from './payee-name.ts';

const route = getRouteApi('/payouts');

/** Pay-outs in one state; what waits for a person comes first. */
export function PayoutsPage() {
  const text = useText();
  const language = useLanguage();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const state = payoutStates.find((known) => known === search.state) ?? 'pending_approval';
  const pages = usePages('/v1/payouts', PayoutPageShape, { state });
  const options = payoutStates.map((value) => ({
    value,
    text: stateMeaning('payout', value, language).label,
  }));
  return (
    <Page title={text('nav.payouts')} lead={stateMeaning('payout', state, language).meaning}>
      <FilterLinks
        label={text('payouts.state')}
        options={options}
        value={state}
        onChange={(value) => navigate({ search: { state: value } })}
      />
      <Panel flush>
        <PagedTable
          label={text('nav.payouts')}
          pages={pages}
          columns={usePayoutColumns()}
          rowKey={(payout) => payout.id}
          empty={{ title: text('payouts.none'), description: text('payouts.noneWhy') }}
        />
      </Panel>
    </Page>
  );
}

/** How a pay-out looks in a list. */
export function usePayoutColumns(): readonly Column<Payout>[] {
  const text = useText();
  const term = useTerm();
  return payoutColumns(text, (purpose) => term('purposes', purpose));
}

function payoutColumns(text: Text, purpose: (key: string) => string): readonly Column<Payout>[] {
  return [
    {
      key: 'number',
      title: text('payouts.number'),
      head: true,
      cell: (payout) => <ObjectLink id={payout.id} text={payout.number} />,
    },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: (payout) => <MoneyText money={payout.amount} strong />,
    },
    { key: 'payee', title: text('payouts.payee'), cell: payeeName },
    { key: 'purpose', title: text('payouts.purpose'), cell: (payout) => purpose(payout.purpose) },
    { key: 'from', title: text('payouts.from'), cell: (payout) => payout.custody_account_id },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (payout) => <StateTag kind="payout" state={payout.state} />,
    },
    {
      key: 'created',
      title: text('money.created'),
      tight: true,
      cell: (payout) => <TimeText at={payout.created_at} />,
    },
  ];
}
