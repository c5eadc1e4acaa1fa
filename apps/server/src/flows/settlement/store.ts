import type { Queryable, Tx } from '@keyturn/pipeline';
import { selectList } from '@keyturn/pipeline';
import {
  type ChannelSettlement,
  channelSettlementTable,
  type FeeTopUp,
  feeTopUpTable,
  type SettlementWindow,
  type Split,
  type SplitLeg,
  splitLegTable,
  splitTable,
  windowTable,
} from './tables.ts';

/** All SQL of settlement. A look-up takes at least one key. */
export type Keys = readonly [string, ...string[]];

const lockSplitsSql = `select ${selectList(splitTable, 's')} from settlement.split s
  where s.order_id = any($1::uuid[]) order by s.id for no key update`;

export async function lockSplits(tx: Tx, orderIds: Keys): Promise<readonly Split[]> {
  return tx.query<Split>(lockSplitsSql, [orderIds]);
}

const splitsSql = `select ${selectList(splitTable, 's')} from settlement.split s
  where s.order_id = any($1::uuid[]) order by s.id limit 1000`;

export async function readSplits(db: Queryable, orderIds: Keys): Promise<readonly Split[]> {
  return db.query<Split>(splitsSql, [orderIds]);
}

const legsSql = `select ${selectList(splitLegTable, 'l')} from settlement.split_leg l
  where l.split_id = any($1::uuid[]) order by l.split_id, l.id limit 50000`;

export async function readLegs(db: Queryable, splitIds: Keys): Promise<readonly SplitLeg[]> {
  return db.query<SplitLeg>(legsSql, [splitIds]);
}

const lockWindowsSql = `select ${selectList(windowTable, 'w')} from settlement.settlement_window w
  where w.id = any($1::uuid[]) order by w.id for no key update`;

export async function lockWindows(tx: Tx, ids: Keys): Promise<readonly SettlementWindow[]> {
  return tx.query<SettlementWindow>(lockWindowsSql, [ids]);
}

/** Takes due windows; the lease keeps another process off them while this one settles. */
const claimWindowsSql = `update settlement.settlement_window w set due_at = $2::timestamptz
  where w.id in (select d.id from settlement.settlement_window d where d.due_at <= $1
    order by d.due_at limit $3 for update skip locked)
  returning w.id`;

export async function claimWindows(
  db: Queryable,
  now: Temporal.Instant,
  lease: Temporal.Instant,
  limit: number,
): Promise<readonly string[]> {
  const values = [now.toString(), lease.toString(), limit];
  return (await db.query<{ id: string }>(claimWindowsSql, values)).map(({ id }) => id);
}

const claimSplitsSql = `update settlement.split s set due_at = $2::timestamptz
  where s.id in (select d.id from settlement.split d where d.due_at <= $1
    order by d.due_at limit $3 for update skip locked)
  returning s.order_id as "orderId", s.trade_date as "tradeDate", s.contract_id as "contractId"`;

export interface DueSplit {
  readonly orderId: string;
  readonly tradeDate: Temporal.PlainDate | null;
  readonly contractId: string | null;
}

export async function claimSplits(
  db: Queryable,
  now: Temporal.Instant,
  lease: Temporal.Instant,
  limit: number,
): Promise<readonly DueSplit[]> {
  return db.query<DueSplit>(claimSplitsSql, [now.toString(), lease.toString(), limit]);
}

/** Which (contract, day) pairs an acquirer has paid in full, of those asked for. */
const clearedSql = `select wanted.contract_id as "contractId", wanted.trade_date as "tradeDate"
  from unnest($1::text[], $2::date[]) as wanted(contract_id, trade_date)
  cross join lateral (select from settlement.channel_settlement c
    where c.contract_id = wanted.contract_id
      and c.trade_date between wanted.trade_date and wanted.trade_date + 31
      and c.covers_from <= wanted.trade_date and c.owed_minor <= 0 limit 1) as paid`;

/** Cleared, and the fees that the acquirer kept of it have been paid in with own money. */
const wholeSql = `select wanted.contract_id as "contractId", wanted.trade_date as "tradeDate"
  from unnest($1::text[], $2::date[]) as wanted(contract_id, trade_date)
  cross join lateral (select c.contract_id, c.trade_date from settlement.channel_settlement c
    where c.contract_id = wanted.contract_id
      and c.trade_date between wanted.trade_date and wanted.trade_date + 31
      and c.covers_from <= wanted.trade_date and c.owed_minor <= 0 limit 1) as paid
  where not exists (select from settlement.channel_settlement f
    where f.contract_id = paid.contract_id and f.trade_date = paid.trade_date
      and f.fees_minor > f.fees_returned_minor
      and not exists (select from settlement.fee_top_up t
        where t.client_book = f.book and t.at >= f.at and t.state = 'arrived'))`;

type Day = { readonly contractId: string; readonly tradeDate: Temporal.PlainDate };

/** The pairs among these that are paid, as `contract/date`. */
export async function readCleared(
  db: Queryable,
  pairs: readonly Day[],
): Promise<ReadonlySet<string>> {
  return readPairs(db, clearedSql, pairs);
}

/** The pairs among these whose money lies in custody to the last fen, as `contract/date`. */
export async function readWhole(
  db: Queryable,
  pairs: readonly Day[],
): Promise<ReadonlySet<string>> {
  return readPairs(db, wholeSql, pairs);
}

