import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { count, exact, fen } from '../bank/rows.ts';
import type { WorldClock } from '../core/clock.ts';
import type { Due } from '../core/due.ts';
import type { Fault, Faults } from '../core/faults.ts';
import { Refusal } from '../core/refusal.ts';
import { optionalText, type Row, text } from '../core/store.ts';

/** A row of the list of movements. Amounts in fen, with the sign of the account's balance. */
export interface Movement {
  id: string;
  account: string;
  subject: string;
  amount: bigint;
  voucher: string | undefined;
  order: string | undefined;
  kind: string;
  /** The id under which somebody else mirrored it. */
  origin: string | undefined;
  bookedMs: number;
}

export interface SeenMovement extends Movement {
  /** The order in which rows became visible. */
  position: bigint;
}

export interface Balance {
  account: string;
  subject: string;
  balance: bigint;
}

/** The old account system: balances first, rows as they come. */
export interface OldBooks {
  /** Moves the balance; the row is shown unless a fault has it otherwise. */
  move(movement: Movement): void;
  /** Writes rows that another ledger leads, once per id; the position of the last one. */
  mirror(id: string, content: string, movements: readonly Movement[]): bigint;
  /** Corrects the amount of a row in place: balance, and the row again with another amount. */
  correct(id: string, amount: bigint): void;
  after(position: bigint, limit: number): SeenMovement[];
  history(page: {
    through: bigint;
    after: HistoryPlace | undefined;
    limit: number;
  }): SeenMovement[];
  takeSnapshot(): { id: string; takenMs: number; position: bigint };
  snapshotBalances(snapshot: string, after: string, limit: number): Balance[];
  balances(after: string, limit: number): Balance[];
  hidden(limit: number): { number: number; id: string; account: string }[];
  /** Shows rows that were held back; all of them without a list. */
  release(ids: readonly string[] | undefined): number;
}

/** Where a page of the history ended. */
export interface HistoryPlace {
  bookedMs: number;
  id: string;
  position: bigint;
}

const keptSnapshots = 100;
const lateRow = 'old_ledger.late_row';

function parseMovement(row: Row): SeenMovement {
  return {
    position: fen(row, 'position'),
    id: text(row, 'id'),
    account: text(row, 'account'),
    subject: text(row, 'subject'),
    amount: fen(row, 'amount'),
    voucher: optionalText(row, 'voucher'),
    order: optionalText(row, 'order_no'),
    kind: text(row, 'kind'),
    origin: optionalText(row, 'origin'),
    bookedMs: count(row, 'booked_ms'),
  };
}

function parseBalance(row: Row): Balance {
  return {
    account: text(row, 'account'),
    subject: text(row, 'subject'),
    balance: fen(row, 'balance'),
  };
}

function writeRow({ amount, ...rest }: Movement): string {
  return JSON.stringify({ ...rest, amount: amount.toString() });
}

/** What was written by `writeRow`, which alone writes hidden rows. */
function readRow(json: string): Movement {
  const row = JSON.parse(json);
  return { ...row, amount: BigInt(row.amount) };
}

function prepare(store: DatabaseSync) {
  return {
    account: exact(store, 'select * from old_account where account = ?'),
    open: store.prepare('insert into old_account (account, subject, balance) values (?, ?, 0)'),
    change: store.prepare('update old_account set balance = balance + ? where account = ?'),
    show: exact(
      store,
      `insert into old_movement (id, account, subject, amount, voucher, order_no, kind, origin,
        booked_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning position`,
    ),
    byId: exact(store, 'select * from old_movement where id = ? order by position desc limit 1'),
    after: exact(store, 'select * from old_movement where position > ? order by position limit ?'),
    history: exact(
      store,
      `select * from old_movement where (booked_ms, id, position) > (?, ?, ?) and position <= ?
        order by booked_ms, id, position limit ?`,
    ),
    last: exact(store, 'select coalesce(max(position), 0) as position from old_movement'),
    hide: store.prepare('insert into old_hidden (id, account, row) values (?, ?, ?)'),
    hidden: store.prepare('select * from old_hidden order by number limit ?'),
    hiddenOne: store.prepare('select * from old_hidden where number = ?'),
    reveal: store.prepare('delete from old_hidden where number = ?'),
    mirrored: exact(store, 'select * from old_mirrored where id = ?'),
    mirror: store.prepare('insert into old_mirrored (id, content, position) values (?, ?, ?)'),
  };
}

function prepareBalances(store: DatabaseSync) {
  return {
    all: exact(store, 'select * from old_account where account > ? order by account limit ?'),
    snapshot: store.prepare('insert into old_snapshot (id, taken_ms, position) values (?, ?, ?)'),
    copy: store.prepare(`insert into old_snapshot_balance (snapshot, account, subject, balance)
      select ?, account, subject, balance from old_account`),
    forget: store.prepare(`delete from old_snapshot where id in (select id from old_snapshot
      order by taken_ms desc, rowid desc limit -1 offset ${keptSnapshots})`),
    known: store.prepare('select 1 from old_snapshot where id = ?'),
    page: exact(
      store,
      `select * from old_snapshot_balance where snapshot = ? and account > ?
        order by account limit ?`,
    ),
  };
}

