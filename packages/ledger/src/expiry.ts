import { type Clock, namedId } from '@keyturn/kernel';
import type { Database, Queryable } from '@keyturn/pipeline';
import type { JournalRequest } from './journal.ts';
import { createSubmitter, maxBulk } from './submit.ts';

interface Expired {
  readonly journalId: string;
  readonly leg: number;
  readonly book: string;
  readonly causeObject: string;
}

const expiredSql = `select d.journal_id as "journalId", d.leg, j.book_id as "book",
    j.cause_object as "causeObject"
  from (select h.journal_id, h.leg, h.expires_at from ledger.due_hold h
    where h.expires_at <= $1 order by h.expires_at, h.journal_id, h.leg limit $2) d
  join ledger.journal j on j.id = d.journal_id
  order by d.expires_at, d.journal_id, d.leg`;

/**
 * Voids holds whose time is over, the longest overdue first. Each is voided by a journal whose id
 * follows from the hold, through the same door as all others, so that two who do this at once, or
 * somebody who resolves the hold at this moment, cannot do it twice: the accounts are locked, and
 * who comes second finds it done.
 *
 * @param limit how many holds are looked at, 1 to 10,000
 * @returns how many were voided by this call; when it is 0, nothing was due
 */
export async function expireHolds(
  deps: { readonly database: Database; readonly clock: Clock },
  limit = 1_000,
): Promise<number> {
  const values = [deps.clock.now().toString(), Math.min(Math.max(limit, 1), maxBulk)];
  const expired = await deps.database.query<Expired>(expiredSql, values);
  if (expired.length === 0) return 0;
  const submitter = createSubmitter(deps);
  try {
    const answers = await submitter.submitBulk(expired.map(voiding));
    return answers.filter((answer) => answer.ok && !answer.value.replayed).length;
  } finally {
    await submitter.close();
  }
}

function voiding({ journalId, leg, book, causeObject }: Expired): JournalRequest {
  const name = `expiry/${journalId}/${leg}`;
  return {
    id: namedId(name, causeObject),
    book,
    cause: { module: 'ledger', object: causeObject, command: name },
    transfers: [{ kind: 'void_pending', hold: { journalId, leg } }],
  };
}

const overdueSql = `select min(h.expires_at) as since from ledger.due_hold h
  where h.expires_at <= $1`;

/** For how many seconds the hold has been overdue that should have expired first; 0 for none. */
export async function readExpiryLag(db: Queryable, now: Temporal.Instant): Promise<number> {
  const rows = await db.query<{ since: Temporal.Instant | null }>(overdueSql, [now.toString()]);
  const since = rows[0]?.since;
  return since ? now.since(since).total('seconds') : 0;
}
