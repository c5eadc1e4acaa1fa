import { MoneyText, TimeText } from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import type { Cashier } from './cashier.ts';

/** Each transfer that has arrived for the order; nothing while none has. */
export function Transfers({ cashier }: { readonly cashier: Cashier }) {
  const { t } = useTranslation();
  if (cashier.transfers.length === 0) return null;
  return (
    <section className="pay-transfers" aria-label={t('pay.transfers')}>
      <h3>{t('pay.transfers')}</h3>
      <ol>
        {cashier.transfers.map(({ amount, at }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: transfers only ever come after others
          <li key={index}>
            <TimeText at={at} />
            <MoneyText money={amount} strong />
          </li>
        ))}
      </ol>
    </section>
  );
}