async function readPairs(
  db: Queryable,
  sql: string,
  pairs: readonly Day[],
): Promise<ReadonlySet<string>> {
  if (pairs.length === 0) return new Set();
  const rows = await db.query<Day>(sql, [
    pairs.map(({ contractId }) => contractId),
    pairs.map(({ tradeDate }) => tradeDate.toString()),
  ]);
  return new Set(rows.map(({ contractId, tradeDate }) => `${contractId}/${tradeDate}`));
}

const lastOfDaySql = `select ${selectList(channelSettlementTable, 'c')}
  from settlement.channel_settlement c
  where c.contract_id = $1 and c.trade_date = $2 order by c.id desc limit 1`;

/** The last payment of an acquirer for a day. */
export async function readLastOfDay(
  db: Queryable,
  contractId: string,
  date: Temporal.PlainDate,
): Promise<ChannelSettlement | undefined> {
  const rows = await db.query<ChannelSettlement>(lastOfDaySql, [contractId, date.toString()]);
  return rows[0];
}

const ofContractSql = `select ${selectList(channelSettlementTable, 'c')}
  from settlement.channel_settlement c
  where c.contract_id = $1 and (c.trade_date, c.id) < ($2::date, $3::uuid)
  order by c.trade_date desc, c.id desc limit $4`;

/** Newest day first. */
export async function readChannelSettlements(
  db: Queryable,
  contractId: string,
  before: { readonly date: string; readonly id: string },
  limit: number,
): Promise<readonly ChannelSettlement[]> {
  const values = [contractId, before.date, before.id, limit];
  return db.query<ChannelSettlement>(ofContractSql, values);
}

/** One contract and day at a time: two payments for the same day must not both be the first. */
const dayLockSql = `select pg_advisory_xact_lock(hashtextextended(key, 0))
  from (select distinct unnest($1::text[]) as key order by 1) as keys`;

export async function lockDays(tx: Tx, keys: Keys): Promise<void> {
  await tx.query(dayLockSql, [keys]);
}

const daysSql = `select ${selectList(channelSettlementTable, 'c')}
  from unnest($1::text[], $2::date[]) as wanted(contract_id, trade_date)
  join settlement.channel_settlement c
    on c.contract_id = wanted.contract_id and c.trade_date = wanted.trade_date
  order by c.id limit 10000`;

export async function readDays(
  db: Queryable,
  days: readonly { readonly contractId: string; readonly tradeDate: string }[],
): Promise<readonly ChannelSettlement[]> {
  if (days.length === 0) return [];
  return db.query<ChannelSettlement>(daysSql, [
    days.map(({ contractId }) => contractId),
    days.map(({ tradeDate }) => tradeDate),
  ]);
}

const topUpsOfPayoutsSql = `select ${selectList(feeTopUpTable, 't')} from settlement.fee_top_up t
  where t.payout_id = any($1::uuid[]) order by t.id for no key update`;

export async function lockTopUpsOfPayouts(tx: Tx, payoutIds: Keys): Promise<readonly FeeTopUp[]> {
  return tx.query<FeeTopUp>(topUpsOfPayoutsSql, [payoutIds]);
}

const topUpsOfNumbersSql = `select ${selectList(feeTopUpTable, 't')} from settlement.fee_top_up t
  where t.payout_number = any($1::text[]) order by t.id for no key update`;

export async function lockTopUpsOfNumbers(tx: Tx, numbers: Keys): Promise<readonly FeeTopUp[]> {
  return tx.query<FeeTopUp>(topUpsOfNumbersSql, [numbers]);
}

const topUpOfDaySql = `select ${selectList(feeTopUpTable, 't')} from settlement.fee_top_up t
  where t.own_book = $1 and t.client_book = $2 and t.bank_date >= $3
  order by t.bank_date desc limit 1`;

/** The top-up of a client book on a bank day or after it. */
export async function readTopUpSince(
  db: Queryable,
  ownBook: string,
  clientBook: string,
  date: Temporal.PlainDate,
): Promise<FeeTopUp | undefined> {
  return (await db.query<FeeTopUp>(topUpOfDaySql, [ownBook, clientBook, date.toString()]))[0];
}

const openOfSql = `select ${selectList(windowTable, 'w')} from settlement.settlement_window w
  where w.merchant_id = any($1::uuid[]) and w.state = 'open'
  order by w.merchant_id, w.id limit 50000`;

/** What merchants earned and has not been settled, in all books. */
export async function readOpenOf(
  db: Queryable,
  merchantIds: Keys,
): Promise<readonly SettlementWindow[]> {
  return db.query<SettlementWindow>(openOfSql, [merchantIds]);
}

const windowsOfSql = `select ${selectList(windowTable, 'w')} from settlement.settlement_window w
  where w.merchant_id = $1 and w.book = $2 and w.state = 'open'
  order by w.trade_date limit 100`;

/** What a merchant earned in a book and has not been settled, oldest day first. */
export async function readOpenWindows(
  db: Queryable,
  merchantId: string,
  book: string,
): Promise<readonly SettlementWindow[]> {
  return db.query<SettlementWindow>(windowsOfSql, [merchantId, book]);
}
