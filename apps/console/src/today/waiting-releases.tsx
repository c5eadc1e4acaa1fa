import { StateTag, TimeText } from '@keyturn/ui';
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
  const columns: readonly Column<WaitingRelease>[] = [
    {
      key: 'release',
      title: text('releases.one'),
      head: true,
      cell: ({ deal_id: id, key }) => (
        <Link to="/deals/$id" params={{ id }} search={{ part: 'releases' }}>
          {key}
        </Link>
      ),
    },
    { key: 'role', title: text('releases.to'), cell: ({ role }) => role },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: ({ state }) => <StateTag kind="release" state={state} />,
    },
    { key: 'maker', title: text('money.maker'), cell: ({ maker }) => <Person id={maker} /> },
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
