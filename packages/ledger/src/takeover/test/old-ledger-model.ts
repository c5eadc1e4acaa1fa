import type { SteerableClock } from '@keyturn/kernel';
import type { MirrorItem, OldBalance, OldLedger, OldMovement, OldSnapshot } from '../old-ledger.ts';

/** A movement as somebody makes it in the old ledger. */
export interface Made {
  readonly account: string;
  readonly subject: string;
  readonly amount: bigint;
  readonly id?: string;
  readonly voucher?: string;
  readonly order?: string;
  readonly kind?: string;
}

/** The old ledger in memory: balances move at once, rows become visible when the test says so. */
export interface OldLedgerModel extends OldLedger {
  /** Moves the balance, and shows the row at once. */
  move(made: Made): OldMovement;
  /** Moves the balance; the row is shown when the returned function is called, or never. */
  moveUnseen(made: Made): () => void;
  /** Shows a row as it is, without a movement of the balance. */
  show(row: Omit<OldMovement, 'position'>): OldMovement;
  /** Moves the balance and takes a position, at which the row is shown when it is called. */
  moveBehind(made: Made): () => void;
  /** Sets the balance right by a row that is known, as somebody corrects it in place. */
  correct(row: OldMovement, amount: bigint): void;
  balanceOf(account: string): bigint;
  readonly mirrored: readonly MirrorItem[];
  /** Fails the next calls of a kind. */
  fail(call: keyof OldLedger, error: Error, times?: number): void;
}

export function createOldLedgerModel(clock: SteerableClock): OldLedgerModel {
  const balances = new Map<string, OldBalance>();
  const rows: OldMovement[] = [];
  const snapshots = new Map<string, readonly OldBalance[]>();
  const mirrored = new Map<string, { item: MirrorItem; position: bigint }>();
  const failures: { call: keyof OldLedger; error: Error }[] = [];
  let serial = 0;
  let last = 0n;

  function meetFailure(call: keyof OldLedger): void {
    const index = failures.findIndex((one) => one.call === call);
    const [failure] = index < 0 ? [] : failures.splice(index, 1);
    if (failure) throw failure.error;
  }
  function change(account: string, subject: string, by: bigint): void {
    const before = balances.get(account)?.balance ?? 0n;
    balances.set(account, { account, subject, balance: before + by });
  }
  function show(row: Omit<OldMovement, 'position'>): OldMovement {
    last += 1n;
    const shown = { ...row, position: last };
    rows.push(shown);
    return shown;
  }
  function rowOf(made: Made): Omit<OldMovement, 'position'> {
    serial += 1;
    const { account, subject, amount, voucher, order, kind } = made;
    return {
      id: made.id ?? `M${String(serial).padStart(8, '0')}`,
      account,
      subject,
      amount,
      voucher: voucher ?? null,
      order: order ?? null,
      kind: kind ?? 'payment',
      origin: null,
      bookedAt: clock.now(),
    };
  }
  async function mirror(item: MirrorItem): Promise<bigint> {
    const known = mirrored.get(item.id);
    if (known === undefined) {
      let position = 0n;
      for (const [index, one] of item.movements.entries()) {
        change(one.account, one.subject, one.amount);
        const row = {
          ...one,
          id: `${item.id}.${index}`,
          voucher: item.id,
          order: item.order,
          kind: item.kind,
          origin: item.id,
          bookedAt: clock.now(),
        };
        ({ position } = show(row));
      }
      mirrored.set(item.id, { item, position });
    }
    // Fails after the effect: the worst that a line can do.
    meetFailure('mirror');
    return mirrored.get(item.id)?.position ?? 0n;
  }
  return {
    move: (made) => {
      change(made.account, made.subject, made.amount);
      return show(rowOf(made));
    },
    moveUnseen: (made) => {
      change(made.account, made.subject, made.amount);
      const row = rowOf(made);
      return () => void show(row);
    },
    moveBehind: (made) => {
      change(made.account, made.subject, made.amount);
      last += 1n;
      const row = { ...rowOf(made), position: last };
      return () => {
        rows.push(row);
        rows.sort((a, b) => (a.position < b.position ? -1 : 1));
      };
    },
    show,
    correct: ({ account, subject, amount: before, ...row }, amount) => {
      change(account, subject, amount - before);
      show({ ...row, account, subject, amount });
    },
    balanceOf: (account) => balances.get(account)?.balance ?? 0n,
    get mirrored() {
      return [...mirrored.values()].map(({ item }) => item);
    },
    fail: (call, error, times = 1) => {
      for (let left = times; left > 0; left -= 1) failures.push({ call, error });
    },
    readHistory: async ({ through, cursor, limit }) => {
      meetFailure('readHistory');
      const sorted = rows.filter(({ position }) => position <= through).sort(compare);
      const from = cursor === undefined ? 0 : Number.parseInt(cursor, 10);
      const page = sorted.slice(from, from + limit);
      const next = from + page.length < sorted.length ? String(from + page.length) : undefined;
      return { rows: page, next };
    },
    readMovements: async ({ after, limit }) => {
      meetFailure('readMovements');
      return rows.filter(({ position }) => position > after).slice(0, limit);
    },
    takeSnapshot: async (): Promise<OldSnapshot> => {
      meetFailure('takeSnapshot');
      const id = `S${snapshots.size + 1}`;
      const sorted = [...balances.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
      snapshots.set(id, sorted);
      return { id, takenAt: clock.now(), position: rows.at(-1)?.position ?? 0n };
    },
    readBalances: async ({ snapshot, after, limit }) => {
      meetFailure('readBalances');
      const all = snapshots.get(snapshot) ?? [];
      return all.filter(({ account }) => account > after).slice(0, limit);
    },
    mirror,
  };
}

function compare(one: OldMovement, other: OldMovement): number {
  const order = Temporal.Instant.compare(one.bookedAt, other.bookedAt);
  return order !== 0 ? order : one.id < other.id ? -1 : 1;
}
