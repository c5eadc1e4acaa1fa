import {
  Countdown,
  Facts,
  formatMoney,
  MoneyText,
  type ServerClock,
  StateSentence,
  TimeText,
  useLanguage,
  useTimeLeft,
} from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import { type Cashier, wordsOf } from './cashier.ts';
import { Transfers } from './transfers.tsx';

interface HeadProps {
  readonly cashier: Cashier;
  readonly clock: ServerClock;
}

/** What is owed, for what, and how long there is to pay it. */
export function OrderHead({ cashier, clock }: HeadProps) {
  const { t } = useTranslation();
  const part = cashier.paid.amount > 0n;
  const left = useTimeLeft(clock, cashier.expires_at);
  const soon = left !== undefined && left < 5 * 60_000;
  return (
    <section className="pay-head">
      <h1>{wordsOf(cashier, useLanguage()).subject}</h1>
      <p className="pay-head-name">{part ? t('pay.left') : t('pay.due')}</p>
      <MoneyText money={cashier.remaining} size="display" />
      {part ? <Progress cashier={cashier} /> : null}
      <p className={soon ? 'pay-time pay-time-soon' : 'pay-time'}>
        <Countdown clock={clock} until={cashier.expires_at} />
        {soon ? <span>{t('pay.expiring')}</span> : null}
      </p>
    </section>
  );
}

/** How much of the order has come. */
function Progress({ cashier }: { readonly cashier: Cashier }) {
  const { t } = useTranslation();
  const { paid, amount } = cashier;
  // Whole per mille for a bar's width, by integers; what is told in words is the exact amount.
  const share = amount.amount === 0n ? 0n : (paid.amount * 1000n) / amount.amount;
  const text = t('pay.receivedOf', { paid: formatMoney(paid), total: formatMoney(amount) });
  return (
    <div className="pay-progress">
      <div
        className="pay-progress-bar"
        role="progressbar"
        aria-label={t('pay.received')}
        aria-valuemin={0}
        aria-valuemax={1000}
        aria-valuenow={Number.parseInt(share.toString(), 10)}
        aria-valuetext={text}
      >
        <span style={{ width: `calc(${share} * 0.1%)` }} />
      </div>
      <p>{text}</p>
    </div>
  );
}

/** The order's particulars. */
export function OrderFacts({ cashier }: { readonly cashier: Cashier }) {
  const { t } = useTranslation();
  const { description } = wordsOf(cashier, useLanguage());
  const facts = [
    { name: t('pay.total'), value: <MoneyText money={cashier.amount} /> },
    ...(description === '' ? [] : [{ name: t('pay.description'), value: description }]),
    { name: t('pay.number'), value: <span className="pay-number">{cashier.number}</span> },
    { name: t('pay.until'), value: <TimeText at={cashier.expires_at} /> },
  ];
  return (
    <>
      <div className="pay-state">
        <StateSentence kind="order" state={cashier.state} />
      </div>
      <Facts facts={facts} />
      <Transfers cashier={cashier} />
    </>
  );
}
