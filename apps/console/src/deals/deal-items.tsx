import { MoneyText, pickText, StateTag, useLanguage } from '@keyturn/ui';
import type { DealItem, DealMoney } from '../api/deals.ts';
import { useText } from '../language/use-text.ts';
import { ObjectLink } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';

const sums = ['owed', 'paid', 'held', 'moving', 'released', 'shared', 'refunded'] as const;

/** The deal's money in one line: owed, come in, and where it is now. */
export function DealTotals({ totals }: { readonly totals: DealMoney['totals'] }) {
  const text = useText();
  return (
    <dl className="kc-totals">
      {sums.map((name) => (
        <div key={name} className={name === 'held' ? 'kc-total-main' : ''}>
          <dt>{text(`deals.totals.${name}`)}</dt>
          <dd>
            <MoneyText money={totals[name]} tone={totals[name].amount === 0n ? 'muted' : 'plain'} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Where the money of each item is. What is nothing is left empty. */
export function DealItems({ money }: { readonly money: DealMoney }) {
  const text = useText();
  return (
    <Panel title={text('deals.items')} lead={text('deals.itemsLead')} flush>
      <RecordTable
        label={text('deals.items')}
        columns={useColumns(money.items)}
        rows={money.items}
        rowKey={(item) => item.id}
      />
    </Panel>
  );
}

const figures = [
  'amount',
  'paid',
  'converted_in',
  'converted_out',
  'held',
  'promised',
  'moving',
  'released',
  'shared',
  'refunding',
  'refunded',
] as const;

/** Figures that are nothing for every item would only be in the way. */
function useColumns(items: readonly DealItem[]): readonly Column<DealItem>[] {
  const text = useText();
  const language = useLanguage();
  const name: Column<DealItem> = {
    key: 'name',
    title: text('deals.item'),
    head: true,
    cell: (item) => (
      <>
        <ObjectLink id={item.id} text={pickText(item.name, language)} />
        <div className="kc-muted kc-small">
          {pickText(item.payer.name, language)} → {pickText(item.beneficiary.name, language)}
        </div>
      </>
    ),
  };
  const state: Column<DealItem> = {
    key: 'state',
    title: text('money.state'),
    tight: true,
    cell: (item) => (
      <span className="kc-row">
        <StateTag kind="item" state={item.state} />
        {item.frozen ? <StateTag kind="deal" state="frozen" /> : null}
      </span>
    ),
  };
  const used = figures.filter((figure) => items.some((item) => item[figure].amount !== 0n));
  const rest = used.map(
    (figure): Column<DealItem> => ({
      key: figure,
      title: text(`deals.figure.${figure}`),
      end: true,
      cell: (item) =>
        item[figure].amount === 0n ? null : (
          <MoneyText money={item[figure]} strong={figure === 'held'} />
        ),
    }),
  );
  return [name, state, ...rest];
}
