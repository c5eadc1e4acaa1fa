import { StateTag, TimeText } from '@keyturn/ui';
import { Link } from '@tanstack/react-router';
import { type Agreement, AgreementPageShape } from '../api/agreements.ts';
import { useText } from '../language/use-text.ts';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import { Person } from '../parts/person.tsx';
import type { Column } from '../parts/record-table.tsx';
import { usePages } from '../parts/use-pages.ts';

/** All versions of all agreements, newest first. */
export function AgreementsPage() {
  const text = useText();
  return (
    <Page title={text('nav.agreements')} lead={text('agreements.lead')}>
      <Panel flush>
        <PagedTable
          label={text('nav.agreements')}
          pages={usePages('/v1/agreements', AgreementPageShape)}
          columns={useColumns()}
          rowKey={(agreement) => agreement.id}
          empty={{ title: text('agreements.none'), description: text('agreements.noneWhy') }}
        />
      </Panel>
    </Page>
  );
}

function useColumns(): readonly Column<Agreement>[] {
  const text = useText();
  return [
    {
      key: 'name',
      title: text('agreements.name'),
      head: true,
      cell: ({ id, name }) => (
        <Link to="/agreements/$id" params={{ id }}>
          {name}
        </Link>
      ),
    },
    {
      key: 'version',
      title: text('agreements.version'),
      tight: true,
      cell: ({ version }) => text('agreements.versionOf', { version }),
    },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: ({ state }) => <StateTag kind="agreement" state={state} />,
    },
    { key: 'maker', title: text('money.maker'), cell: (one) => <Person of={one.made_by} /> },
    {
      key: 'checker',
      title: text('money.checker'),
      cell: ({ published_by: by }) => (by === undefined ? null : <Person of={by} />),
    },
    {
      key: 'created',
      title: text('money.created'),
      tight: true,
      cell: (agreement) => <TimeText at={agreement.created_at} />,
    },
  ];
}
