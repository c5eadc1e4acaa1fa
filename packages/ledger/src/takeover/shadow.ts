import { present } from '@keyturn/kernel';
import type { Tx } from '@keyturn/pipeline';
import { bookRows } from './book-rows.ts';
import type { TakeoverContext } from './context.ts';
import { readMirrored } from './mirror-store.ts';
import { OldLedgerError, type OldMovement } from './old-ledger.ts';
import { isSameRow, movementOf } from './rows.ts';
import {
  insertConflicts,
  insertMovements,
  lockTakeover,
  notePairs,
  readAuthority,
  readConflicts,
  readMovements,
  readPending,
  readTakeover,
  readWaiting,
  takeAccounts,
  updateMovements,
  updateTakeover,
} from './store.ts';
import type { Conflict, Movement, MovementState, Takeover } from './tables.ts';

/** Rows that are read and booked at once. */
export const shadowPage = 500;

/** What became of the rows of one page, or of several. */
export interface ShadowProgress {
  readonly position: bigint;
  readonly rows: number;
  readonly repeated: number;
  readonly conflicts: number;
  readonly states: Readonly<Partial<Record<MovementState, number>>>;
}

/**
 * Reads rows of the old ledger up to a position, or to the end of what is visible now, and books
 * each as a journal of its own. A page is one transaction with the cursor: killed anywhere, it
 * goes on where it was, and no row is booked twice.
 */
export async function readShadow(
  context: TakeoverContext,
  through?: bigint,
): Promise<ShadowProgress> {
  const { database, old, plan } = context;
  const takeover = present(await readTakeover(database, plan.takeover), 'the takeover');
  const again = takeover.position - BigInt(plan.reread);
  let total: ShadowProgress = { ...idle(takeover), position: again > 0n ? again : 0n };
  for (;;) {
    const after = total.position;
    if (through !== undefined && after >= through) return total;
    const page = await old.readMovements({ after, limit: shadowPage });
    if (page.length === 0) return total;
    checkOrder(page, after);
    const found = await database.transaction((tx) => bookPage(tx, context, page));
    total = add(total, found);
    if (page.length < shadowPage && through === undefined) return total;
  }
}

function checkOrder(page: readonly OldMovement[], after: bigint): void {
  let before = after;
  for (const { position } of page) {
    if (position <= before) {
      throw new OldLedgerError(`its rows are not in order: position ${position} after ${before}`);
    }
    before = position;
  }
}

function add(one: ShadowProgress, other: ShadowProgress): ShadowProgress {
  const states = { ...one.states };
  for (const [state, count] of Object.entries(other.states)) {
    const name = state as MovementState;
    states[name] = (states[name] ?? 0) + count;
  }
  return {
    position: other.position,
    rows: one.rows + other.rows,
    repeated: one.repeated + other.repeated,
    conflicts: one.conflicts + other.conflicts,
    states,
  };
}

async function bookPage(
  tx: Tx,
  context: TakeoverContext,
  page: readonly OldMovement[],
): Promise<ShadowProgress> {
  const { plan, planVersion, clock } = context;
  const { takeover: id } = plan;
  const locked = present(await lockTakeover(tx, id), 'the takeover');
  const position = present(page.at(-1), 'the last row').position;
  const now = clock.now();
  const stored = await readMovements(
    tx,
    id,
    page.map((row) => row.id),
  );
  const { fresh, conflicts, repeated } = sortOut(id, page, stored, planVersion, now);
  const news = await newConflicts(tx, conflicts);
  const waiting = await readWaiting(
    tx,
    id,
    [...new Set(fresh.map(({ account }) => account))],
    shadowPage,
  );
  const origins = fresh.flatMap(({ origin }) => (origin === null ? [] : [origin]));
  const booked = await bookRows(
    tx,
    {
      plan,
      planVersion,
      authority: await readAuthority(tx, id),
      mirrored: await readMirrored(tx, id, origins),
      now,
    },
    [...fresh, ...waiting],
  );
  await takeAccounts(tx, id, booked.accounts);
  const before = new Set(waiting.map((row) => row.id));
  const mine = booked.rows.filter((row) => !before.has(row.id));
  insertMovements(tx, mine);
  updateMovements(
    tx,
    booked.rows.filter((row) => before.has(row.id)),
  );
  insertConflicts(tx, news);
  notePairs(tx, id, mine, now);
  if (position > locked.position) updateTakeover(tx, { ...locked, position });
  return {
    position,
    rows: fresh.length,
    repeated: repeated + conflicts.length - news.length,
    conflicts: news.length,
    states: countStates(mine),
  };
}

