import { ok } from '@keyturn/kernel';
import type {
  Acquirer,
  AcquirerState,
  Bank,
  BankPaymentState,
  ChannelAnswer,
  ChannelsService,
  Contract,
  RefundState,
} from '../../../banks/channels/index.ts';

type Answer = ChannelAnswer<unknown>;
type Operation = keyof Acquirer | keyof Bank;

/**
 * Channels that say what a test tells them to. Without a script they behave: an acquirer that keeps
 * payments and refunds by their numbers, and a bank that keeps what it was told to pay.
 */
export interface ScriptedChannels {
  readonly channels: ChannelsService;
  /** What the next call of an operation answers; `done` carries it out all the same. */
  script(operation: Operation, answer: Answer, effect?: 'done' | 'nothing'): void;
  /** The payer pays at the acquirer. */
  payerPays(number: string, channelNumber: string, paidAt: Temporal.Instant): void;
  readonly payments: Map<string, AcquirerState & { readonly amount: bigint }>;
  readonly refunds: Map<string, RefundState>;
  readonly payouts: Map<string, BankPaymentState>;
  /** Every call, in its order: `prepay 0199…`. */
  readonly calls: string[];
  /** Runs before a call is answered: what happens meanwhile. */
  meanwhile: ((operation: Operation) => Promise<void>) | undefined;
}

export const contract: Contract = {
  id: 'wx-reserve',
  book: 'kt-pay/reserve/CNY',
  settlesTo: 'reserve-main',
  feeBps: 60,
  secretRef: 'wx',
  state: 'enabled',
  effectiveFrom: Temporal.Instant.from('2026-01-01T00:00:00Z'),
  createdBy: 'maker',
  approvedBy: 'checker',
  version: 1,
  adapter: 'wechat_pay_v3',
  config: {
    base_url: 'http://127.0.0.1:1',
    notify_url: 'http://127.0.0.1:1/v1/notifications/wx-reserve',
    mchid: '1900000001',
    appid: 'wx0000000001',
    certificate_serial: 'AB',
  },
};

const unexpected = (): never => {
  throw new Error('this operation is not part of the test');
};

type Call = <T>(
  operation: Operation,
  number: string,
  behave: () => ChannelAnswer<T>,
) => Promise<ChannelAnswer<T>>;

type Kept = Pick<ScriptedChannels, 'payments' | 'refunds' | 'payouts'>;

export function createScriptedChannels(): ScriptedChannels {
  const payments: ScriptedChannels['payments'] = new Map();
  const refunds: ScriptedChannels['refunds'] = new Map();
  const payouts: ScriptedChannels['payouts'] = new Map();
  const scripts = new Map<Operation, { answer: Answer; effect: 'done' | 'nothing' }[]>();
  const calls: string[] = [];

  async function call<T>(
    operation: Operation,
    number: string,
    behave: () => ChannelAnswer<T>,
  ): Promise<ChannelAnswer<T>> {
    calls.push(`${operation} ${number}`);
    const scripted = scripts.get(operation)?.shift();
    const honest = scripted?.effect === 'nothing' ? undefined : behave();
    await world.meanwhile?.(operation);
    return (scripted?.answer ?? honest) as ChannelAnswer<T>;
  }

  const world: ScriptedChannels = {
    channels: channelsOf(
      createAcquirer(call, { payments, refunds, payouts }),
      createBank(call, { payments, refunds, payouts }),
    ),
    payments,
    refunds,
    payouts,
    calls,
    meanwhile: undefined,
    script: (operation, answer, effect = 'nothing') => {
      scripts.set(operation, [...(scripts.get(operation) ?? []), { answer, effect }]);
    },
    payerPays: (number, channelNumber, paidAt) => {
      const payment = payments.get(number);
      if (payment === undefined) throw new Error(`the acquirer has no payment ${number}`);
      const currency = 'CNY';
      payments.set(number, { ...payment, state: 'succeeded', channelNumber, paidAt, currency });
    },
  };
  return world;
}

function createAcquirer(call: Call, { payments, refunds }: Kept): Acquirer {
  return {
    prepay: (request) =>
      call('prepay', request.number, () => {
        const known = payments.get(request.number);
        if (known === undefined) {
          payments.set(request.number, { state: 'unpaid', amount: request.amount });
        }
        return { outcome: 'ok', value: { codeUrl: `weixin://${request.number}` } };
      }),
    query: ({ number }) =>
      call('query', number, () => ({
        outcome: 'ok',
        value: payments.get(number) ?? { state: 'not_found' },
      })),
    close: ({ number }) =>
      call('close', number, () => {
        const payment = payments.get(number);
        if (payment === undefined) {
          const text = 'no such order';
          return { outcome: 'refused', code: 'ORDER_NOT_EXIST', message: text, nextStep: 'ask' };
        }
        if (payment.state === 'succeeded') return { outcome: 'ok', value: 'already_paid' };
        payments.set(number, { ...payment, state: 'closed' });
        return { outcome: 'ok', value: 'closed' };
      }),
    refund: (request) =>
      call('refund', request.number, () => {
        const known = refunds.get(request.number);
        const begun: RefundState = {
          state: 'processing',
          channelNumber: `r-${request.number}`,
          amount: request.amount,
        };
        if (known === undefined) refunds.set(request.number, begun);
        return { outcome: 'ok', value: known ?? begun };
      }),
    queryRefund: ({ number }) =>
      call('queryRefund', number, () => ({
        outcome: 'ok',
        value: refunds.get(number) ?? { state: 'not_found' },
      })),
    bill: unexpected,
  };
}

function createBank(call: Call, { payouts }: Kept): Bank {
  const virtualAccounts = new Map<string, string>();
  return {
    openVirtualAccount: ({ requestId, account }) =>
      call('openVirtualAccount', requestId, () => {
        const serial = String(virtualAccounts.size + 1).padStart(6, '0');
        const number = virtualAccounts.get(requestId) ?? `${account}${serial}`;
        virtualAccounts.set(requestId, number);
        return { outcome: 'ok', value: { number } };
      }),
    closeVirtualAccount: ({ number }) =>
      call('closeVirtualAccount', number, () => ({
        outcome: 'ok',
        value: { number, state: 'closed' },
      })),
    virtualAccount: unexpected,
    balance: unexpected,
    pay: (request) =>
      call('pay', request.endToEndId, () => {
        const known = payouts.get(request.endToEndId);
        const begun: BankPaymentState = { state: 'accepted' };
        if (known === undefined) payouts.set(request.endToEndId, begun);
        return { outcome: 'ok', value: known ?? begun };
      }),
    paymentStatus: ({ endToEndId }) =>
      call('paymentStatus', endToEndId, () => ({
        outcome: 'ok',
        value: payouts.get(endToEndId) ?? { state: 'not_found' },
      })),
    statement: unexpected,
  };
}

function channelsOf(acquirer: Acquirer, bank: Bank): ChannelsService {
  return {
    acquirer,
    bank,
    contract: async () => ok(contract),
    contracts: async () => [contract],
    proofRule: async () => ok({ notFoundProofAfterMs: 60_000, queriesApartMs: 10_000 }),
    onAcquirerNotification: unexpected,
    onBankNotification: unexpected,
    upsertContract: unexpected,
    health: unexpected,
    receive: unexpected,
    messages: unexpected,
    retryNotifications: unexpected,
    close: async () => undefined,
  };
}