export function openOldBooks(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  due: Due;
  faults: Faults;
}): OldBooks {
  const { store, clock, due, faults } = deps;
  const rows = prepare(store);

  function change(account: string, subject: string, by: bigint): void {
    const found = rows.account.get(account);
    if (found === undefined) rows.open.run(account, subject);
    else if (text(found, 'subject') !== subject) {
      throw new Refusal(
        409,
        `account ${account} is of subject ${text(found, 'subject')}, not ${subject}: correct it`,
      );
    }
    rows.change.run(by, account);
  }

  function show(one: Movement): bigint {
    const { id, account, subject, amount, voucher, order, kind, origin, bookedMs } = one;
    const names = [voucher ?? null, order ?? null, kind, origin ?? null];
    const row = rows.show.get(id, account, subject, amount, ...names, bookedMs);
    return fen(row ?? {}, 'position');
  }

  function hide(one: Movement): number {
    return Number(rows.hide.run(one.id, one.account, writeRow(one)).lastInsertRowid);
  }

  function reveal(number: number): void {
    const row = rows.hiddenOne.get(number);
    // Somebody released it before its time.
    if (row === undefined) return;
    rows.reveal.run(number);
    show(readRow(text(row, 'row')));
  }

  due.handle(lateRow, ({ number }) => reveal(Number.parseInt(number ?? '', 10)));

  return {
    move: (one) => {
      if (rows.byId.get(one.id) !== undefined) {
        throw new Refusal(409, `there is a movement ${one.id} already: take another id`);
      }
      change(one.account, one.subject, one.amount);
      showWith(takeRowFault(faults, one), one, { show, hide, due, clock });
    },
    mirror: (id, content, movements) => {
      const before = rows.mirrored.get(id);
      if (before !== undefined) {
        if (text(before, 'content') === content) return fen(before, 'position');
        throw new Refusal(409, `${id} was mirrored with another content: take another id`);
      }
      let position = 0n;
      for (const one of movements) {
        change(one.account, one.subject, one.amount);
        position = show(one);
      }
      rows.mirror.run(id, content, position);
      return position;
    },
    correct: (id, amount) => {
      const row = rows.byId.get(id);
      if (row === undefined) throw new Refusal(404, `there is no visible movement ${id}`);
      const before = parseMovement(row);
      change(before.account, before.subject, amount - before.amount);
      show({ ...before, amount });
    },
    after: (position, limit) => rows.after.all(position, limit).map(parseMovement),
    history: ({ through, after, limit }) =>
      rows.history
        .all(after?.bookedMs ?? -1, after?.id ?? '', after?.position ?? 0n, through, limit)
        .map(parseMovement),
    hidden: (limit) =>
      rows.hidden.all(limit).map((row) => ({
        number: Number(row['number']),
        id: text(row, 'id'),
        account: text(row, 'account'),
      })),
    release: (ids) => {
      const all = rows.hidden.all(-1);
      const chosen = all.filter((row) => ids === undefined || ids.includes(text(row, 'id')));
      for (const row of chosen) reveal(Number(row['number']));
      return chosen.length;
    },
    ...openBalances(store, clock, () => fen(rows.last.get() ?? {}, 'position')),
  };
}

function openBalances(store: DatabaseSync, clock: WorldClock, lastPosition: () => bigint) {
  const balances = prepareBalances(store);
  return {
    takeSnapshot: () => {
      const id = randomUUID();
      const takenMs = clock.nowMs();
      const position = lastPosition();
      balances.snapshot.run(id, takenMs, position);
      balances.copy.run(id);
      balances.forget.run();
      return { id, takenMs, position };
    },
    snapshotBalances: (snapshot: string, after: string, limit: number) => {
      if (balances.known.get(snapshot) === undefined) {
        throw new Refusal(404, `there is no snapshot ${snapshot} any more: take a new one`);
      }
      return balances.page.all(snapshot, after, limit).map(parseBalance);
    },
    balances: (after: string, limit: number) => balances.all.all(after, limit).map(parseBalance),
  };
}

function takeRowFault(faults: Faults, one: Movement): Fault | undefined {
  return faults.take('old_ledger.row', {
    id: one.id,
    account: one.account,
    subject: one.subject,
    kind: one.kind,
    ...(one.order === undefined ? {} : { order: one.order }),
    ...(one.voucher === undefined ? {} : { voucher: one.voucher }),
  });
}

/** What the list says of a movement whose balance has moved. */
function showWith(
  fault: Fault | undefined,
  one: Movement,
  way: {
    show: (one: Movement) => bigint;
    hide: (one: Movement) => number;
    due: Due;
    clock: WorldClock;
  },
): void {
  switch (fault?.kind) {
    case 'late': {
      const number = way.hide(one);
      const after = Temporal.Duration.from(String(fault['after']));
      const dueAt = way.clock.now().toZonedDateTimeISO('UTC').add(after).toInstant();
      way.due.schedule(lateRow, dueAt, { number: String(number) });
      return;
    }
    case 'missing':
      way.hide(one);
      return;
    case 'repeat':
      way.show(one);
      way.show(one);
      return;
    case 'duplicate':
      way.show(one);
      way.show({ ...one, id: `${one.id}-2` });
      return;
    case 'wrong_amount':
      way.show({ ...one, amount: one.amount + BigInt(Number(fault['by'])) });
      return;
    case 'wrong_sign':
      way.show({ ...one, amount: -one.amount });
      return;
    default:
      way.show(one);
  }
}
