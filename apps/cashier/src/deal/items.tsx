import {
  Facts,
  formatMoney,
  type Money,
  MoneyText,
  pickText,
  StateTag,
  useLanguage,
} from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import { type DealMoney, hasEnded, type Item } from './deal-money.ts';

/** Each fund item: what is owed, what came, where it is. */
export function Items({ money }: { readonly money: DealMoney }) {
  const ended = hasEnded(money);
  return (
    <ul className="deal-items">
      {money.items.map((item) => (
        <li key={item.id}>
          <ItemCard item={item} ended={ended} />
        </li>
      ))}
    </ul>
  );
}

interface CardProps {
  readonly item: Item;
  readonly ended: boolean;
}

function ItemCard({ item, ended }: CardProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const amounts: readonly (readonly [name: string, money: Money])[] = [
    ...(ended ? [] : [[t('item.missing'), item.missing] as const]),
    [t('item.held'), item.held],
    [t('item.promised'), item.promised],
    [t('item.moving'), item.moving],
    [t('item.released'), item.released],
    [t('item.refunding'), item.refunding],
    [t('item.refunded'), item.refunded],
    [t('item.convertedIn'), item.converted_in],
    [t('item.convertedOut'), item.converted_out],
    [t('item.shared'), item.shared],
  ];
  const facts = [
    { name: t('item.payer'), value: pickText(item.payer.name, language) },
    { name: t('item.beneficiary'), value: pickText(item.beneficiary.name, language) },
    { name: t('item.custody'), value: t(`item.${item.custody}`) },
    ...amounts
      .filter(([, money]) => money.amount > 0n)
      .map(([name, money]) => ({ name, value: <MoneyText money={money} /> })),
  ];
  const paidOf = { paid: formatMoney(item.paid), amount: formatMoney(item.amount) };
  return (
    <>
      <div className="deal-item-head">
        <h3>{pickText(item.name, language)}</h3>
        <StateTag kind="item" state={item.state} />
        {item.frozen ? <StateTag kind="deal" state="frozen" /> : null}
        <MoneyText money={item.amount} strong />
      </div>
      <p className="deal-item-paid">{t('item.paidOf', paidOf)}</p>
      <Facts facts={facts} />
    </>
  );
}
