import { createRandom, type Random } from '@keyturn/testkit';

/** A movement as the sandbox's old ledger takes it. */
export interface Move {
  readonly id: string;
  readonly account: string;
  readonly subject: string;
  readonly amount: number;
  readonly voucher?: string;
  readonly order?: string;
  readonly kind?: string;
  readonly booked_at?: string;
}

/** What a payment company's customers do: top up, pay, be paid, refund; owed and received. */
export interface Business {
  /** So many movements with their times, one a step after the one before. */
  history(count: number, from: Temporal.Instant, stepMs: number): readonly Move[];
  /** So many movements of this moment. */
  now(count: number): readonly Move[];
}

export const wallets = 60;
const merchants = 20;

export function createBusiness(seed: number): Business {
  const random = createRandom(seed);
  const balances = new Map<string, number>();
  let serial = 0;

  function one(): Move {
    serial += 1;
    const id = `R${String(serial).padStart(7, '0')}`;
    const order = `O${String(serial).padStart(7, '0')}`;
    const wallet = `W${String(random.integer(1, wallets)).padStart(3, '0')}`;
    const shop = `K${String(random.integer(1, merchants)).padStart(3, '0')}`;
    const kind = random.integer(1, 10);
    if (kind === 1) return { id, account: 'C001', subject: '1122', amount: -amountOf(random) };
    const [account, subject] = kind <= 4 ? [shop, '2202'] : [wallet, '2201'];
    const before = balances.get(account) ?? 0;
    const amount = amountOf(random);
    const takes = random.integer(1, 3) === 1 && before >= amount;
    const signed = takes ? -amount : amount;
    balances.set(account, before + signed);
    return { id, account, subject, amount: signed, order, kind: takes ? 'spend' : 'payment' };
  }

  return {
    now: (count) => Array.from({ length: count }, one),
    history: (count, from, stepMs) =>
      Array.from({ length: count }, (_, index) => {
        const at = from.add({ milliseconds: index * stepMs });
        return { ...one(), booked_at: at.toString() };
      }),
  };
}

function amountOf(random: Random): number {
  return random.integer(1, 500_000);
}
