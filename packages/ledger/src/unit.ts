import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import {
  combineUnits,
  createRowSet,
  keyOf,
  type Table,
  type Tx,
  type Unit,
} from '@keyturn/pipeline';
import { type Account, type AccountSpec, accountId, accountTable, newAccount } from './account.ts';
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
  post(request: JournalRequest, now: Temporal.Instant): Result<JournalReceipt, Refusal>;
  /** Sets or lifts a freeze. `in`: nothing may come; `out`: nothing may leave. */
  freeze(spec: AccountSpec, flags: { readonly in: boolean; readonly out: boolean }): void;
}

type Resolution = 'post_pending' | 'void_pending';

/** A hold of this batch and what became of it. Lives in memory only: its truth is the transfers. */
interface HoldState {
  readonly key: string;
  readonly transfer: Transfer;
  readonly resolvedBy: Resolution | undefined;
}

const holdStateTable: Table<HoldState> = {
  name: 'holds of a batch',
  columns: { key: 'text', transfer: 'jsonb', resolvedBy: 'text' },
  key: ['key'],
  mutable: ['resolvedBy'],
};

const maxTransfers = 1000;

function holdKey(hold: HoldRef): string {
  return `${hold.journalId}/${hold.leg}`;
}

export function createLedgerUnit(): LedgerUnit {
  const accounts = createRowSet(accountTable);
  const journals = createRowSet(journalTable);
  const transfers = createRowSet(transferTable);
  const holds = createRowSet(holdStateTable);
  const written = combineUnits([accounts, journals, transfers]);
  const rows = combineUnits([accounts, journals, transfers, holds]);
  const marks: (readonly number[])[] = [];

  function findLeg(
    request: JournalRequest,
    transfer: TransferRequest,
    index: number,
    now: Temporal.Instant,
  ): Result<Leg, Refusal> {
    if (transfer.kind === 'post_pending' || transfer.kind === 'void_pending') {
      return resolutionLeg(transfer, index, now);
    }
    const leg = String(index);
    if (transfer.amount <= 0n) {
      return refuse('amount_not_positive', { values: { leg, amount: String(transfer.amount) } });
    }
    if (accountId(transfer.debit) === accountId(transfer.credit)) {
      return refuse('accounts_equal', { values: { leg } });
    }
    if (transfer.debit.book !== request.book || transfer.credit.book !== request.book) {
      return refuse('book_mismatch', { values: { leg, book: request.book } });
    }
    return ok({
      leg: index,
      kind: transfer.kind,
      debit: loaded(transfer.debit),
      credit: loaded(transfer.credit),
      amount: transfer.amount,
      ...(transfer.kind === 'pending' ? { expiresAt: transfer.expiresAt } : {}),
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
    return present(
      accounts.get(accountId(spec)),
      `account ${spec.book}/${spec.code} in this batch`,
    );
  }

  function write(request: JournalRequest, leg: Leg, now: Temporal.Instant) {
    const applied = applyTransfer(leg);
    if (!applied.ok) return applied;
    for (const account of [applied.value.debit, applied.value.credit]) {
      accounts.update(account.id, {
        debitsPosted: account.debitsPosted,
        creditsPosted: account.creditsPosted,
        debitsPending: account.debitsPending,
        creditsPending: account.creditsPending,
        version: account.version,
      });
    }
    const transfer = transferRow(request, leg, applied.value, now);
    if (transfer.kind === 'pending') {
      holds.insert({ key: keyOf(transferTable, transfer), transfer, resolvedBy: undefined });
    }
    if (transfer.kind === 'post_pending' || transfer.kind === 'void_pending') {
      const hold = present(leg.hold, 'the hold of a resolution');
      holds.update(keyOf(transferTable, hold), { resolvedBy: transfer.kind });
    }
    return ok(transfers.insert(transfer));
  }

  function post(request: JournalRequest, now: Temporal.Instant): Result<JournalReceipt, Refusal> {
    const count = request.transfers.length;
    if (count === 0 || count > maxTransfers) {
      return refuse('journal_empty', { values: { count: String(count) } });
    }
    const before = rows.mark();
    const journal = journals.insert(journalRow(request, null, now));
    const booked: Transfer[] = [];
    for (const [index, transfer] of request.transfers.entries()) {
      const leg = findLeg(request, transfer, index, now);
      const result = leg.ok ? write(request, leg.value, now) : leg;
      if (!result.ok) {
        rows.undo(before);
        return result;
      }
      booked.push(result.value);
    }
    return ok({ journal, transfers: booked });
  }

  return {
    load: async (tx, wants, now) => {
      const refs = wants.holds ?? [];
      const found = refs.length === 0 ? [] : await loadHolds(tx, refs);
      const ids = new Set(found.flatMap((hold) => [hold.debitAccount, hold.creditAccount]));
      const specs = new Map(wants.accounts.map((spec) => [accountId(spec), spec]));
      for (const id of specs.keys()) ids.add(id);
      accounts.adopt(await lockAccounts(tx, [...ids]));
      const missing = [...specs.entries()].filter(([id]) => accounts.get(id) === undefined);
      if (missing.length > 0) {
        const opened = missing.map(([, spec]) => newAccount(spec, now));
        accounts.adopt(await openAccounts(tx, opened));
      }
      if (found.length === 0) return;
      // Read after the lock: whoever resolves a hold holds its accounts.
      const resolutions = await loadResolutions(tx, refs);
      holds.adopt(
        found.map((transfer) => {
          const key = keyOf(transferTable, transfer);
          return { key, transfer, resolvedBy: resolutions.get(key) };
        }),
      );
    },
    account: loaded,
    post,
    freeze: (spec, flags) => {
      accounts.update(accountId(spec), { frozenIn: flags.in, frozenOut: flags.out });
    },
    mark: () => marks.push(rows.mark()) - 1,
    undo: (mark) => {
      rows.undo(present(marks[mark], 'a mark of this unit'));
      marks.length = mark;
    },
    flush: written.flush,
  };
}

export function journalRow(
  request: JournalRequest,
  refusal: string | null,
  now: Temporal.Instant,
): Journal {
  return {
    id: request.id,
    bookId: request.book,
    causeModule: request.cause.module,
    causeObject: request.cause.object,
    causeCommand: request.cause.command,
    fingerprint: fingerprintOf(request),
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
