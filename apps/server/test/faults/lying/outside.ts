import { type Answer, call } from '../../../src/main/demo/client.ts';
import { custodyAccounts } from '../../../src/main/start/world.ts';

/** One lie at one point of the sandbox; what it can be stands in the sandbox's README. */
export interface Lie {
  readonly point: string;
  readonly kind: string;
  readonly match?: Readonly<Record<string, string>>;
  /** How often; null until the truth is spoken again. */
  readonly times: number | null;
  readonly [parameter: string]: unknown;
}

/** A payment as the bank really has it. */
export interface TruePayment {
  readonly state: string;
  readonly returned: boolean;
}

/** What really happened outside, and the strings by which the outside is made to lie. */
export interface Outside {
  /** @returns what takes the lie back */
  lie(lie: Lie): Promise<() => Promise<void>>;
  /** No lie is left, nothing hangs that a clerk can end, and false statements are withdrawn. */
  speakTheTruth(days: readonly string[]): Promise<void>;
  /** Does nothing when the acquirer does not know of it, or the payer was quicker. */
  payerPays(number: string): Promise<void>;
  /** Undefined when the bank never got it. */
  payment(number: string): Promise<TruePayment | undefined>;
  /** The bank's own debits by end-to-end id: how often each payment was made. */
  debits(): Promise<ReadonlyMap<string, number>>;
  /** Fen, by the number of the account. */
  balances(): Promise<ReadonlyMap<string, bigint>>;
  /** What payers paid at the acquirers, by out_trade_no. */
  paid(): Promise<ReadonlySet<string>>;
  refunds(): Promise<readonly TrueRefund[]>;
  /** Notifications that wait for a moment that has come. */
  notificationsDue(nowMs: number): Promise<number>;
}

export interface TrueRefund {
  readonly number: string;
  readonly paymentNumber: string;
  readonly status: string;
  readonly amount: number;
}

const merchants = ['1900000301', '1900000201'];
const accounts = custodyAccounts.map(({ number }) => number);

export function createOutside(admin: string): Outside {
  async function ask(path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', body?: unknown) {
    const answer = await call(`${admin}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    // Not there, or done already: who asks knows what that means.
    if (answer.status >= 400 && answer.status !== 404 && answer.status !== 409) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  async function list(what: 'transactions' | 'refunds'): Promise<readonly Answer[]> {
    const pages = merchants.map((mchid) => ask(`/acquirer/${what}?mchid=${mchid}&limit=1000`));
    return (await Promise.all(pages)).flatMap(({ body }) => body[what]);
  }

  async function correctStatement(account: string, day: string): Promise<void> {
    const { status, body } = await ask(`/bank/statements/${account}/${day}`);
    if (status === 200 && body.fault !== null) {
      await ask(`/bank/statements/${account}/${day}`, 'DELETE');
    }
  }

  return {
    lie: async (lie) => {
      const { body } = await ask('/faults', 'POST', lie);
      return async () => {
        await ask(`/faults/${body.id}`, 'DELETE');
      };
    },
    speakTheTruth: async (days) => {
      await ask('/faults', 'DELETE');
      for (const mchid of merchants) {
        const { body } = await ask(`/acquirer/refunds?mchid=${mchid}&limit=1000`);
        const stuck = body.refunds.filter(
          ({ status }: Answer) => status === 'PROCESSING' || status === 'ABNORMAL',
        );
        for (const { out_refund_no } of stuck) {
          const path = `/acquirer/refunds/${mchid}/${out_refund_no}/resolve`;
          await ask(path, 'POST', { outcome: 'SUCCESS' });
        }
      }
      for (const account of accounts) {
        for (const day of days) await correctStatement(account, day);
      }
    },
    payerPays: async (number) => {
      await ask(`/payer/${encodeURIComponent(number)}/pay`, 'POST', {});
    },
    payment: async (number) => {
      const { status, body } = await ask(`/bank/payments/${number}`);
      if (status === 404) return undefined;
      return { state: body.state, returned: body.return_reference !== null };
    },
    debits: async () => {
      const made = new Map<string, number>();
      for (const account of accounts) {
        const { body } = await ask(`/bank/accounts/${account}/entries?limit=1000`);
        for (const { kind, end_to_end_id } of body.entries) {
          if (kind === 'payment') made.set(end_to_end_id, (made.get(end_to_end_id) ?? 0) + 1);
        }
      }
      return made;
    },
    balances: async () => {
      const read = accounts.map(async (account) => {
        const { body } = await ask(`/bank/accounts/${account}`);
        return [account, BigInt(body.booked)] as const;
      });
      return new Map(await Promise.all(read));
    },
    paid: async () => {
      const all = await list('transactions');
      const done = all.filter((one) => ['SUCCESS', 'REFUND'].includes(one.trade_state));
      return new Set(done.map((one) => String(one.out_trade_no)));
    },
    refunds: async () =>
      (await list('refunds')).map((one) => ({
        number: one.out_refund_no,
        paymentNumber: one.out_trade_no,
        status: one.status,
        amount: one.amount.refund,
      })),
    notificationsDue: async (nowMs) => {
      const { body } = await ask('/deliveries?state=pending');
      return body.deliveries.filter(({ due_ms }: Answer) => due_ms <= nowMs).length;
    },
  };
}
