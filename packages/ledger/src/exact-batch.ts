import { present } from '@keyturn/kernel';
import {
  arrayOf,
  inKeyOrder,
  insertPart,
  insertValues,
  type SqlType,
  type Tx,
} from '@keyturn/pipeline';
import type { Account } from './account.ts';
import { journalTable, transferTable } from './journal.ts';
import {
  assertPlain,
  postedKind,
  type SupposedBatch,
  sentOfJournal,
  sentOfPosted,
} from './supposed-batch.ts';

/**
 * The shortest way to write a batch: money that moved at once between accounts that hold nothing
 * back, each exactly as supposed. When one is not, the statement fails, and the same batch is
 * written as differences (supposed-batch.ts).
 */

interface Moved {
  readonly before: Account;
  readonly after: Account;
}

/** What is sent of each account, in the order of the parameters. */
const accountParts: readonly [string, SqlType, (moved: Moved) => string | bigint][] = [
  ['id', 'uuid', ({ after }) => after.id],
  ['old_version', 'int8', ({ before }) => before.version],
  ['old_debits_posted', 'int8', ({ before }) => before.debitsPosted],
  ['old_credits_posted', 'int8', ({ before }) => before.creditsPosted],
  ['version', 'int8', ({ after }) => after.version],
  ['debits_posted', 'int8', ({ after }) => after.debitsPosted],
  ['credits_posted', 'int8', ({ after }) => after.creditsPosted],
];
const countParameter = accountParts.length + 1;
const accountLists = accountParts.map(
  ([name, type], index) => `unnest($${index + 1}::${type}[]) as ${name}`,
);

const journalsSql = insertPart(journalTable, countParameter, sentOfJournal);
const transferOffset = countParameter + sentOfJournal.length;
const transfersSql = insertPart(transferTable, transferOffset, sentOfPosted, { kind: postedKind });

/** The accounts are found by their ids alone, however many they are: nothing else is to tempt. */
const bookSql = `with journals as (${journalsSql} returning 1),
  written as (
    update ledger.account t
    set version = t.version + (u.version - u.old_version),
      debits_posted = t.debits_posted + (u.debits_posted - u.old_debits_posted),
      credits_posted = t.credits_posted + (u.credits_posted - u.old_credits_posted)
    from (select ${accountLists.join(', ')}) as u
    where t.id = u.id and (select count(*) from journals) > 0
    returning t.version = u.version and t.debits_posted = u.debits_posted
      and t.credits_posted = u.credits_posted and t.debits_pending = 0 and t.credits_pending = 0
      and not (t.closed or t.frozen_in or t.frozen_out) as as_supposed),
  transfers as (${transfersSql})
  select ledger.expect_rows(count(*) filter (where w.as_supposed), $${countParameter})
  from written w`;

/**
 * For batches that are `isPostedOnly`. Fails with 40001 when an account is not as supposed.
 */
export function bookExact(tx: Pick<Tx, 'write'>, batch: Omit<SupposedBatch, 'shifted'>): void {
  const { supposed, journals, transfers } = batch;
  assertPlain(journals, transfers);
  const moved = [...batch.moved]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((after) => ({ after, before: present(supposed.get(after.id), 'an account as supposed') }));
  tx.write(bookSql, [
    ...accountParts.map(([, type, part]) => arrayOf(type, moved.map(part))),
    moved.length,
    ...insertValues(journalTable, inKeyOrder(journalTable, journals), sentOfJournal),
    ...insertValues(transferTable, inKeyOrder(transferTable, transfers), sentOfPosted),
  ]);
}
