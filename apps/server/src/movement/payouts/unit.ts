import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec, HoldRef, LedgerUnit } from '@keyturn/ledger';
import { createRowSet, type RowSet, type Tx, type Unit } from '@keyturn/pipeline';
import type { CommandContext } from '../../platform/index.ts';
import { accountsOf, type Change, holdOf } from './decide/change.ts';
import {
  accountsOfRequest,
  decideCreatePayout,
  type PayoutRequest,
} from './decide/create-payout.ts';
import { isBeforeSubmit } from './decide/payout-state.ts';
import { refuse } from './errors.ts';
import { lockPayouts } from './store.ts';
import { type Payout, payoutTable } from './tables.ts';

/** The pay-outs' part in another module's command: pay-outs made in the same commit. */
export interface PayoutsUnit extends Unit {
  /** A new pay-out; the money is held on its source. Needs `accountsOf(request)` loaded. */
  create(request: PayoutRequest, context: CommandContext): Result<Payout, Refusal>;
  /** The ledger accounts that making it books on. */
  accountsOf(request: PayoutRequest): readonly AccountSpec[];
}

/** The whole unit, for this module's own commands. */
export interface PayoutsState extends PayoutsUnit {
  /** Locks pay-outs, one statement. Unknown ids are simply not there afterwards. */
  lock(tx: Tx, ids: readonly string[]): Promise<void>;
  get(id: string): Payout | undefined;
  /** Books and keeps what was decided, and tells it. A refusal of the ledger leaves no trace. */
  apply(change: Change, context: CommandContext): Result<Payout, Refusal>;
  /** What the ledger has to load for the pay-outs that are here. */
  wants(): { readonly accounts: readonly AccountSpec[]; readonly holds: readonly HoldRef[] };
}

export function createPayoutsUnit(ledger: LedgerUnit): PayoutsState {
  const rows = createRowSet(payoutTable);
  return {
    mark: rows.mark,
    undo: rows.undo,
    flush: rows.flush,
    lock: async (tx, ids) => {
      const [first, ...others] = [...new Set(ids)];
      if (first === undefined) return;
      rows.adopt(await lockPayouts(tx, [first, ...others]));
    },
    get: (id) => rows.get(id),
    apply: (change, context) => applyChange(rows, ledger, change, context),
    create: (request, context) => {
      const journal = context.newId(request.source.owner);
      const payout = context.newId(request.source.owner);
      const change = decideCreatePayout(request, { payout, journal }, context.now);
      if (!change.ok) return change;
      const made = applyChange(rows, ledger, change.value, context, journal);
      return made.ok ? made : notCovered(made.error, request.amount.amount);
    },
    accountsOf: accountsOfRequest,
    wants: () => {
      const payouts = [...rows.all()];
      return {
        accounts: payouts.flatMap(accountsOf),
        holds: payouts.filter(({ state }) => isBeforeSubmit(state)).map(holdOf),
      };
    },
  };
}

/** What the ledger calls too little on an account, in the words of this module. */
function notCovered(refusal: Refusal, amount: bigint): Result<never, Refusal> {
  if (refusal.code !== 'exceeds_credits') return { ok: false, error: refusal };
  const available = refusal.values?.['available'] ?? '0';
  return refuse('payout_not_covered', {
    param: 'amount',
    values: { available, amount: amount.toString() },
  });
}

function applyChange(
  rows: RowSet<Payout>,
  ledger: LedgerUnit,
  change: Change,
  context: CommandContext,
  journalId?: string,
): Result<Payout, Refusal> {
  const { payout } = change;
  if (change.transfers.length > 0) {
    const booked = ledger.post(
      {
        id: journalId ?? context.newId(payout.sourceOwner),
        book: payout.sourceBook,
        cause: { module: 'payouts', object: payout.id, command: context.key },
        transfers: change.transfers,
      },
      context.now,
    );
    if (!booked.ok) return booked;
  }
  let { events } = payout;
  for (const event of change.events) {
    events += 1n;
    context.emit({ ...event, objectId: payout.id, objectSequence: events });
  }
  keep(rows, { ...payout, events });
  return ok(present(rows.get(payout.id), 'the pay-out is here'));
}

/** Writes a row that is new, or differs from the one that was loaded. */
function keep(rows: RowSet<Payout>, next: Payout): void {
  const current = rows.get(next.id);
  if (current === undefined) {
    rows.insert(next);
    return;
  }
  const changed = payoutTable.mutable.filter((column) => current[column] !== next[column]);
  if (changed.length === 0) return;
  rows.update(next.id, Object.fromEntries(changed.map((column) => [column, next[column]])));
}
