import { type Clock, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Database, Tx } from '@keyturn/pipeline';
import { type CheckedPart, checkDetached } from '../check/detached.ts';
import { refuse } from '../errors.ts';
import { beginPart } from './begin.ts';
import { asOwner, attachSql, detachSql, onOwnConnection } from './owner.ts';
import { type RecordedPart, readCuts, readParts } from './store.ts';

/**
 * Makes, takes out and puts back parts of the transfers. For a connection of who owns the tables:
 * the role that the platform runs with can do none of it.
 */
export interface PartitionAdmin {
  /**
   * Begins a new part: its boundary lies above every transaction that has begun, whose transfers
   * go where they belong, however late. The part that ends is read once while bookings go on; they
   * wait for two moments, however many transfers it has. The sealer cuts it off when all before is
   * sealed.
   */
  begin(): Promise<Result<{ readonly number: number }, Refusal>>;
  /**
   * Takes the oldest part out of the ledger: its table stays as it is under its name
   * `ledger.transfer_<number>`, to be kept elsewhere and dropped, or to be put back. It has to be
   * cut off, and to hold no open hold.
   */
  detach(number: number): Promise<Result<RecordedPart, Refusal>>;
  /**
   * Writes the keys of a part that was cut off anew, without the room that they kept for what
   * might come; with the newest such part, the key of all journals by object, too. Saves a tenth of
   * all that a transfer takes. Bookings and look-ups go on meanwhile.
   */
  pack(number: number): Promise<Result<{ readonly number: number }, Refusal>>;
  /** Puts the part back that was taken out last, when it is as it was sealed. */
  attach(number: number): Promise<Result<CheckedPart, Refusal>>;
}

/**
 * @param options.database of the owner of the ledger's tables, with two connections at least and
 *   without a statement time-out
 */
export function createPartitionAdmin(options: {
  readonly database: Database;
  readonly clock: Clock;
}): PartitionAdmin {
  const { database, clock } = options;
  return {
    begin: () => beginPart(database, clock),
    detach: (number) =>
      asOwner(database, async (tx) => {
        const parts = await readParts(tx);
        const refused = await mayDetach(tx, parts, number);
        if (refused) return { ok: false, error: refused };
        await tx.query(detachSql(number));
        await recordMove(tx, number, false, clock);
        return ok({ ...present(parts[number - 1], 'the part'), detached: true });
      }),
    pack: async (number) => {
      const cuts = await readCuts(database);
      if (!cuts.some((cut) => cut.number === number)) {
        return refuse('partition_not_cut', { values: { number: String(number) } });
      }
      const newest = cuts.at(-1)?.number === number;
      await packKeys(database, number, newest);
      return ok({ number });
    },
    attach: (number) =>
      asOwner(database, async (tx) => {
        const parts = await readParts(tx);
        const newest = parts.findLast((part) => part.detached)?.number;
        if (newest !== number) return outOfOrder(number, newest);
        const checked = await checkDetached({ transaction: (work) => work(tx) }, number);
        if (!checked.ok) return checked;
        if (!checked.value.balanced) {
          const { rule = '', subject = '' } = checked.value.findings[0] ?? {};
          const values = { number: String(number), rule, subject };
          return refuse('partition_damaged', { values });
        }
        const part = present(parts[number - 1], 'the part');
        await tx.query(indexByMomentSql(number));
        await tx.query(attachSql(number, part.begin, present(part.end, 'the end of the part')));
        await recordMove(tx, number, true, clock);
        return checked;
      }),
  };
}

/** Beside whoever uses the keys, which is not possible within a transaction. */
async function packKeys(database: Database, number: number, newest: boolean): Promise<void> {
  await onOwnConnection(database, async (run) => {
    await run(indexByMomentSql(number));
    for (const key of ['pkey', 'debit_version', 'credit_version', 'debit_time', 'credit_time']) {
      const name = `ledger.transfer_${number}_${key}`;
      await run(`alter index ${name} set (fillfactor = 100)`);
      await run(`reindex index concurrently ${name}`);
    }
    // Objects come in no order, which leaves half of their key's pages empty as it grows.
    if (newest) await run('reindex index concurrently ledger.journal_by_object');
  });
}

/** What a part has not that was taken out when there were no such indexes. */
const indexByMomentSql = (number: number) => `select ledger.index_by_moment(${number})`;

function outOfOrder(number: number, next: number | undefined) {
  const values = { number: String(number), next: next === undefined ? '-' : String(next) };
  return refuse('partition_out_of_order', { values });
}

/** Why a part cannot be taken out; undefined when it can. */
async function mayDetach(
  tx: Tx,
  parts: readonly RecordedPart[],
  number: number,
): Promise<Refusal | undefined> {
  const oldest = parts.find((part) => !part.detached)?.number;
  if (oldest !== number) return outOfOrder(number, oldest).error;
  const values = { number: String(number) };
  if (!(await readCuts(tx)).some((cut) => cut.number === number)) {
    return refuse('partition_not_cut', { values }).error;
  }
  const [open] = await tx.query<{ holds: bigint; first: string | null }>(
    `select count(*) as holds, min(t.journal_id::text || '/' || t.leg) as first
      from ledger.transfer_${number} t where t.kind = 'pending' and not exists
        (select from ledger.hold_resolution r
          where r.hold_journal = t.journal_id and r.hold_leg = t.leg)`,
  );
  if (open !== undefined && open.holds > 0n) {
    const more = { holds: String(open.holds), first: open.first ?? '' };
    return refuse('partition_holds_open', { values: { ...values, ...more } }).error;
  }
  return undefined;
}

async function recordMove(tx: Tx, number: number, attached: boolean, clock: Clock): Promise<void> {
  await tx.query(
    `insert into ledger.partition_move (serial, number, attached, moved_at)
      select coalesce(max(m.serial), 0) + 1, $1, $2, $3 from ledger.partition_move m`,
    [number, attached, clock.now().toString()],
  );
}
