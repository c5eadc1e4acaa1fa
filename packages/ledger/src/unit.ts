import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Tx, Unit } from '@keyturn/pipeline';
import { type Account, type AccountSpec, accountId, newAccount } from './account.ts';
import { type BatchState, createBatchState, holdKey } from './batch-state.ts';
import { book, loaded } from './book-journal.ts';
import { checkForm } from './decide/check-form.ts';
import type { DetachedHold, HoldState } from './decide/find-leg.ts';
import type { Original } from './decide/reversal.ts';
import {
  type AnyRequest,
  fingerprintOf,
  type HoldRef,
  type Journal,
  type Transfer,
} from './journal.ts';
import { journalRow } from './rows.ts';
import {
  loadDetachedHolds,
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
  /** Takes accounts as somebody supposes that they are, instead of loading them. */
  adopt(supposed: Iterable<Account>): void;
  /** The accounts that transfers of this batch moved, as they stand. */
  moved(): readonly Account[];
  /** Write a batch that was decided on adopted accounts; see exact-batch.ts, supposed-batch.ts. */
  readonly isPostedOnly: BatchState['isPostedOnly'];
  readonly flushExact: BatchState['flushExact'];
  readonly flushSupposed: BatchState['flushSupposed'];
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

export function createLedgerUnit(): LedgerUnit {
  const batch = createBatchState();
  const { accounts, holds, originals } = batch;
  const keep = (rows: Iterable<Account>) => {
    for (const account of rows) accounts.set(account.id, account);
  };

  return {
    load: async (tx, wants, now) => {
      const before = await loadBefore(tx, wants);
      const specs = new Map(wants.accounts.map((spec) => [accountId(spec), spec]));
      keep(await lockAccounts(tx, [...new Set([...specs.keys(), ...before.accountIds])]));
      const missing = [...specs].filter(([id]) => !accounts.has(id));
      if (missing.length > 0) {
        const opened = missing.map(([, spec]) => newAccount(spec, now));
        keep((await openAccounts(tx, opened)).accounts);
      }
      const after = await loadAfter(tx, wants, before);
      for (const [key, one] of before.detached) holds.set(key, one);
      for (const one of after.holds) holds.set(holdKey(one.transfer), one);
      for (const id of wants.reversals ?? []) originals.set(id, after.originals.get(id));
    },
    adopt: keep,
    moved: batch.moved,
    account: (spec) => loaded(batch, spec),
    post: (request, now, prepared) => {
      const fault = prepared === undefined ? checkForm(request) : undefined;
      if (fault) return { ok: false, error: fault };
      const { fingerprint, link } = prepared ?? { fingerprint: fingerprintOf(request), link: null };
      const before = batch.mark();
      const row = journalRow(request, fingerprint, null, now, link);
      const journal = batch.append(batch.journals, row);
      const booked = book(batch, request, journal, now);
      if (booked.ok) {
        const receipt = { journal, transfers: booked.value };
        if (originals.has(request.id)) {
          batch.setOriginal(request.id, { ...receipt, reversedBy: undefined });
        }
        return ok(receipt);
      }
      batch.undo(before);
      return booked;
    },
    refused: (journal) => {
      if (!originals.has(journal.id)) return;
      batch.setOriginal(journal.id, { journal, transfers: [], reversedBy: undefined });
    },
    freeze: (spec, flags) => {
      const account = loaded(batch, spec);
      batch.setAccount({ ...account, frozenIn: flags.in, frozenOut: flags.out });
      batch.flagged.add(account.id);
    },
    mark: batch.mark,
    undo: batch.undo,
    flush: batch.flush,
    isPostedOnly: batch.isPostedOnly,
    flushExact: batch.flushExact,
    flushSupposed: batch.flushSupposed,
  };
}

interface Before {
  readonly holds: readonly Transfer[];
  readonly detached: ReadonlyMap<string, DetachedHold>;
  readonly originals: readonly JournalReceipt[];
  readonly accountIds: ReadonlySet<string>;
}

/** What never changes and names accounts: read before the accounts are locked. */
async function loadBefore(tx: Tx, wants: LedgerWants): Promise<Before> {
  const wanted = wants.holds ?? [];
  const holds = await loadHolds(tx, wanted);
  const found = new Set(holds.map(holdKey));
  const missing = wanted.filter((ref) => !found.has(holdKey(ref)));
  const detached = await loadDetachedHolds(tx, missing);
  const originals = await loadReceipts(tx, wants.reversals ?? []);
  const named = [...holds, ...originals.flatMap(({ transfers }) => transfers)];
  const accountIds = new Set(named.flatMap((one) => [one.debitAccount, one.creditAccount]));
  return { holds, detached, originals, accountIds };
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
