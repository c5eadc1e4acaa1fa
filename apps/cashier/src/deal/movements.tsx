import { MoneyText, pickText, StateTag, TimeText, useLanguage } from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import type { DealMoney, Leg, Release } from './deal-money.ts';

/** Money that was asked to leave, part by part, and money that somebody still owes. */
export function Movements({ money }: { readonly money: DealMoney }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <ul className="deal-list">
      {money.releases.map((release) => (
        <li key={release.id}>
          <ReleaseLine release={release} />
        </li>
      ))}
      {money.refunds.map((leg) => (
        <li key={`${leg.item.key} ${leg.to.role} ${leg.way} ${leg.at} ${leg.amount.amount}`}>
          <RefundLine leg={leg} />
        </li>
      ))}
      {money.shortfalls.map(({ item, owed_by, amount }) => (
        <li key={`${item.key} ${owed_by.role}`}>
          <div className="deal-list-head">
            <h3>
              {t('movement.shortfall', {
                who: pickText(owed_by.name, language),
                item: pickText(item.name, language),
              })}
            </h3>
            <MoneyText money={amount} strong tone="bad" />
          </div>
        </li>
      ))}
    </ul>
  );
}

function ReleaseLine({ release }: { readonly release: Release }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <>
      <div className="deal-list-head">
        <h3>{pickText(release.name, language)}</h3>
        <StateTag kind="release" state={release.state} />
        <MoneyText money={release.amount} strong />
      </div>
      <p className="deal-list-detail">
        {t('movement.to', { to: pickText(release.to.name, language) })}
      </p>
      <ul className="deal-parts">
        {release.parts.map((leg) => (
          <li key={`${leg.item.key} ${leg.at}`}>
            <span>{pickText(leg.item.name, language)}</span>
            <StateTag kind="leg" state={leg.state} />
            <MoneyText money={leg.amount} />
            <LegDetail leg={leg} />
          </li>
        ))}
      </ul>
    </>
  );
}

function RefundLine({ leg }: { readonly leg: Leg }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const names = { item: pickText(leg.item.name, language), to: pickText(leg.to.name, language) };
  return (
    <>
      <div className="deal-list-head">
        <h3>{t('movement.refund', names)}</h3>
        <StateTag kind="leg" state={leg.state} />
        <MoneyText money={leg.amount} strong />
      </div>
      <LegDetail leg={leg} />
    </>
  );
}

/** By which way, to where, and why not when it did not arrive. */
function LegDetail({ leg }: { readonly leg: Leg }) {
  const { t } = useTranslation();
  return (
    <p className="deal-list-detail">
      {t(`movement.${leg.way}`, { account: leg.account ?? '' })} · <TimeText at={leg.at} />
      {leg.reason === undefined ? null : <> · {leg.reason}</>}
    </p>
  );
}
