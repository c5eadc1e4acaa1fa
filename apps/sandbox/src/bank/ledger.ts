import type { DatabaseSync } from 'node:sqlite';
import { worldDate } from '../core/clock.ts';
import { optionalText, type Row, text, transact } from '../core/store.ts';
import type { Accounts } from './accounts.ts';
import { count, exact, fen } from './rows.ts';

export type EntryKind = 'opening' | 'incoming' | 'payment' | 'return';

/** What an entry is about; the other side of the money and how it was called. */
export interface EntryDraft {
  account: string;
  virtualAccount: string | undefined;
  kind: EntryKind;
  /** Fen; credits are positive, debits negative. */
  amount: bigint;
  endToEndId: string | undefined;
  /** The client's own names, when a payment of the client's caused the entry. */
  messageId: string | undefined;
  paymentInformationId: string | undefined;
  instructionId: string | undefined;
  debtorName: string;
  debtorAccount: string;
  creditorName: string;
  creditorAccount: string;
  /** CNAPS code of the payee's bank. */
  creditorAgent: string | undefined;
  remittance: string;
  /** Why the payee's bank sent the money back: a code of ExternalReturnReason1Code. */
  returnReason: string | undefined;
  /** The bank reference of the payment that comes back. */
  originalReference: string | undefined;
}

/** One booking on an account. */
export interface Entry extends EntryDraft {
  seq: number;
  /** The bank's own reference, unique for ever. */
  bankReference: string;
  /** Fen on the account after this entry. */
  balanceAfter: bigint;
  bookedMs: number;
  /** `YYYY-MM-DD` in the world's zone; the value date is the same day. */
  bookedOn: string;
}

function parseEntry(row: Row): Entry {
  const kind = (['opening', 'incoming', 'payment', 'return'] as const).find(
    (each) => each === row['kind'],
  );
  if (kind === undefined) throw new Error(`entry kind ${String(row['kind'])} is unknown`);
  return {
    seq: count(row, 'seq'),
    bankReference: text(row, 'bank_reference'),
    account: text(row, 'account'),
    virtualAccount: optionalText(row, 'virtual_account'),
    kind,
    amount: fen(row, 'amount'),
    balanceAfter: fen(row, 'balance_after'),
    bookedMs: count(row, 'booked_ms'),
    bookedOn: text(row, 'booked_on'),
    endToEndId: optionalText(row, 'end_to_end_id'),
    messageId: optionalText(row, 'message_id'),
    paymentInformationId: optionalText(row, 'payment_information_id'),
    instructionId: optionalText(row, 'instruction_id'),
    debtorName: text(row, 'debtor_name'),
    debtorAccount: text(row, 'debtor_account'),
    creditorName: text(row, 'creditor_name'),
    creditorAccount: text(row, 'creditor_account'),
    creditorAgent: optionalText(row, 'creditor_agent'),
    remittance: text(row, 'remittance'),
    returnReason: optionalText(row, 'return_reason'),
    originalReference: optionalText(row, 'original_reference'),
  };
}

export interface DayTotals {
  count: number;
  credits: bigint;
  debits: bigint;
}

export interface Ledger {
  /**
   * Books one entry at `at`, or as soon after it as the account's order of entries allows, and
   * tells the listeners, all in one transaction. `releaseHold` gives back what was held for it.
   */
  book(draft: EntryDraft, at: Temporal.Instant, releaseHold?: boolean): Entry;
  onBooked(listener: (entry: Entry) => void): void;
  entriesOf(account: string, day: string): Entry[];
  /** Up to `limit` entries after the sequence number `after`, of one day or of all. */
  page(account: string, day: string | undefined, after: number, limit: number): Entry[];
  totals(account: string, day: string | undefined): DayTotals;
  /** Fen on the account at 00:00 of that day. */
  balanceBefore(account: string, day: string): bigint;
}

