import { type Clock, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { type Database, errorCode, type Tx } from '@keyturn/pipeline';
import { type CheckedPart, checkDetached } from '../check/detached.ts';
import { refuse } from '../errors.ts';
import { type RecordedPart, readCuts, readParts } from './store.ts';

/**
 * Makes, takes out and puts back parts of the transfers. For a connection of who owns the tables:
 * the role that the platform runs with can do none of it.
 */
export interface PartitionAdmin {
  /**
   * Begins a new part: its boundary lies above every transaction that has begun, whose transfers
   * go where they belong, however late. Bookings wait while the part that ends is read once, up to
   * two seconds per million transfers. The sealer cuts it off when all before is sealed.
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
    begin: () =>
      asOwner(database, async (tx) => {
        await tx.query('lock table ledger.transfer in access exclusive mode');
        const last = present((await readParts(tx)).at(-1), 'the newest part');
        const [found] = await tx.query<{ filled: boolean }>(
          `select exists (select from ledger.transfer_${last.number}) as filled`,
        );
        if (found?.filled !== true) {
          return refuse('partition_empty', { values: { number: String(last.number) } });
        }
        // Behind the lock, on another connection: whatever was booked has a lower number, and
        // whoever began before and books later has one, too.
        const boundary = await boundaryAbove(database);
        const number = last.number + 1;
        await tx.query(detachSql(last.number));
        await tx.query(attachSql(last.number, last.begin, boundary));
        await tx.query('select ledger.make_partition($1)', [number]);
        await tx.query(attachSql(number, boundary, undefined));
        await tx.query(
          `insert into ledger.partition (number, first_transaction, made_at)
            values ($1, $2::xid8, $3)`,
          [number, boundary, clock.now().toString()],
        );
        return ok({ number });
      }),
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
        await tx.query(attachSql(number, part.begin, present(part.end, 'the end of the part')));
        await recordMove(tx, number, true, clock);
        return checked;
      }),
  };
}

const lockNotAvailable = '55P03';

/** The owner's rights for who may have them, for the transaction or for the connection. */
const becomeOwner = (local: 'true' | 'false') => `set_config('role', r.rolname, ${local})
  from pg_class c join pg_roles r on r.oid = c.relowner
  where c.oid = 'ledger.transfer'::regclass and pg_has_role(current_user, r.oid, 'member')`;

type Work<T> = (tx: Tx) => Promise<Result<T, Refusal>>;

async function asOwner<T>(database: Database, work: Work<T>): Promise<Result<T, Refusal>> {
  const done = database.transaction(async (tx) => {
    await tx.query(`select ${becomeOwner('true')}`);
    // One at a time, and not while the sealer cuts: its number says "seal" in ASCII.
    await tx.query('select pg_advisory_xact_lock(1936023916)');
    return work(tx);
  });
  return done.catch((error) => {
    // Bookings wait behind who waits for the lock, so that is not done for long.
    if (errorCode(error) === lockNotAvailable) return refuse('partition_busy');
    throw error;
  });
}

/** Beside whoever uses the keys, which is not possible within a transaction. */
async function packKeys(database: Database, number: number, newest: boolean): Promise<void> {
  const client = await database.connect();
  try {
    await client.query(`select ${becomeOwner('false')}`);
    for (const key of ['pkey', 'debit_version', 'credit_version']) {
      const name = `ledger.transfer_${number}_${key}`;
      await client.query(`alter index ${name} set (fillfactor = 100)`);
      await client.query(`reindex index concurrently ${name}`);
    }
    // Objects come in no order, which leaves half of their key's pages empty as it grows.
    if (newest) await client.query('reindex index concurrently ledger.journal_by_object');
    await client.query('reset role');
  } finally {
    client.release();
  }
}

async function boundaryAbove(database: Database): Promise<string> {
  const [found] = await database.query<{ boundary: string }>(
    'select pg_current_xact_id()::text as boundary',
  );
  return present(found, 'a transaction number').boundary;
}

const detachSql = (number: number) =>
  `alter table ledger.transfer detach partition ledger.transfer_${number}`;

const attachSql = (number: number, begin: string, end: string | undefined) =>
  `alter table ledger.transfer attach partition ledger.transfer_${number}
    for values from ('${begin}') to (${end === undefined ? 'maxvalue' : `'${end}'`})`;

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