function idle({ position }: Takeover): ShadowProgress {
  return { position, rows: 0, repeated: 0, conflicts: 0, states: {} };
}

/** Those that were not noted down when they were read before. */
async function newConflicts(tx: Tx, conflicts: readonly Conflict[]): Promise<readonly Conflict[]> {
  const [first] = conflicts;
  if (first === undefined) return [];
  const ids = conflicts.map(({ id }) => id);
  const noted = await readConflicts(tx, first.takeoverId, ids);
  const known = new Set(noted.map(({ id, position }) => `${id} ${position}`));
  return conflicts.filter(({ id, position }) => !known.has(`${id} ${position}`));
}

/** Rows that are new, that came before as they are, and that came before with another content. */
function sortOut(
  id: string,
  page: readonly OldMovement[],
  stored: readonly Movement[],
  planVersion: number,
  now: Temporal.Instant,
) {
  const known = new Map(stored.map((row) => [row.id, row]));
  const fresh: Movement[] = [];
  const conflicts: Conflict[] = [];
  let repeated = 0;
  for (const row of page) {
    const before = known.get(row.id);
    if (before === undefined) {
      const movement = movementOf(id, row, planVersion, now);
      known.set(row.id, movement);
      fresh.push(movement);
    } else if (isSameRow(before, row)) {
      repeated += 1;
    } else {
      const { position, account, amount, bookedAt } = row;
      conflicts.push({
        takeoverId: id,
        id: row.id,
        position,
        account,
        amount,
        bookedAt,
        seenAt: now,
      });
    }
  }
  return { fresh, conflicts, repeated };
}

export function countStates(rows: readonly Movement[]): ShadowProgress['states'] {
  const counts: Partial<Record<MovementState, number>> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/**
 * Tries rows again that could not be booked: those that waited for money, and those whose subject
 * has a mapping now.
 *
 * @returns how many were booked
 */
export async function retryPending(context: TakeoverContext): Promise<number> {
  let after = '';
  let booked = 0;
  for (;;) {
    const page = await context.database.transaction((tx) => retryPage(tx, context, after));
    booked += page.booked;
    if (page.last === undefined) return booked;
    after = page.last;
  }
}

async function retryPage(
  tx: Tx,
  { plan, planVersion, clock }: TakeoverContext,
  after: string,
): Promise<{ readonly booked: number; readonly last: string | undefined }> {
  const { takeover: id } = plan;
  await lockTakeover(tx, id);
  const pending = await readPending(tx, id, after, shadowPage);
  const last = pending.length < shadowPage ? undefined : pending.at(-1)?.id;
  // What had no mapping in this version of the plan has none still.
  const worth = pending.filter((row) => row.state === 'waiting' || row.planVersion < planVersion);
  if (worth.length === 0) return { booked: 0, last };
  const authority = await readAuthority(tx, id);
  const terms = { plan, planVersion, authority, mirrored: new Set<string>(), now: clock.now() };
  const { rows, accounts } = await bookRows(tx, terms, worth);
  await takeAccounts(tx, id, accounts);
  updateMovements(tx, rows);
  return { booked: rows.filter(({ state }) => state === 'booked').length, last };
}