const columns = `bank_reference, account, virtual_account, kind, amount, balance_after, booked_ms,
  booked_on, end_to_end_id, message_id, payment_information_id, instruction_id, debtor_name,
  debtor_account, creditor_name, creditor_account, creditor_agent, remittance, return_reason,
  original_reference`;

function prepare(store: DatabaseSync) {
  const sums = `count(*) as n, coalesce(sum(max(amount, 0)), 0) as credits,
    coalesce(sum(max(-amount, 0)), 0) as debits from bank_entry where account = ?`;
  return {
    insert: store.prepare(`insert into bank_entry (${columns})
      values (${new Array(20).fill('?').join(', ')})`),
    nextSeq: exact(store, 'select coalesce(max(seq), 0) + 1 as seq from bank_entry'),
    day: exact(store, 'select * from bank_entry where account = ? and booked_on = ? order by seq'),
    pageOfDay: exact(
      store,
      `select * from bank_entry where account = ? and booked_on = ? and seq > ?
       order by seq limit ?`,
    ),
    page: exact(
      store,
      `select * from bank_entry where account = ? and seq > ? order by seq limit ?`,
    ),
    totals: exact(store, `select ${sums}`),
    totalsOfDay: exact(store, `select ${sums} and booked_on = ?`),
    before: exact(
      store,
      `select balance_after from bank_entry where account = ? and booked_on < ?
       order by booked_on desc, seq desc limit 1`,
    ),
  };
}

export function openLedger(store: DatabaseSync, accounts: Accounts): Ledger {
  const sql = prepare(store);
  const listeners: ((entry: Entry) => void)[] = [];

  function post(draft: EntryDraft, at: Temporal.Instant, releaseHold: boolean): Entry {
    accounts.move(
      draft.account,
      draft.amount,
      releaseHold ? draft.amount : 0n,
      draft.virtualAccount,
    );
    const account = accounts.find(draft.account);
    if (account === undefined) throw new Error(`account ${draft.account} does not exist`);
    const bookedMs = Math.max(at.epochMilliseconds, account.notBeforeMs);
    accounts.notBefore(draft.account, bookedMs);
    const bookedOn = worldDate(Temporal.Instant.fromEpochMilliseconds(bookedMs)).toString();
    const seq = count(sql.nextSeq.get() ?? {}, 'seq');
    const bankReference = `SEB${bookedOn.replaceAll('-', '')}${String(seq).padStart(10, '0')}`;
    const balanceAfter = account.balance;
    // biome-ignore format: in the order of `columns`
    sql.insert.run(bankReference, draft.account, draft.virtualAccount ?? null, draft.kind,
      draft.amount, balanceAfter, bookedMs, bookedOn, draft.endToEndId ?? null,
      draft.messageId ?? null, draft.paymentInformationId ?? null, draft.instructionId ?? null,
      draft.debtorName, draft.debtorAccount, draft.creditorName, draft.creditorAccount,
      draft.creditorAgent ?? null, draft.remittance, draft.returnReason ?? null,
      draft.originalReference ?? null);
    const entry = { ...draft, seq, bankReference, balanceAfter, bookedMs, bookedOn };
    for (const listener of listeners) listener(entry);
    return entry;
  }

  return {
    book: (draft, at, releaseHold = false) => transact(store, () => post(draft, at, releaseHold)),
    onBooked: (listener) => {
      listeners.push(listener);
    },
    entriesOf: (account, day) => sql.day.all(account, day).map(parseEntry),
    page: (account, day, after, limit) => {
      const rows =
        day === undefined
          ? sql.page.all(account, after, limit)
          : sql.pageOfDay.all(account, day, after, limit);
      return rows.map(parseEntry);
    },
    totals: (account, day) => {
      const row =
        (day === undefined ? sql.totals.get(account) : sql.totalsOfDay.get(account, day)) ?? {};
      return { count: count(row, 'n'), credits: fen(row, 'credits'), debits: fen(row, 'debits') };
    },
    balanceBefore: (account, day) => {
      const row = sql.before.get(account, day);
      return row === undefined ? 0n : fen(row, 'balance_after');
    },
  };
}
