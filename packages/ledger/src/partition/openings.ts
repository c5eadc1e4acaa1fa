import type { Queryable } from '@keyturn/pipeline';
import type { EndedPart } from './store.ts';

/** So many accounts are looked at in one statement. */
const accountsAtOnce = 5_000;

const firstId = '00000000-0000-0000-0000-000000000000';

/** What is digested of an opening `o`: every column, in PostgreSQL's binary form. */
const recordSql = `record_send(row(o.account_id, o.number, o.version, o.debits_posted,
    o.credits_posted, o.debits_pending, o.credits_pending, o.recorded_at))`;

const lastEntry = (side: string) => `(select t.${side}_version as version,
        t.${side}_debits_posted as dp, t.${side}_credits_posted as cp,
        coalesce(t.${side}_debits_pending, 0) as dh, coalesce(t.${side}_credits_pending, 0) as ch,
        t.recorded_at
      from ledger.transfer t
      where t.${side}_account = a.id and t.transaction_id >= $2::xid8
        and t.transaction_id < $3::xid8
      order by t.${side}_version desc limit 1)`;

const writeSql = `with page as materialized (
    select x.id from ledger.account x where x.id > $4::uuid order by x.id limit $5),
  o as (insert into ledger.partition_opening (account_id, number, version, debits_posted,
      credits_posted, debits_pending, credits_pending, recorded_at)
    select a.id, $1::int, e.* from page a cross join lateral (select u.* from (
      ${lastEntry('debit')} union all ${lastEntry('credit')}) u
      order by u.version desc limit 1) e
    returning *)
  select (select max(p.id::text) from page p) as last, count(*) as accounts,
    string_agg(${recordSql}, ''::bytea order by o.account_id) as records from o`;

/** A page of openings as they are digested. */
export interface OpeningsPage {
  readonly accounts: bigint;
  /** One record behind the other; null when the page has none. */
  readonly records: Buffer | null;
}

/** Writes how every account that was moved in a part stood at its end, by the accounts' ids. */
export async function* writeOpenings(
  db: Queryable,
  { number, begin, end }: EndedPart,
): AsyncGenerator<OpeningsPage> {
  let after: string | null = firstId;
  while (after !== null) {
    const values = [number, begin, end, after, accountsAtOnce];
    const pages: readonly (OpeningsPage & { readonly last: string | null })[] = await db.query(
      writeSql,
      values,
    );
    const page = pages[0];
    if (page === undefined) return;
    yield page;
    after = page.last;
  }
}

const readSql = `select max(o.account_id::text) as last, count(*) as accounts,
    string_agg(${recordSql}, ''::bytea order by o.account_id) as records
  from (select x.* from ledger.partition_opening x
    where x.number = $1 and x.account_id > $2::uuid order by x.account_id limit $3) o`;

/** The openings that a part left, as `writeOpenings` gave them. */
export async function* readOpenings(db: Queryable, number: number): AsyncGenerator<OpeningsPage> {
  let after: string | null = firstId;
  while (after !== null) {
    const pages: readonly (OpeningsPage & { readonly last: string | null })[] = await db.query(
      readSql,
      [number, after, accountsAtOnce],
    );
    const page = pages[0];
    if (page?.records === undefined || page.records === null) return;
    yield page;
    after = page.last;
  }
}
