import { type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import { type DealLink, dealLinkTable } from './deal-link.ts';
import {
  type Agreement,
  agreementTable,
  type Conversion,
  conversionTable,
  type Deal,
  dealTable,
  type Evidence,
  evidenceTable,
  type Funding,
  fundingTable,
  type Item,
  itemTable,
  type Leg,
  type Line,
  legTable,
  lineTable,
  type Release,
  releaseTable,
  type Shortfall,
  shortfallTable,
} from './tables.ts';

/**
 * All SQL of escrow. A look-up takes at least one key; a deal's children are bounded by its
 * agreement.
 */
export type Keys = readonly [string, ...string[]];

/** What names deals: themselves, or things that belong to them. */
export interface DealKeys {
  readonly deals?: readonly string[];
  readonly items?: readonly string[];
  readonly releases?: readonly string[];
  readonly legs?: readonly string[];
  /** Orders and refunds of payments. */
  readonly orders?: readonly string[];
  readonly refunds?: readonly string[];
}

const lockDealsSql = `select ${selectList(dealTable, 'd')} from escrow.deal d
  where d.id = any (array(
    select unnest($1::uuid[])
    union select i.deal_id from escrow.item i where i.id = any($2::uuid[])
    union select r.deal_id from escrow.release r where r.id = any($3::uuid[])
    union select l.deal_id from escrow.leg l where l.id = any($4::uuid[])
    union select i.deal_id from escrow.item i where i.order_id = any($5::uuid[])
    union select l.deal_id from escrow.leg l where l.refund_id = any($6::uuid[])))
  order by d.id for no key update`;

/** Locks the deals that are named, in the order of their ids. */
export async function lockDeals(tx: Tx, keys: DealKeys): Promise<readonly Deal[]> {
  const lists = [keys.deals, keys.items, keys.releases, keys.legs, keys.orders, keys.refunds];
  if (lists.every((list) => (list ?? []).length === 0)) return [];
  return tx.query<Deal>(
    lockDealsSql,
    lists.map((list) => list ?? []),
  );
}

function childrenSql(columns: string, table: string, order: string): string {
  return `select ${columns} from ${table} t
  where t.deal_id = any($1::uuid[]) order by t.deal_id, t.${order} limit 20000`;
}

const itemsSql = childrenSql(selectList(itemTable, 't'), itemTable.name, 'position');
const fundingsSql = childrenSql(selectList(fundingTable, 't'), fundingTable.name, 'position');
const conversionsSql = childrenSql(
  selectList(conversionTable, 't'),
  conversionTable.name,
  'position',
);
const evidenceSql = childrenSql(selectList(evidenceTable, 't'), evidenceTable.name, 'position');
const releasesSql = childrenSql(selectList(releaseTable, 't'), releaseTable.name, 'position');
const legsSql = childrenSql(selectList(legTable, 't'), legTable.name, 'position');
const shortfallsSql = childrenSql(selectList(shortfallTable, 't'), shortfallTable.name, 'id');

/** Everything that stands under deals. */
export interface DealChildren {
  readonly items: readonly Item[];
  readonly fundings: readonly Funding[];
  readonly conversions: readonly Conversion[];
  readonly evidence: readonly Evidence[];
  readonly releases: readonly Release[];
  readonly legs: readonly Leg[];
  readonly shortfalls: readonly Shortfall[];
}

/**
 * The deals are locked by the caller when their children will change: nobody else changes them
 * then.
 */
export async function readChildren(tx: Tx, dealIds: Keys): Promise<DealChildren> {
  const of = <Row>(sql: string) => tx.query<Row>(sql, [dealIds]);
  // One behind the other without waiting: they are one round trip.
  const [items, fundings, conversions, evidence, releases, legs, shortfalls] = await Promise.all([
    of<Item>(itemsSql),
    of<Funding>(fundingsSql),
    of<Conversion>(conversionsSql),
    of<Evidence>(evidenceSql),
    of<Release>(releasesSql),
    of<Leg>(legsSql),
    of<Shortfall>(shortfallsSql),
  ]);
  return { items, fundings, conversions, evidence, releases, legs, shortfalls };
}

const linesSql = `select ${selectList(lineTable, 't')} from escrow.timeline_line t
  where t.deal_id = $1 order by t.position desc limit 500`;

/** A deal's story, newest first; the last 500 lines. */
export async function readLines(db: Queryable, dealId: string): Promise<readonly Line[]> {
  return db.query<Line>(linesSql, [dealId]);
}

const agreementsSql = `select ${selectList(agreementTable, 'a')} from escrow.agreement a
  where a.id = any($1::uuid[])`;

export async function readAgreements(db: Queryable, ids: Keys): Promise<readonly Agreement[]> {
  return db.query<Agreement>(agreementsSql, [ids]);
}

const lockAgreementsSql = `${agreementsSql} order by a.id for no key update`;

export async function lockAgreements(tx: Tx, ids: Keys): Promise<readonly Agreement[]> {
  return tx.query<Agreement>(lockAgreementsSql, [ids]);
}

const agreementsNamedSql = `select ${selectList(agreementTable, 'a')} from escrow.agreement a
  join unnest($1::text[], $2::int4[]) as wanted(name, version)
    on a.name = wanted.name and a.version = wanted.version`;

export async function readAgreementsNamed(
  db: Queryable,
  wanted: readonly { readonly name: string; readonly version: number }[],
): Promise<readonly Agreement[]> {
  return db.query<Agreement>(agreementsNamedSql, [
    wanted.map(({ name }) => name),
    wanted.map(({ version }) => version),
  ]);
}

const agreementPageSql = `select ${selectList(agreementTable, 'a')} from escrow.agreement a
  where a.id < $1::uuid order by a.id desc limit $2`;

/** Newest first. */
export async function readAgreementPage(
  db: Queryable,
  before: string,
  limit: number,
): Promise<readonly Agreement[]> {
  return db.query<Agreement>(agreementPageSql, [before, limit]);
}

const dealsSql = `select ${selectList(dealTable, 'd')} from escrow.deal d where d.id = any($1::uuid[])`;

export async function readDeals(db: Queryable, ids: Keys): Promise<readonly Deal[]> {
  return db.query<Deal>(dealsSql, [ids]);
}

const dealsByStateSql = `select ${selectList(dealTable, 'd')} from escrow.deal d
  where d.state = $1 and d.id < $2::uuid order by d.id desc limit $3`;
const dealsOfIntegratorSql = `select ${selectList(dealTable, 'd')} from escrow.deal d
  where d.integrator_id = $1 and d.id < $2::uuid order by d.id desc limit $3`;
const dealPageSql = `select ${selectList(dealTable, 'd')} from escrow.deal d
  where d.id < $1::uuid order by d.id desc limit $2`;

/** Newest first. By integrator, or by state, or all; each by an index. */
export async function readDealPage(
  db: Queryable,
  by: { readonly integratorId: string } | { readonly state: string } | undefined,
  before: string,
  limit: number,
): Promise<readonly Deal[]> {
  if (by === undefined) return db.query<Deal>(dealPageSql, [before, limit]);
  if ('state' in by) return db.query<Deal>(dealsByStateSql, [by.state, before, limit]);
  return db.query<Deal>(dealsOfIntegratorSql, [by.integratorId, before, limit]);
}

const releasesByStateSql = `select ${selectList(releaseTable, 'r')} from escrow.release r
  where r.state = $1 and r.id > $2::uuid order by r.id limit $3`;

/** Oldest first: what waits longest stands on top. */
export async function readReleasesByState(
  db: Queryable,
  state: string,
  after: string,
  limit: number,
): Promise<readonly Release[]> {
  return db.query<Release>(releasesByStateSql, [state, after, limit]);
}

const dealOfReleaseSql = `select r.deal_id as "dealId" from escrow.release r where r.id = $1`;

export async function readDealOfRelease(
  db: Queryable,
  releaseId: string,
): Promise<string | undefined> {
  return (await db.query<{ dealId: string }>(dealOfReleaseSql, [releaseId]))[0]?.dealId;
}

const dealsOfReferenceSql = `select ${selectList(dealTable, 'd')} from escrow.deal d
  where d.id = any (array(
    select i.deal_id from escrow.item i where i.id = $1
    union select l.deal_id from escrow.leg l where l.id = $1
    union select r.deal_id from escrow.release r where r.id = $1
    union select c.id from escrow.deal c where c.id = $1))`;

/** The deal of one of its items, movements or releases, or itself. */
export async function readDealOfReference(
  db: Queryable,
  referenceId: string,
): Promise<Deal | undefined> {
  return (await db.query<Deal>(dealsOfReferenceSql, [referenceId]))[0];
}

/** The movements of deals: of releases, refunds and forfeits. */
export async function readLegs(db: Queryable, dealIds: Keys): Promise<readonly Leg[]> {
  return db.query<Leg>(legsSql, [dealIds]);
}

const linkSql = `select ${selectList(dealLinkTable, 'k')} from escrow.deal_link k
  where k.token_sha256 = $1`;

export async function readLink(db: Queryable, tokenSha256: string): Promise<DealLink | undefined> {
  return (await db.query<DealLink>(linkSql, [tokenSha256]))[0];
}

/** Freezes whose end has come; the lease keeps another process off them. */
const claimFreezesSql = `update escrow.deal d set due_at = $2::timestamptz
  where d.id in (select c.id from escrow.deal c where c.due_at <= $1
    order by c.due_at limit $3 for update skip locked)
  returning d.id`;

export async function claimFreezes(
  db: Queryable,
  now: Temporal.Instant,
  lease: Temporal.Instant,
  limit: number,
): Promise<readonly string[]> {
  const values = [now.toString(), lease.toString(), limit];
  return (await db.query<{ id: string }>(claimFreezesSql, values)).map(({ id }) => id);
}
