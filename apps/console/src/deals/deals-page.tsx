import { StateTag, stateMeaning, TimeText, useLanguage } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { DealPageShape, type DealSummary } from '../api/deals.ts';
import { type Text, useText } from '../language/use-text.ts';
import { FilterLinks } from '../parts/filter-links.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import type { Column } from '../parts/record-table.tsx';
import { usePages } from '../parts/use-pages.ts';

const route = getRouteApi('/deals');
const states = [
  'draft',
  'agreed',
  'funding',
  'funded',
  'releasing',
  'partially_released',
  'released',
  'cancel_requested',
  'refunding',
  'refunded',
  'partly_refunded',
  'canceled',
] as const;

/** All deals, newest first, or those in one state. */
export function DealsPage() {
  const text = useText();
  const language = useLanguage();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const state = states.find((known) => known === search.state);
  const options = [
    { value: 'all', text: text('list.all') },
    ...states.map((value) => ({ value, text: stateMeaning('deal', value, language).label })),
  ];
  const lead =
    state === undefined ? text('deals.lead') : stateMeaning('deal', state, language).meaning;
  return (
    <Page title={text('nav.deals')} lead={lead}>
      <FilterLinks
        label={text('money.state')}
        options={options}
        value={state ?? 'all'}
        onChange={(value) => navigate({ search: value === 'all' ? {} : { state: value } })}
      />
      <Panel flush>
        <PagedTable
          label={text('nav.deals')}
          pages={usePages('/v1/deals', DealPageShape, { state })}
          columns={dealColumns(text)}
          rowKey={(deal) => deal.id}
          empty={{ title: text('deals.none'), description: text('deals.noneWhy') }}
        />
      </Panel>
    </Page>
  );
}

function dealColumns(text: Text): readonly Column<DealSummary>[] {
  return [
    {
      key: 'title',
      title: text('deals.title'),
      head: true,
      cell: (deal) => (
        <>
          <ObjectLink id={deal.id} text={deal.title} />
          <div className="kc-muted kc-small">{deal.number}</div>
        </>
      ),
    },
    { key: 'city', title: text('deals.city'), cell: (deal) => deal.city },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (deal) => (
        <span className="kc-row">
          <StateTag kind="deal" state={deal.state} />
          {deal.frozen ? <StateTag kind="deal" state="frozen" /> : null}
        </span>
      ),
    },
    {
      key: 'deadline',
      title: text('deals.deadline'),
      tight: true,
      cell: ({ deadline }) =>
        deadline === undefined ? null : <TimeText at={deadline} shape="date" />,
    },
    {
      key: 'created',
      title: text('money.created'),
      tight: true,
      cell: (deal) => <TimeText at={deal.created_at} />,
    },
  ];
}
