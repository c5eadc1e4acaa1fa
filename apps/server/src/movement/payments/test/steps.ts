import { decodeId, present } from '@keyturn/kernel';
import type { AttemptView, OrderView } from '../views.ts';
import { book, integrator, type MovementWorld, merchantId } from './world.ts';

/** What the flow tests do again and again, in the words of the API. */
export interface Steps {
  makeOrder(
    change?: Partial<Parameters<MovementWorld['payments']['createOrder']>[2]>,
  ): Promise<{ id: string; view: OrderView }>;
  begin(orderId: string, method?: 'wechat_native' | 'bank_transfer'): Promise<AttemptView>;
  /** The acquirer tells of a success of 1,000.00 yuan. */
  notify(number: string, channelNumber: string, notificationId?: string): Promise<void>;
  /** Begins an attempt that is paid. */
  paid(orderId: string, channelNumber?: string): Promise<AttemptView>;
  order(id: string): Promise<OrderView>;
}

export const merchant = { code: 2002, owner: merchantId } as const;
export const destination = { book, ...merchant } as const;
export const receivable = { code: 1101, owner: 'wx-reserve' } as const;
export const channelSuspense = { code: 2301, owner: 'wx-reserve' } as const;
export const refundTransit = { code: 2202, owner: 'wx-reserve' } as const;
export const bankSuspense = { code: 2301, owner: 'reserve-main' } as const;

let serial = 0;

/** A key that was never used. */
export function key(): string {
  serial += 1;
  return `test:${serial}`;
}

/** The value of an outcome; a refusal fails the test with what it said. */
export function value<T>(
  outcome: { readonly ok: boolean } & ({ value: T } | { error: unknown }),
): T {
  if ('value' in outcome) return outcome.value;
  throw new Error(JSON.stringify(outcome.error));
}

export function uuid(prefix: string, id: string): string {
  return present(decodeId(prefix, id), 'a uuid');
}

export function stepsIn(world: MovementWorld): Steps {
  const begin: Steps['begin'] = async (orderId, method = 'wechat_native') =>
    value(await world.payments.pay(key(), orderId, { method }));
  const notify: Steps['notify'] = (number, channelNumber, id = `n-${channelNumber}`) =>
    world.payments.onAcquirerNotification({
      contractId: 'wx-reserve',
      notificationId: id,
      kind: 'payment',
      number,
      state: {
        state: 'succeeded',
        channelNumber,
        amount: 100_000n,
        currency: 'CNY',
        paidAt: world.platform.clock.now(),
      },
    });
  return {
    begin,
    notify,
    makeOrder: async (change = {}) => {
      const view = value(
        await world.payments.createOrder(key(), integrator, {
          amount: { amount: 100_000n, currency: 'CNY' },
          purpose: 'deposit',
          subject: 'Deposit',
          destination: { kind: 'merchant', id: merchantId },
          methods: ['wechat_native', 'bank_transfer'],
          ...change,
        }),
      );
      return { id: uuid('ord', view.id), view };
    },
    paid: async (orderId, channelNumber = '4200') => {
      const attempt = await begin(orderId);
      const now = world.platform.clock.now();
      world.scripted.payerPays(attempt.number, channelNumber, now);
      await notify(attempt.number, channelNumber);
      return attempt;
    },
    order: async (id) => value(await world.payments.order(id)),
  };
}
