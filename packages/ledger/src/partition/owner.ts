import type { Refusal, Result } from '@keyturn/kernel';
import { type Database, errorCode, type Tx } from '@keyturn/pipeline';
import { refuse } from '../errors.ts';

const lockNotAvailable = '55P03';

/** The owner's rights for who may have them, for the transaction or for the connection. */
const becomeOwner = (local: 'true' | 'false') => `set_config('role', r.rolname, ${local})
  from pg_class c join pg_roles r on r.oid = c.relowner
  where c.oid = 'ledger.transfer'::regclass and pg_has_role(current_user, r.oid, 'member')`;

type Work<T> = (tx: Tx) => Promise<Result<T, Refusal>>;

/** In a transaction with the owner's rights, one at a time. */
export async function asOwner<T>(database: Database, work: Work<T>): Promise<Result<T, Refusal>> {
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

/** On a connection with the owner's rights, for what is not possible within a transaction. */
export async function onOwnConnection(
  database: Database,
  work: (run: (sql: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const client = await database.connect();
  try {
    await client.query(`select ${becomeOwner('false')}`);
    await work((sql) => client.query(sql));
  } finally {
    await client.query('reset role');
    client.release();
  }
}

export const detachSql = (number: number) =>
  `alter table ledger.transfer detach partition ledger.transfer_${number}`;

export const attachSql = (number: number, begin: string, end: string | undefined) =>
  `alter table ledger.transfer attach partition ledger.transfer_${number}
    for values from ('${begin}') to (${end === undefined ? 'maxvalue' : `'${end}'`})`;
