import { TimeText } from '@keyturn/ui';
import { getRouteApi, Link } from '@tanstack/react-router';
import { AuditPageShape, type AuditRecord } from '../api/access.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Code, ObjectLink } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import type { Column } from '../parts/record-table.tsx';
import { Tag } from '../parts/tag.tsx';
import { usePages } from '../parts/use-pages.ts';
import { AdminOnly } from './admin-only.tsx';

const route = getRouteApi('/audit');

/** Who changed what, when, from where, and how it ended. */
export function AuditPage() {
  const text = useText();
  const { operator_id: operator } = route.useSearch();
  return (
    <Page
      title={text('nav.audit')}
      lead={text('audit.lead')}
      actions={
        operator === undefined ? undefined : <Link to="/audit">{text('audit.everybody')}</Link>
      }
    >
      <AdminOnly>
        <Trail operator={operator} />
      </AdminOnly>
    </Page>
  );
}

function Trail({ operator }: { readonly operator: string | undefined }) {
  const text = useText();
  return (
    <Panel flush>
      <PagedTable
        label={text('nav.audit')}
        pages={usePages('/v1/audit', AuditPageShape, { operator_id: operator })}
        columns={useColumns()}
        rowKey={(record) => record.id}
        empty={{ title: text('audit.none') }}
      />
    </Panel>
  );
}

function useColumns(): readonly Column<AuditRecord>[] {
  const text = useText();
  const term = useTerm();
  return [
    {
      key: 'at',
      title: text('audit.at'),
      tight: true,
      cell: (record) => <TimeText at={record.at} shape="second" />,
    },
    { key: 'who', title: text('audit.who'), cell: (record) => <Who record={record} /> },
    {
      key: 'what',
      title: text('audit.what'),
      head: true,
      cell: ({ what, method, path }) => (
        <>
          {term('operations', what)}
          <div className="kc-muted kc-small">
            {method} {path}
          </div>
        </>
      ),
    },
    {
      key: 'object',
      title: text('audit.object'),
      cell: ({ object }) => (object === undefined ? null : <ObjectLink id={object} />),
    },
    { key: 'result', title: text('audit.result'), cell: ({ result }) => <Result of={result} /> },
    {
      key: 'from',
      title: text('audit.from'),
      cell: ({ address, request_id: request }) => (
        <>
          {address}
          <div>
            <Code>{request}</Code>
          </div>
        </>
      ),
    },
  ];
}

function Who({ record: { who } }: { readonly record: AuditRecord }) {
  const text = useText();
  const name = who.name ?? text('audit.unknown');
  if (who.kind !== 'operator' || who.id === undefined) return name;
  return (
    <Link className="kc-nowrap" to="/audit" search={{ operator_id: who.id }}>
      {name}
    </Link>
  );
}

function Result({ of: result }: { readonly of: AuditRecord['result'] }) {
  const text = useText();
  if (result === undefined) {
    return <Tag tone="attention">{text('audit.noResult')}</Tag>;
  }
  const fine = result.status < 400;
  return (
    <Tag tone={fine ? 'good' : 'bad'}>
      {result.status} {result.code}
    </Tag>
  );
}
