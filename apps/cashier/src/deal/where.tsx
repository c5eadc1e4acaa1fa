import { formatMoney, type Money, MoneyText } from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import { type DealMoney, hasEnded } from './deal-money.ts';

type Place = 'held' | 'moving' | 'released' | 'shared' | 'refunded' | 'missing';

/** The one amount that matters most, and how everything that is owed lies. */
export function Where({ money }: { readonly money: DealMoney }) {
  const { t } = useTranslation();
  const { totals } = money;
  const places = placesOf(money);
  const paidOf = { paid: formatMoney(totals.paid), owed: formatMoney(totals.owed) };
  return (
    <div className="deal-where">
      <div className="deal-held">
        <p>{t('deal.heldNow')}</p>
        <MoneyText money={totals.held} size="display" />
        {totals.held.amount > 0n ? <p>{t('deal.heldBy')}</p> : null}
      </div>
      <div>
        <Bar places={places} />
        <p className="deal-paid">{t('deal.paidOf', paidOf)}</p>
      </div>
      <dl className="deal-places">
        {places.map(({ place, amount }) => (
          <div key={place}>
            <dt>
              <span className={`deal-dot deal-${place}`} />
              {t(`deal.totals.${place}`)}
            </dt>
            <dd>
              <MoneyText money={amount} strong />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

interface Lying {
  readonly place: Place;
  readonly amount: Money;
}

/** Where the money lies, places without any left out. */
function placesOf(money: DealMoney): readonly Lying[] {
  const { totals, items } = money;
  const { currency } = totals.owed;
  const unpaid = items.reduce((sum, item) => sum + item.missing.amount, 0n);
  const missing = hasEnded(money) ? 0n : unpaid;
  const all: readonly Lying[] = [
    { place: 'held', amount: totals.held },
    { place: 'moving', amount: totals.moving },
    { place: 'released', amount: totals.released },
    { place: 'shared', amount: totals.shared },
    { place: 'refunded', amount: totals.refunded },
    { place: 'missing', amount: { amount: missing, currency } },
  ];
  return all.filter(({ amount }) => amount.amount > 0n);
}

/** The shares as a bar. A place that holds anything is seen, however small. */
function Bar({ places }: { readonly places: readonly Lying[] }) {
  const total = places.reduce((sum, { amount }) => sum + amount.amount, 0n);
  if (total === 0n) return null;
  return (
    <div className="deal-bar" aria-hidden="true">
      {places.map(({ place, amount }) => (
        <span
          key={place}
          className={`deal-${place}`}
          style={{ flexGrow: ((amount.amount * 10_000n) / total).toString() }}
        />
      ))}
    </div>
  );
}
