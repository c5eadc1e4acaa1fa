import { assert, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { insertRows, type Tx, type Unit, updateRows } from '@keyturn/pipeline';
import {
  type Account,
  type AccountSpec,
  accountClosing,
  accountCounters,
  accountFlags,
  accountId,
  newAccount,
} from './account.ts';
import { applyTransfer, type Leg } from './decide/apply-transfer.ts';
import { checkForm } from './decide/check-form.ts';
import { findLeg, type HoldState, type LoadedState } from './decide/find-leg.ts';
import { checkReversal, mirrorLeg, type Original } from './decide/reversal.ts';
import {
  type AnyRequest,
  fingerprintOf,
  type HoldRef,
  isReversal,
  type Journal,
  journalTable,
  type Transfer,
  transferTable,
} from './journal.ts';
import {
  type DueHold,
  dueHoldTable,
  journalRow,
  type ShiftedEntry,
  shiftedEntries,
  shiftedEntryTable,
  transferRow,
} from './rows.ts';
import {
  deleteDueHolds,
  loadHolds,
  loadReceipts,
  loadResolutions,
  loadReversals,
  lockAccounts,
  openAccounts,
} from './store.ts';

/**
 * What a journal did: its transfers, each with the versions and counters of its accounts after
 * it.
 */
export interface JournalReceipt {
  readonly journal: Journal;
  readonly transfers: readonly Transfer[];
}

/** What a batch works on. */
export interface LedgerWants {
  readonly accounts: readonly AccountSpec[];
  readonly holds?: readonly HoldRef[];
  /** Ids of journals that are to be reversed. */
  readonly reversals?: readonly string[];
}

/**
 * The ledger's part in a batch of commands: accounts locked once, journals decided in memory,
 * everything written with one statement per table, so that state, journal and event of a command
 * commit together.
 */
export interface LedgerUnit extends Unit {
  /**
   * Locks the accounts (opening those that do not exist) and reads the holds and what is to be
   * reversed. Once per batch, after all other rows: accounts are locked last.
   */
  load(tx: Tx, wants: LedgerWants, now: Temporal.Instant): Promise<void>;
  /** An account of this batch, as it stands after what was decided so far. */
  account(spec: AccountSpec): Account;
  /**
   * Books a journal, or the reversal of one, on the accounts in memory, or says why not; a refused
   * journal leaves no trace. `prepared` is for who looked at the form before.
   */
  post(
    request: AnyRequest,
    now: Temporal.Instant,
    prepared?: { readonly fingerprint: string; readonly link: string | null },
  ): Result<JournalReceipt, Refusal>;
  /** Tells of a refused journal that will be stored: whoever wants to reverse it is told so. */
  refused(journal: Journal): void;
  /** Sets or lifts a freeze. `in`: nothing may come; `out`: nothing may leave. */
  freeze(spec: AccountSpec, flags: { readonly in: boolean; readonly out: boolean }): void;
}

function holdKey(hold: HoldRef): string {
  return `${hold.journalId}/${hold.leg}`;
}

export function createLedgerUnit(): LedgerUnit {
  const accounts = new Map<string, Account>();
  const flagged = new Set<string>();
  const closing = new Set<string>();
  const holds = new Map<string, HoldState>();
  /** Of journals that this batch may reverse: undefined while they are not there. */
  const originals = new Map<string, Original | undefined>();
  const journals: Journal[] = [];
  const transfers: Transfer[] = [];
  const due: DueHold[] = [];
  const resolved: HoldRef[] = [];
  const shifted: ShiftedEntry[] = [];
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

  function setOriginal(id: string, original: Original): void {
    const before = originals.get(id);
    undoing.push(() => originals.set(id, before));
    originals.set(id, original);
  }

  function append<Row>(rows: Row[], row: Row): Row {
    undoing.push(() => rows.pop());
    rows.push(row);
    return row;
  }

  function undo(mark: number): void {
    while (undoing.length > mark) undoing.pop()?.();
  }

  function loaded(spec: AccountSpec): Account {
    const account = accounts.get(accountId(spec));
    assert(account !== undefined, `account ${spec.book}/${spec.code} was loaded for this batch`);
    return account;
  }

  const state: LoadedState = {
    account: loaded,
    accountById: (id) => accounts.get(id),
    hold: (ref) => holds.get(holdKey(ref)),
  };

  function write(journal: Journal, leg: Leg, now: Temporal.Instant): Result<Transfer, Refusal> {
    const applied = applyTransfer(leg);
    if (!applied.ok) return applied;
    setAccount(applied.value.debit);
    setAccount(applied.value.credit);
    const transfer = transferRow(journal.id, leg, applied.value, now);
    if (transfer.kind === 'pending') hold(transfer);
    else if (leg.hold) resolve(leg.hold, transfer);
    if (leg.closing !== undefined) closing.add(leg[leg.closing].id);
    if (journal.effectiveAt !== journal.recordedAt && transfer.kind !== 'pending') {
      if (transfer.amount > 0n && !journal.effectiveAt.equals(journal.recordedAt)) {
        for (const entry of shiftedEntries(journal, transfer)) append(shifted, entry);
      }
    }
    return ok(append(transfers, transfer));
  }

  function hold(transfer: Transfer): void {
    setHold(holdKey(transfer), { transfer, resolvedBy: undefined });
    const { journalId, leg, expiresAt } = transfer;
    if (expiresAt) append(due, { journalId, leg, expiresAt });
  }

  function resolve(hold: Transfer, { kind }: Transfer): void {
    assert(kind === 'post_pending' || kind === 'void_pending', 'a hold is posted or voided');
    setHold(holdKey(hold), { transfer: hold, resolvedBy: kind });
    if (hold.expiresAt) append(resolved, { journalId: hold.journalId, leg: hold.leg });
  }

  /** Books the legs one after the other, each on what those before it left. */
  function book(
    request: AnyRequest,
    journal: Journal,
    now: Temporal.Instant,
  ): Result<readonly Transfer[], Refusal> {
    const booked: Transfer[] = [];
    if (isReversal(request)) {
      const original = checkReversal(request, originals.get(request.reverses));
      if (!original.ok) return original;
      for (const transfer of original.value.transfers) {
        const result = write(journal, mirrorLeg(state, transfer), now);
        if (!result.ok) return result;
        booked.push(result.value);
      }
      setOriginal(request.reverses, { ...original.value, reversedBy: request.id });
      return ok(booked);
    }
    for (const [index, transfer] of request.transfers.entries()) {
      const leg = findLeg(state, request.book, transfer, index, now);
      const result = leg.ok ? write(journal, leg.value, now) : leg;
      if (!result.ok) return result;
      booked.push(result.value);
    }
    return ok(booked);
  }

  return {
    load: async (tx, wants, now) => {
      const before = await loadBefore(tx, wants);
      const specs = new Map(wants.accounts.map((spec) => [accountId(spec), spec]));
      const ids = new Set([...specs.keys(), ...before.accountIds]);
      for (const account of await lockAccounts(tx, [...ids])) accounts.set(account.id, account);
      const missing = [...specs].filter(([id]) => !accounts.has(id));
      if (missing.length > 0) {
        const opened = missing.map(([, spec]) => newAccount(spec, now));
        const { accounts: found } = await openAccounts(tx, opened);
        for (const account of found) accounts.set(account.id, account);
      }
      const after = await loadAfter(tx, wants, before);
      for (const one of after.holds) holds.set(holdKey(one.transfer), one);
      for (const id of wants.reversals ?? []) originals.set(id, after.originals.get(id));
    },
    account: loaded,
    post: (request, now, prepared) => {
      const fault = prepared === undefined ? checkForm(request) : undefined;
      if (fault) return { ok: false, error: fault };
      const { fingerprint, link } = prepared ?? { fingerprint: fingerprintOf(request), link: null };
      const before = undoing.length;
      const journal = append(journals, journalRow(request, fingerprint, null, now, link));
      const booked = book(request, journal, now);
      if (booked.ok) {
        const receipt = { journal, transfers: booked.value };
        if (originals.has(request.id)) {
          setOriginal(request.id, { ...receipt, reversedBy: undefined });
        }
        return ok(receipt);
      }
      undo(before);
      return booked;
    },
    refused: (journal) => {
      if (!originals.has(journal.id)) return;
      setOriginal(journal.id, { journal, transfers: [], reversedBy: undefined });
    },
    freeze: (spec, flags) => {
      const account = loaded(spec);
      setAccount({ ...account, frozenIn: flags.in, frozenOut: flags.out });
      flagged.add(account.id);
    },
    mark: () => undoing.length,
    undo,
    flush: (tx) => {
      const moved = new Set(transfers.flatMap((row) => [row.debitAccount, row.creditAccount]));
      for (const id of closing) moved.delete(id);
      const rows = (ids: ReadonlySet<string>) =>
        [...ids].map((id) => present(accounts.get(id), 'an account of this batch'));
      updateRows(tx, accountFlags, rows(flagged));
      updateRows(tx, accountClosing, rows(closing));
      updateRows(tx, accountCounters, rows(moved));
      insertRows(tx, journalTable, journals);
      insertRows(tx, transferTable, transfers);
      insertRows(tx, shiftedEntryTable, shifted);
      insertRows(tx, dueHoldTable, due);
      deleteDueHolds(tx, resolved);
    },
  };
}

interface Before {
  readonly holds: readonly Transfer[];
  readonly originals: readonly JournalReceipt[];
  readonly accountIds: ReadonlySet<string>;
}

/** What never changes and names accounts: read before the accounts are locked. */
async function loadBefore(tx: Tx, wants: LedgerWants): Promise<Before> {
  const holds = await loadHolds(tx, wants.holds ?? []);
  const originals = await loadReceipts(tx, wants.reversals ?? []);
  const named = [...holds, ...originals.flatMap(({ transfers }) => transfers)];
  const accountIds = new Set(named.flatMap((one) => [one.debitAccount, one.creditAccount]));
  return { holds, originals, accountIds };
}

/** Read after the lock: whoever resolves a hold, or reverses a journal, holds its accounts. */
async function loadAfter(tx: Tx, wants: LedgerWants, before: Before) {
  const resolutions =
    before.holds.length === 0 ? new Map() : await loadResolutions(tx, wants.holds ?? []);
  const reversals =
    before.originals.length === 0 ? new Map() : await loadReversals(tx, wants.reversals ?? []);
  return {
    holds: before.holds.map((transfer): HoldState => {
      return { transfer, resolvedBy: resolutions.get(holdKey(transfer)) };
    }),
    originals: new Map(
      before.originals.map((original): [string, Original] => {
        const { id } = original.journal;
        return [id, { ...original, reversedBy: reversals.get(id) }];
      }),
    ),
  };
}
