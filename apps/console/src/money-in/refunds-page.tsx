import { stateMeaning, useLanguage } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { RefundPageShape, refundStates } from '../api/payments.ts';
import { useText } from '../language/use-text.ts';
import { FilterLinks } from '../parts/filter-links.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import { usePages } from '../parts/use-pages.ts';
import { useRefundColumns } from './refund-columns.tsx';

const route = getRouteApi('/refunds');

/** Refunds in one state; what waits for a person comes first. */
export function RefundsPage() {
  const text = useText();
  const language = useLanguage();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const state = refundStates.find((known) => known === search.state) ?? 'requested';
  const options = refundStates.map((value) => ({
    value,
    text: stateMeaning('refund', value, language).label,
  }));
  const columns = useRefundColumns();
  const order = {
    key: 'order',
    title: text('orders.one'),
    cell: (refund: { readonly order_id: string }) => <ObjectLink id={refund.order_id} />,
  };
  return (
    <Page title={text('nav.refunds')} lead={stateMeaning('refund', state, language).meaning}>
      <FilterLinks
        label={text('money.state')}
        options={options}
        value={state}
        onChange={(value) => navigate({ search: { state: value } })}
      />
      <Panel flush>
        <PagedTable
          label={text('nav.refunds')}
          pages={usePages('/v1/refunds', RefundPageShape, { state })}
          columns={[...columns, order]}
          rowKey={(refund) => refund.id}
          empty={{ title: text('refunds.none'), description: text('refunds.noneWhy') }}
        />
      </Panel>
    </Page>
  );
}
