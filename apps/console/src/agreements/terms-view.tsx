import { pickText, useLanguage } from '@keyturn/ui';
import type { FailureTerms, ItemTerms, ReleaseTerms, Terms } from '../api/agreements.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Panel } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { percentOf, useTermsWords } from './terms-words.ts';

interface TermsProps {
  readonly terms: Terms;
}

/** The terms of an agreement as tables that a person can check against the paper. */
export function TermsView({ terms }: TermsProps) {
  return (
    <>
      <Items terms={terms} />
      <Conditions terms={terms} />
      <Releases terms={terms} />
      {terms.conversions.length === 0 ? null : <Conversions terms={terms} />}
      <Failures terms={terms} />
      <Roles terms={terms} />
    </>
  );
}

function Items({ terms }: TermsProps) {
  const text = useText();
  const language = useLanguage();
  const words = useTermsWords(terms);
  const columns: readonly Column<ItemTerms>[] = [
    {
      key: 'item',
      title: text('deals.item'),
      head: true,
      cell: ({ name }) => pickText(name, language),
    },
    { key: 'payer', title: text('agreements.payer'), cell: ({ payer }) => words.role(payer) },
    {
      key: 'beneficiary',
      title: text('agreements.beneficiary'),
      cell: ({ beneficiary }) => words.role(beneficiary),
    },
    { key: 'custody', title: text('agreements.custody'), cell: words.regime },
    { key: 'methods', title: text('agreements.methods'), cell: words.methods },
    { key: 'rules', title: text('agreements.rules'), cell: words.rules },
  ];
  return (
    <Panel title={text('agreements.itemsTitle')} flush>
      <RecordTable
        label={text('agreements.itemsTitle')}
        columns={columns}
        rows={terms.items}
        rowKey={(item) => item.key}
      />
    </Panel>
  );
}

function Conditions({ terms }: TermsProps) {
  const text = useText();
  const language = useLanguage();
  const words = useTermsWords(terms);
  const title = text('agreements.conditionsTitle');
  const columns: readonly Column<Terms['conditions'][number]>[] = [
    {
      key: 'condition',
      title: text('evidence.condition'),
      head: true,
      cell: ({ name }) => pickText(name, language),
    },
    { key: 'by', title: text('evidence.by'), cell: ({ by }) => words.role(by) },
    { key: 'evidence', title: text('agreements.evidenceKind'), cell: ({ evidence }) => evidence },
  ];
  return (
    <Panel title={title} flush>
      {terms.conditions.length === 0 ? (
        <p className="kc-padded kc-muted">{text('agreements.noConditions')}</p>
      ) : (
        <RecordTable
          label={title}
          columns={columns}
          rows={terms.conditions}
          rowKey={(condition) => condition.key}
        />
      )}
    </Panel>
  );
}

function useApprovalWords() {
  const text = useText();
  return (approval: string) =>
    text(approval === 'not_required' ? 'agreements.byAgreement' : 'agreements.twoPeople');
}

function Releases({ terms }: TermsProps) {
  const text = useText();
  const title = text('agreements.releasesTitle');
  const columns = useReleaseColumns(terms);
  return (
    <Panel title={title} flush>
      {terms.releases.length === 0 ? (
        <p className="kc-padded kc-muted">{text('agreements.noReleases')}</p>
      ) : (
        <RecordTable
          label={title}
          columns={columns}
          rows={terms.releases}
          rowKey={(release) => release.key}
        />
      )}
    </Panel>
  );
}

function useReleaseColumns(terms: Terms): readonly Column<ReleaseTerms>[] {
  const text = useText();
  const language = useLanguage();
  const words = useTermsWords(terms);
  const approval = useApprovalWords();
  const part = ({ item, share_bps: bps }: ReleaseTerms['items'][number]) => {
    const name = words.item(item);
    return bps === 10_000
      ? text('agreements.whole', { item: name })
      : text('agreements.part', { item: name, share: percentOf(bps) });
  };
  return [
    {
      key: 'release',
      title: text('releases.one'),
      head: true,
      cell: ({ name }) => pickText(name, language),
    },
    { key: 'to', title: text('releases.to'), cell: ({ to }) => words.role(to) },
    {
      key: 'gives',
      title: text('agreements.gives'),
      cell: ({ items }) => items.map(part).join(words.comma),
    },
    {
      key: 'when',
      title: text('agreements.when'),
      cell: ({ when, before_funded: early }) => {
        const met = when.map(words.condition).join(words.comma) || text('agreements.always');
        return (
          <>
            {met}
            <div className="kc-muted kc-small">
              {text(early ? 'agreements.early' : 'agreements.onceFunded')}
            </div>
          </>
        );
      },
    },
    {
      key: 'approval',
      title: text('agreements.approval'),
      cell: (release) => approval(release.approval),
    },
  ];
}

function Conversions({ terms }: TermsProps) {
  const text = useText();
  const words = useTermsWords(terms);
  return (
    <Panel title={text('agreements.conversionsTitle')}>
      <ul className="kc-lines">
        {terms.conversions.map(({ from, to, mode }) => (
          <li key={`${from} ${to}`}>
            {words.item(from)} → {words.item(to)}{' '}
            <span className="kc-muted kc-small">{text(`agreements.${mode}`)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Failures({ terms }: TermsProps) {
  const text = useText();
  const language = useLanguage();
  const words = useTermsWords(terms);
  const approval = useApprovalWords();
  const fate = ({ item: key, action }: FailureTerms['items'][number]) => {
    const item = terms.items.find((one) => one.key === key);
    const payer = words.role(item?.payer ?? '');
    const beneficiary = words.role(item?.beneficiary ?? '');
    return `${words.item(key)} ${text(`agreements.${action}`, { payer, beneficiary })}`;
  };
  const columns: readonly Column<FailureTerms>[] = [
    {
      key: 'failure',
      title: text('deals.failureKind'),
      head: true,
      cell: ({ name }) => pickText(name, language),
    },
    {
      key: 'items',
      title: text('deals.items'),
      cell: ({ items }) => items.map((one) => <div key={one.item}>{fate(one)}</div>),
    },
    {
      key: 'fee',
      title: text('agreements.rules'),
      cell: (one) => text(one.fee_returned ? 'agreements.feeReturned' : 'agreements.feeKept'),
    },
    { key: 'approval', title: text('agreements.approval'), cell: (one) => approval(one.approval) },
  ];
  return (
    <Panel title={text('agreements.failuresTitle')} flush>
      <RecordTable
        label={text('agreements.failuresTitle')}
        columns={columns}
        rows={terms.failures}
        rowKey={(failure) => failure.key}
      />
    </Panel>
  );
}

function Roles({ terms }: TermsProps) {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  return (
    <Panel title={text('agreements.roles')}>
      <ul className="kc-lines">
        {terms.roles.map(({ key, name, kind }) => (
          <li key={key}>
            {pickText(name, language)}{' '}
            <span className="kc-muted kc-small">{term('partyKinds', kind)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
