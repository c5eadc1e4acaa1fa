import { formatInstant, pickText, StateTag, useLanguage } from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import type { DealMoney } from './deal-money.ts';

/** What has to be shown before money moves, and what has been. */
export function Conditions(props: { readonly conditions: DealMoney['conditions'] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <ul className="deal-list">
      {props.conditions.map((condition) => {
        const { fulfilled_at: at, reference } = condition;
        const details = [
          t('condition.by', { role: pickText(condition.by.name, language) }),
          at === undefined ? '' : t('condition.fulfilledAt', { time: formatInstant(at, language) }),
          reference === undefined ? '' : t('condition.reference', { reference }),
        ].filter((text) => text !== '');
        return (
          <li key={condition.key}>
            <div className="deal-list-head">
              <h3>{pickText(condition.name, language)}</h3>
              <StateTag kind="condition" state={condition.fulfilled ? 'fulfilled' : 'open'} />
            </div>
            <p className="deal-list-detail">{details.join(' · ')}</p>
          </li>
        );
      })}
    </ul>
  );
}
