import { isConnectionError } from '@keyturn/pipeline';
import type { TakeoverContext } from './context.ts';
import {
  delayMirror,
  leaseMirrors,
  placeMirror,
  readMirrorLegs,
  takeDueMirrors,
} from './mirror-store.ts';
import { OldLedgerError } from './old-ledger.ts';
import type { Mirror, MirrorLeg } from './tables.ts';

const mirrorPage = 100;
/** For how long whoever took an item is supposed to be at it, in seconds. */
const leaseSeconds = 60;
const firstPauseSeconds = 2;
const longestPauseSeconds = 300;

export interface MirrorProgress {
  readonly sent: number;
  /** Sent, and not known whether they arrived: the same is sent again later. */
  readonly unknown: number;
}

/**
 * Writes journals back to the old ledger, under their own ids, which make a repeat harmless: what
 * nobody answered to is sent again, with growing pauses, until the old ledger says where it is.
 */
export async function sendMirrors(
  context: Pick<TakeoverContext, 'database' | 'clock' | 'old' | 'plan'>,
): Promise<MirrorProgress> {
  const { database, clock, plan } = context;
  let sent = 0;
  let unknown = 0;
  for (;;) {
    const now = clock.now();
    const items = await database.transaction(async (tx) => {
      const due = await takeDueMirrors(tx, plan.takeover, now, mirrorPage);
      const ids = due.map(({ journalId }) => journalId);
      if (ids.length > 0) leaseMirrors(tx, ids, now.add({ seconds: leaseSeconds }));
      return due;
    });
    if (items.length === 0) return { sent, unknown };
    const legs = await readMirrorLegs(
      database,
      items.map(({ journalId }) => journalId),
    );
    const byJournal = Map.groupBy(legs, ({ journalId }) => journalId);
    for (const item of items) {
      if (await send(context, item, byJournal.get(item.journalId) ?? [])) sent += 1;
      else unknown += 1;
    }
  }
}

async function send(
  { database, clock, old }: Pick<TakeoverContext, 'database' | 'clock' | 'old'>,
  item: Mirror,
  legs: readonly MirrorLeg[],
): Promise<boolean> {
  try {
    const position = await old.mirror({
      id: item.journalId,
      order: item.orderNo,
      kind: item.kind,
      bookedAt: item.bookedAt,
      movements: legs.map(({ account, subject, amount }) => ({ account, subject, amount })),
    });
    await database.transaction((tx) => placeMirror(tx, item.journalId, position, clock.now()));
    return true;
  } catch (error) {
    if (!(error instanceof OldLedgerError) || isConnectionError(error)) throw error;
    const pause = Math.min(firstPauseSeconds * 2 ** item.attempts, longestPauseSeconds);
    const dueAt = clock.now().add({ seconds: pause });
    await delayMirror(database, item.journalId, dueAt, error.message);
    return false;
  }
}
