import { MoneyText, pickText, StateTag, TimeText, useLanguage } from '@keyturn/ui';
import { Link } from '@tanstack/react-router';
import type { WaitingRelease } from '../api/deals.ts';
import { useText } from '../language/use-text.ts';
import { Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import { Person } from '../parts/person.tsx';
import type { Column } from '../parts/record-table.tsx';
import type { Pages } from '../parts/use-pages.ts';

/**
 * Releases that wait for a second person; each is decided on its deal's page, with everything in
 * sight.
 */
export function WaitingReleases({ pages }: { readonly pages: Pages<WaitingRelease> }) {
  const text = useText();
  const language = useLanguage();
  const columns: readonly Column<WaitingRelease>[] = [
    {
      key: 'release',
      title: text('releases.one'),
      head: true,
      cell: (release) => (
        <>
          <Link to="/deals/$id" params={{ id: release.deal_id }} search={{ part: 'releases' }}>
            {pickText(release.name, language)} · {release.deal_title}
          </Link>
          <div className="kc-muted kc-small">{release.deal_number}</div>
        </>
      ),
    },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: ({ amount }) => <MoneyText money={amount} strong />,
    },
    { key: 'to', title: text('releases.to'), cell: ({ to }) => pickText(to.name, language) },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: ({ state }) => <StateTag kind="release" state={state} />,
    },
    { key: 'maker', title: text('money.maker'), cell: ({ maker }) => <Person of={maker} /> },
    {
      key: 'at',
      title: text('releases.requestedAt'),
      tight: true,
      cell: (release) => <TimeText at={release.requested_at} />,
    },
  ];
  return (
    <Panel title={text('today.releases')} flush>
      <PagedTable
        label={text('today.releases')}
        pages={pages}
        columns={columns}
        rowKey={(release) => release.id}
        empty={{ title: text('today.noReleases') }}
      />
    </Panel>
  );
}
