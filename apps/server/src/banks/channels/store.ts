import { defineTable, insertRows, type Queryable, selectList, type Tx } from '@keyturn/pipeline';

/** All SQL of channels. */

export interface ContractRow {
  readonly id: string;
  readonly version: number;
  readonly adapter: string;
  readonly book: string;
  readonly settlesTo: string | null;
  readonly feeBps: number;
  readonly config: unknown;
  readonly secretRef: string;
  readonly state: string;
  readonly effectiveFrom: Temporal.Instant;
  readonly createdBy: string;
  readonly approvedBy: string;
  readonly recordedAt: Temporal.Instant;
}

const contractTable = defineTable<ContractRow>({
  name: 'channels.contract',
  columns: {
    id: 'text',
    version: 'int4',
    adapter: 'text',
    book: 'text',
    settlesTo: 'text',
    feeBps: 'int4',
    config: 'jsonb',
    secretRef: 'text',
    state: 'text',
    effectiveFrom: 'timestamptz',
    createdBy: 'text',
    approvedBy: 'text',
    recordedAt: 'timestamptz',
  },
  key: ['id', 'version'],
  mutable: [],
});

const inForceSql = `select distinct on (c.id) ${selectList(contractTable, 'c')}
  from channels.contract c where c.effective_from <= $1
  order by c.id, c.version desc limit 200`;

/** The contracts in force at a moment: of each the highest version whose date has come. */
export function readContractsInForce(
  db: Queryable,
  at: Temporal.Instant,
): Promise<readonly ContractRow[]> {
  return db.query<ContractRow>(inForceSql, [at.toString()]);
}

const latestSql = `select ${selectList(contractTable, 'c')} from channels.contract c
  where c.id = $1 order by c.version desc limit 1`;

export async function readLatestContract(
  db: Queryable,
  id: string,
): Promise<ContractRow | undefined> {
  const [row] = await db.query<ContractRow>(latestSql, [id]);
  return row;
}

/**
 * Two who write the same version at once: the second fails on the key, and its caller reads again.
 */
export function insertContract(tx: Tx, row: ContractRow): void {
  insertRows(tx, contractTable, [row]);
}

export interface MessageRow {
  readonly id: string;
  readonly contractId: string;
  readonly direction: 'out' | 'in';
  readonly operation: string;
  readonly reference: string;
  readonly request: string;
  readonly response: string;
  readonly outcome: string;
  readonly durationMs: number;
  readonly at: Temporal.Instant;
}

export const messageTable = defineTable<MessageRow>({
  name: 'channels.message',
  columns: {
    id: 'uuid',
    contractId: 'text',
    direction: 'text',
    operation: 'text',
    reference: 'text',
    request: 'text',
    response: 'text',
    outcome: 'text',
    durationMs: 'int4',
    at: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

const messagesSql = `select ${selectList(messageTable, 'm')} from channels.message m
  where m.contract_id = $1 and m.reference = $2 and (m.at, m.id) < ($3::timestamptz, $4::uuid)
  order by m.at desc, m.id desc limit $5`;

/** The log of one reference, newest first, before a position. */
export function readMessages(
  db: Queryable,
  query: {
    readonly contractId: string;
    readonly reference: string;
    readonly beforeAt: string;
    readonly beforeId: string;
    readonly limit: number;
  },
): Promise<readonly MessageRow[]> {
  const { contractId, reference, beforeAt, beforeId, limit } = query;
  return db.query<MessageRow>(messagesSql, [contractId, reference, beforeAt, beforeId, limit]);
}

export interface NotificationRow {
  readonly id: string;
  readonly contractId: string;
  readonly notificationId: string;
  readonly bodySealed: string;
  readonly receivedAt: Temporal.Instant;
  readonly attempts: number;
  readonly dueAt: Temporal.Instant;
  readonly lastError: string | null;
  readonly appliedAt: Temporal.Instant | null;
}

const notificationTable = defineTable<NotificationRow>({
  name: 'channels.notification',
  columns: {
    id: 'uuid',
    contractId: 'text',
    notificationId: 'text',
    bodySealed: 'text',
    receivedAt: 'timestamptz',
    attempts: 'int4',
    dueAt: 'timestamptz',
    lastError: 'text',
    appliedAt: 'timestamptz',
  },
  key: ['contractId', 'notificationId'],
  mutable: [],
});

const storeSql = `insert into channels.notification
    (id, contract_id, notification_id, body_sealed, received_at, due_at)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
    $6::timestamptz[])
  on conflict (contract_id, notification_id) do nothing returning id`;

/** Stores what is new of these, with one statement; returns the ids of the new ones. */
export async function storeNotifications(
  tx: Tx,
  rows: readonly NotificationRow[],
): Promise<ReadonlySet<string>> {
  const key = (row: NotificationRow) => `${row.contractId}/${row.notificationId}`;
  const sorted = [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const stored = await tx.query<{ id: string }>(storeSql, [
    sorted.map((row) => row.id),
    sorted.map((row) => row.contractId),
    sorted.map((row) => row.notificationId),
    sorted.map((row) => row.bodySealed),
    sorted.map((row) => row.receivedAt.toString()),
    sorted.map((row) => row.dueAt.toString()),
  ]);
  return new Set(stored.map((row) => row.id));
}

/** What became of handing a notification over. */
export interface NotificationOutcome {
  readonly id: string;
  readonly attempts: number;
  readonly dueAt: Temporal.Instant;
  readonly appliedAt: Temporal.Instant | null;
  readonly lastError: string | null;
}

const settleSql = `update channels.notification n set attempts = u.attempts, due_at = u.due_at,
    applied_at = u.applied_at, last_error = u.last_error
  from (select * from unnest($1::uuid[], $2::int4[], $3::timestamptz[], $4::timestamptz[],
      $5::text[]) as t(id, attempts, due_at, applied_at, last_error) order by id) u
  where n.id = u.id and n.applied_at is null`;

/** Writes outcomes with one statement. What is applied stays applied. */
export async function settleNotifications(
  tx: Tx,
  outcomes: readonly NotificationOutcome[],
): Promise<void> {
  await tx.query(settleSql, [
    outcomes.map((outcome) => outcome.id),
    outcomes.map((outcome) => outcome.attempts),
    outcomes.map((outcome) => outcome.dueAt.toString()),
    outcomes.map((outcome) => outcome.appliedAt?.toString() ?? null),
    outcomes.map((outcome) => outcome.lastError),
  ]);
}

const claimSql = `update channels.notification n set due_at = $2
  where n.id in (select d.id from channels.notification d
    where d.applied_at is null and d.due_at <= $1 order by d.due_at limit $3
    for update skip locked)
  returning ${selectList(notificationTable, 'n')}`;

/**
 * Takes what is due, and moves its due time to `leaseUntil` so that nobody else takes it meanwhile.
 */
export function claimNotifications(
  db: Queryable,
  now: Temporal.Instant,
  leaseUntil: Temporal.Instant,
  limit: number,
): Promise<readonly NotificationRow[]> {
  return db.query<NotificationRow>(claimSql, [now.toString(), leaseUntil.toString(), limit]);
}

const waitingSql = `select count(*) as "waiting" from (select 1 from channels.notification n
  where n.applied_at is null limit 10000) w`;

/** How many notifications wait to be applied; counts no further than 10,000. */
export async function countWaiting(db: Queryable): Promise<number> {
  const [row] = await db.query<{ waiting: bigint }>(waitingSql);
  return Number(row?.waiting ?? 0n);
}
