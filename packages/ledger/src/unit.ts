import { assert, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { insertRows, type Tx, type Unit, updateRows } from '@keyturn/pipeline';
import {
  type Account,
  type AccountSpec,
  accountCounters,
  accountFlags,
  accountId,
  newAccount,
} from './account.ts';
import { type Applied, applyTransfer, type Leg } from './decide/apply-transfer.ts';
import { refuse } from './errors.ts';
import {
  fingerprintOf,
  type HoldRef,
  type Journal,
  type JournalRequest,
  journalTable,
  type Transfer,
  type TransferRequest,
  transferTable,
} from './journal.ts';
import { loadHolds, loadResolutions, lockAccounts, openAccounts } from './store.ts';

/**
 * What a journal did: its transfers, each with the versions and counters of its accounts after
 * it.
 */
export interface JournalReceipt {
  readonly journal: Journal;
  readonly transfers: readonly Transfer[];
}

/**
 * The ledger's part in a batch of commands: accounts locked once, journals decided in memory,
 * everything written with one statement per table, so that state, journal and event of a command
 * commit together.
 */
export interface LedgerUnit extends Unit {
  /**
   * Locks the accounts (opening those that do not exist) and reads the holds. Once per batch,
   * after all other rows: accounts are locked last.
   */
  load(
    tx: Tx,
    wants: { readonly accounts: readonly AccountSpec[]; readonly holds?: readonly HoldRef[] },
    now: Temporal.Instant,
  ): Promise<void>;
  /** An account of this batch, as it stands after what was decided so far. */
  account(spec: AccountSpec): Account;
  /**
   * Books a journal on the accounts in memory, or says why not; a refused journal leaves no
   * trace.
   */
  post(
    request: JournalRequest,
    now: Temporal.Instant,
    fingerprint?: string,
  ): Result<JournalReceipt, Refusal>;
  /** Sets or lifts a freeze. `in`: nothing may come; `out`: nothing may leave. */
  freeze(spec: AccountSpec, flags: { readonly in: boolean; readonly out: boolean }): void;
}

type Resolution = 'post_pending' | 'void_pending';

/** A hold of this batch and what became of it. Lives in memory only: its truth is the transfers. */
interface HoldState {
  readonly transfer: Transfer;
  readonly resolvedBy: Resolution | undefined;
}

const maxTransfers = 1000;

function holdKey(hold: HoldRef): string {
  return `${hold.journalId}/${hold.leg}`;
}

export function createLedgerUnit(): LedgerUnit {
  const accounts = new Map<string, Account>();
  const flagged = new Set<string>();
  const holds = new Map<string, HoldState>();
  const journals: Journal[] = [];
  const transfers: Transfer[] = [];
  /** How to take back what was done, the latest last. */
  const undoing: (() => void)[] = [];

  function setAccount(account: Account): void {
    const before = present(accounts.get(account.id), 'an account of this batch');
    undoing.push(() => accounts.set(before.id, before));
    accounts.set(account.id, account);
  }

  function setHold(key: string, hold: HoldState): void {
    const before = holds.get(key);
    undoing.push(() => (before === undefined ? holds.delete(key) : holds.set(key, before)));
    holds.set(key, hold);
  }

  function append<Row>(rows: Row[], row: Row): Row {
    undoing.push(() => rows.pop());
    rows.push(row);
    return row;
  }

  function undo(mark: number): void {
    while (undoing.length > mark) undoing.pop()?.();
  }

  function findLeg(
    request: JournalRequest,
    transfer: TransferRequest,
    index: number,
    now: Temporal.Instant,
  ): Result<Leg, Refusal> {
    if (transfer.kind === 'post_pending' || transfer.kind === 'void_pending') {
      return resolutionLeg(transfer, index, now);
    }
    if (transfer.amount <= 0n) {
      const values = { leg: String(index), amount: String(transfer.amount) };
      return refuse('amount_not_positive', { values });
    }
    if (accountId(transfer.debit) === accountId(transfer.credit)) {
      return refuse('accounts_equal', { values: { leg: String(index) } });
    }
    if (transfer.debit.book !== request.book || transfer.credit.book !== request.book) {
      return refuse('book_mismatch', { values: { leg: String(index), book: request.book } });
    }
    return ok({
      leg: index,
      kind: transfer.kind,
      debit: loaded(transfer.debit),
      credit: loaded(transfer.credit),
      amount: transfer.amount,
      expiresAt: transfer.kind === 'pending' ? transfer.expiresAt : undefined,
    });
  }

  function resolutionLeg(
    transfer: Extract<TransferRequest, { hold: HoldRef }>,
    index: number,
    now: Temporal.Instant,
  ): Result<Leg, Refusal> {
    const state = holds.get(holdKey(transfer.hold));
    const values = {
      leg: String(index),
      hold_journal: transfer.hold.journalId,
      hold_leg: String(transfer.hold.leg),
    };
    if (!state) return refuse('hold_unknown', { values });
    if (state.resolvedBy === 'post_pending') return refuse('hold_already_posted', { values });
    if (state.resolvedBy === 'void_pending') return refuse('hold_already_voided', { values });
    const hold = state.transfer;
    const leg = {
      leg: index,
      debit: present(accounts.get(hold.debitAccount), 'the account of a hold'),
      credit: present(accounts.get(hold.creditAccount), 'the account of a hold'),
      hold,
    };
    if (transfer.kind === 'void_pending') return ok({ ...leg, kind: 'void_pending', amount: 0n });
    if (hold.expiresAt && Temporal.Instant.compare(now, hold.expiresAt) >= 0) {
      return refuse('hold_expired', {
        values: { ...values, expires_at: hold.expiresAt.toString() },
      });
    }
    const amount = transfer.amount ?? hold.amount;
    if (amount <= 0n) {
      return refuse('amount_not_positive', { values: { ...values, amount: String(amount) } });
    }
    if (amount > hold.amount) {
      return refuse('hold_amount_exceeded', {
        values: { ...values, amount: String(amount), held: String(hold.amount) },
      });
    }
    return ok({ ...leg, kind: 'post_pending', amount });
  }

  function loaded(spec: AccountSpec): Account {
    const account = accounts.get(accountId(spec));
    assert(account !== undefined, `account ${spec.book}/${spec.code} was loaded for this batch`);
    return account;
  }

  function write(request: JournalRequest, leg: Leg, now: Temporal.Instant) {
    const applied = applyTransfer(leg);
    if (!applied.ok) return applied;
    setAccount(applied.value.debit);
    setAccount(applied.value.credit);
    const transfer = transferRow(request, leg, applied.value, now);
    if (transfer.kind === 'pending') {
      setHold(holdKey(transfer), { transfer, resolvedBy: undefined });
    } else if (transfer.kind !== 'posted') {
      const hold = present(leg.hold, 'the hold of a resolution');
      setHold(holdKey(hold), { transfer: hold, resolvedBy: transfer.kind });
    }
    return ok(append(transfers, transfer));
  }

  return {
    load: async (tx, wants, now) => {
      const refs = wants.holds ?? [];
      const found = refs.length === 0 ? [] : await loadHolds(tx, refs);
      const ids = new Set(found.flatMap((hold) => [hold.debitAccount, hold.creditAccount]));
      const specs = new Map(wants.accounts.map((spec) => [accountId(spec), spec]));
      for (const id of specs.keys()) ids.add(id);
      for (const account of await lockAccounts(tx, [...ids])) accounts.set(account.id, account);
      const missing = [...specs].filter(([id]) => !accounts.has(id));
      if (missing.length > 0) {
        const opened = missing.map(([, spec]) => newAccount(spec, now));
        for (const account of await openAccounts(tx, opened)) accounts.set(account.id, account);
      }
      if (found.length === 0) return;
      // Read after the lock: whoever resolves a hold holds its accounts.
      const resolutions = await loadResolutions(tx, refs);
      for (const transfer of found) {
        const key = holdKey(transfer);
        holds.set(key, { transfer, resolvedBy: resolutions.get(key) });
      }
    },
    account: loaded,
    post: (request, now, fingerprint = fingerprintOf(request)) => {
      const count = request.transfers.length;
      if (count === 0 || count > maxTransfers) {
        return refuse('journal_empty', { values: { count: String(count) } });
      }
      const before = undoing.length;
      const journal = append(journals, journalRow(request, fingerprint, null, now));
      const booked: Transfer[] = [];
      for (const [index, transfer] of request.transfers.entries()) {
        const leg = findLeg(request, transfer, index, now);
        const result = leg.ok ? write(request, leg.value, now) : leg;
        if (!result.ok) {
          undo(before);
          return result;
        }
        booked.push(result.value);
      }
      return ok({ journal, transfers: booked });
    },
    freeze: (spec, flags) => {
      const account = loaded(spec);
      setAccount({ ...account, frozenIn: flags.in, frozenOut: flags.out });
      flagged.add(account.id);
    },
    mark: () => undoing.length,
    undo,
    flush: (tx) => flushBatch(tx, { accounts, flagged, journals, transfers }),
  };
}

function flushBatch(
  tx: Tx,
  batch: {
    readonly accounts: ReadonlyMap<string, Account>;
    readonly flagged: ReadonlySet<string>;
    readonly journals: readonly Journal[];
    readonly transfers: readonly Transfer[];
  },
): void {
  const { accounts, flagged, journals, transfers } = batch;
  const moved = new Set(transfers.flatMap((row) => [row.debitAccount, row.creditAccount]));
  const rows = (ids: ReadonlySet<string>) =>
    [...ids].map((id) => present(accounts.get(id), 'an account of this batch'));
  updateRows(tx, accountFlags, rows(flagged));
  updateRows(tx, accountCounters, rows(moved));
  insertRows(tx, journalTable, journals);
  insertRows(tx, transferTable, transfers);
}

export function journalRow(
  request: JournalRequest,
  fingerprint: string,
  refusal: string | null,
  now: Temporal.Instant,
): Journal {
  return {
    id: request.id,
    bookId: request.book,
    causeModule: request.cause.module,
    causeObject: request.cause.object,
    causeCommand: request.cause.command,
    fingerprint,
    refusal,
    effectiveAt: request.effectiveAt ?? now,
    recordedAt: now,
  };
}

function transferRow(
  request: JournalRequest,
  leg: Leg,
  { debit, credit }: Applied,
  now: Temporal.Instant,
): Transfer {
  return {
    journalId: request.id,
    leg: leg.leg,
    kind: leg.kind,
    debitAccount: debit.id,
    creditAccount: credit.id,
    amount: leg.amount,
    holdJournal: leg.hold?.journalId ?? null,
    holdLeg: leg.hold?.leg ?? null,
    expiresAt: leg.expiresAt ?? null,
    debitVersion: debit.version,
    debitDebitsPosted: debit.debitsPosted,
    debitCreditsPosted: debit.creditsPosted,
    debitDebitsPending: debit.debitsPending,
    debitCreditsPending: debit.creditsPending,
    creditVersion: credit.version,
    creditDebitsPosted: credit.debitsPosted,
    creditCreditsPosted: credit.creditsPosted,
    creditDebitsPending: credit.debitsPending,
    creditCreditsPending: credit.creditsPending,
    recordedAt: now,
  };
}
