import {
  Facts,
  formatMoney,
  MoneyText,
  Notice,
  StatusArt,
  TimeText,
  type Tone,
  useLanguage,
} from '@keyturn/ui';
import { Link, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { dealOfPayment } from '../deal-of-payment.ts';
import { type Cashier, wordsOf } from './cashier.ts';
import type { Phase } from './phase.ts';
import { Transfers } from './transfers.tsx';

interface EndingProps {
  readonly cashier: Cashier;
  readonly phase: Extract<
    Phase,
    { readonly kind: 'paid' | 'refunded' | 'expired' | 'canceled' | 'closing' }
  >;
}

const tones: Readonly<Record<EndingProps['phase']['kind'], Tone>> = {
  paid: 'good',
  refunded: 'good',
  expired: 'neutral',
  canceled: 'neutral',
  closing: 'progress',
};

/** How the order ended, in a sign, a word and a sentence, and what it means for the money. */
export function Ending({ cashier, phase }: EndingProps) {
  const { t } = useTranslation();
  const heading = useFocus();
  const { token } = useParams({ from: '/pay/$token' });
  const deal = dealOfPayment(token);
  const { kind } = phase;
  const closed = kind === 'expired' || kind === 'canceled';
  const kept = closed && cashier.paid.amount > 0n;
  const money = kind === 'paid' || kind === 'refunded' ? cashier.paid : cashier.amount;
  return (
    <div className="pay-step pay-step-center pay-end">
      <StatusArt kind={tones[kind]} />
      <h1 ref={heading} tabIndex={-1}>
        {t(`result.${kind}Title`)}
      </h1>
      <MoneyText money={money} size="display" tone={closed ? 'muted' : 'plain'} />
      <p className="pay-advice">
        {kept ? t('result.keptPart', { amount: formatMoney(cashier.paid) }) : t(`result.${kind}`)}
      </p>
      {kind === 'paid' && cashier.refunded.amount > 0n ? (
        <Notice tone="attention">
          {t('result.partlyRefunded', { amount: formatMoney(cashier.refunded) })}
        </Notice>
      ) : null}
      {closed ? <Notice tone="neutral">{t('result.late')}</Notice> : null}
      <div className="pay-end-facts">
        <Facts facts={useEndFacts(cashier, phase)} />
        <Transfers cashier={cashier} />
      </div>
      {kind === 'closing' ? null : deal === undefined ? (
        <p className="pay-advice">{t('result.close')}</p>
      ) : (
        <Link to="/deal/$token" params={{ token: deal }}>
          {t('result.toDeal')}
        </Link>
      )}
    </div>
  );
}

function useEndFacts(cashier: Cashier, phase: EndingProps['phase']) {
  const { t } = useTranslation();
  const language = useLanguage();
  const attempt = phase.kind === 'paid' ? phase.attempt : undefined;
  const at = attempt?.paid_at;
  const { amount, refunded, paid, transfers } = cashier;
  const method =
    attempt?.method ??
    (phase.kind === 'paid' && transfers.length > 0 ? 'bank_transfer' : undefined);
  const part = paid.amount > 0n && paid.amount < amount.amount;
  return [
    { name: t('pay.subject'), value: wordsOf(cashier, language).subject },
    ...(method === undefined
      ? []
      : [{ name: t('result.method'), value: t(`method.${method}.name`) }]),
    ...(at === undefined ? [] : [{ name: t('result.paidAt'), value: <TimeText at={at} /> }]),
    ...(part ? [{ name: t('pay.paid'), value: <MoneyText money={paid} /> }] : []),
    ...(refunded.amount > 0n
      ? [{ name: t('result.refundedAmount'), value: <MoneyText money={refunded} /> }]
      : []),
    { name: t('pay.number'), value: <span className="pay-number">{cashier.number}</span> },
  ];
}

interface WaitingProps {
  readonly kind: 'preparing' | 'processing';
  readonly another: (() => void) | undefined;
}

/** Nothing to do but wait; the page goes on by itself. */
export function Waiting({ kind, another }: WaitingProps) {
  const { t } = useTranslation();
  return (
    <div className="pay-step pay-step-center">
      <StatusArt kind="progress" />
      <h2>{t(`result.${kind}Title`)}</h2>
      <p className="pay-advice">{t(`result.${kind}`)}</p>
      <div className="pay-wave" aria-hidden="true" />
      {another === undefined ? null : (
        <Button block type="text" size="large" onClick={another}>
          {t('pay.another')}
        </Button>
      )}
    </div>
  );
}

/** Moves the focus to what has just appeared, so that it is read next. */
function useFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return heading;
}
