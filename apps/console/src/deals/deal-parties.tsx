import { pickText, useLanguage } from '@keyturn/ui';
import type { Deal } from '../api/deals.ts';
import { useText } from '../language/use-text.ts';
import { LinkButton } from '../parts/link-button.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { useMayWrite } from '../session/session-context.ts';

type Party = Deal['parties'][number];

/** Who plays which role, whether they agreed, and where they are paid to. */
export function DealParties({ deal }: { readonly deal: Deal }) {
  const text = useText();
  const language = useLanguage();
  const mayWrite = useMayWrite();
  const linkColumn: Column<Party> = {
    key: 'link',
    title: text('deals.linkColumn'),
    tight: true,
    cell: ({ role, name }) => (
      <LinkButton
        text={text('deals.link')}
        about={text('deals.linkAbout', { role: pickText(name, language) })}
        path={`/v1/deals/${deal.id}/links`}
        body={{ role }}
      />
    ),
  };
  const columns: readonly Column<Party>[] = [
    {
      key: 'role',
      title: text('deals.role'),
      head: true,
      cell: (party) => pickText(party.name, language),
    },
    { key: 'name', title: text('deals.partyName'), cell: (party) => party.shown_as },
    {
      key: 'agreed',
      title: text('deals.agreed'),
      cell: ({ role }) =>
        text(deal.agreed_roles.includes(role) ? 'deals.hasAgreed' : 'deals.notAgreed'),
    },
    { key: 'account', title: text('deals.bankAccount'), cell: (party) => party.bank_account },
    { key: 'id', title: text('money.id'), cell: (party) => <ObjectLink id={party.id} /> },
    ...(mayWrite ? [linkColumn] : []),
  ];
  return (
    <Panel title={text('deals.parties')} flush>
      <RecordTable
        label={text('deals.parties')}
        columns={columns}
        rows={deal.parties}
        rowKey={(party) => party.role}
      />
    </Panel>
  );
}
