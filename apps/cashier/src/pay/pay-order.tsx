import { Card, type ServerClock, useTimeLeft } from '@keyturn/ui';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BankTransfer } from './bank-transfer.tsx';
import type { Cashier, Method } from './cashier.ts';
import { MethodChoice } from './method-choice.tsx';
import { OrderFacts, OrderHead } from './order-head.tsx';
import { attemptBy, openAttempts, type Phase, phaseOf, type Wish } from './phase.ts';
import { Ending, Waiting } from './result.tsx';
import type { Pay } from './use-cashier.ts';
import { WechatCode } from './wechat-code.tsx';
import { WechatPhone } from './wechat-phone.tsx';

export interface PayOrderProps {
  readonly cashier: Cashier;
  readonly clock: ServerClock;
  readonly pay: Pay;
  readonly checking: boolean;
  readonly check: () => Promise<void>;
}

const ends = ['paid', 'refunded', 'expired', 'canceled', 'closing'] as const;

function isEnd(phase: Phase): phase is Extract<Phase, { readonly kind: (typeof ends)[number] }> {
  return ends.some((kind) => kind === phase.kind);
}

/** An order that is there: its amount, what to do about it, how it ended. */
export function PayOrder({ cashier, clock, pay, checking, check }: PayOrderProps) {
  const { t } = useTranslation();
  const [wish, setWish] = useState<Wish>(undefined);
  const phase = phaseOf(cashier, wish);
  useCheckAtTheEnd(clock, cashier, check);
  const choose = () => {
    pay.reset();
    setWish('choose');
  };
  const begin = (method: Method) => {
    if (attemptBy(cashier, method) === undefined) {
      pay.mutate(method, { onSuccess: () => setWish(method) });
    } else {
      pay.reset();
      setWish(method);
    }
  };
  const back = openAttempts(cashier).length > 0 && wish === 'choose';
  return (
    <>
      <p className="kt-hidden" role="status" aria-live="polite">
        {t(`announce.${phase.kind}`)}
      </p>
      {isEnd(phase) ? (
        <Card>
          <Ending cashier={cashier} phase={phase} />
        </Card>
      ) : (
        <>
          <OrderHead cashier={cashier} clock={clock} />
          <Card>
            <Step
              {...{ phase, cashier, pay, begin, choose, checking, check }}
              back={back ? () => setWish(undefined) : undefined}
            />
          </Card>
          <Card title={t('pay.details')}>
            <OrderFacts cashier={cashier} />
          </Card>
        </>
      )}
    </>
  );
}

/** When the time is over, the platform is asked at once how the order ended. */
function useCheckAtTheEnd(clock: ServerClock, cashier: Cashier, check: () => Promise<void>): void {
  const left = useTimeLeft(clock, cashier.expires_at);
  const over = left !== undefined && left <= 0;
  const latest = useRef(check);
  latest.current = check;
  useEffect(() => {
    if (over) void latest.current();
  }, [over]);
}

interface StepProps extends Omit<PayOrderProps, 'clock'> {
  readonly phase: Phase;
  readonly begin: (method: Method) => void;
  readonly choose: () => void;
  readonly back: (() => void) | undefined;
}

function Step({ phase, cashier, pay, begin, choose, back, checking, check }: StepProps) {
  const others = cashier.methods.length > 1 ? choose : undefined;
  const common = { another: others, checking, check };
  switch (phase.kind) {
    case 'choose':
      return <MethodChoice {...{ cashier, pay, begin, back }} after={phase.after} />;
    case 'code':
      return <WechatCode {...common} amount={phase.attempt.amount} codeUrl={phase.codeUrl} />;
    case 'h5':
      return <WechatPhone {...common} amount={phase.attempt.amount} h5Url={phase.h5Url} />;
    case 'bank':
      return (
        <BankTransfer
          {...common}
          transfer={phase.attempt.bank_transfer}
          part={cashier.paid.amount > 0n}
        />
      );
    case 'preparing':
      return <Waiting kind="preparing" another={undefined} />;
    default:
      return <Waiting kind="processing" another={others} />;
  }
}
