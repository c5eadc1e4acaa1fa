import {
  defineTable,
  insertRows,
  type Queryable,
  selectList,
  type Tx,
  updateRows,
} from '@keyturn/pipeline';
import { type Difference, differenceTable, type Movement, movementTable } from './tables.ts';

/** The SQL of settling differences. */

export interface Settlement {
  readonly id: string;
  readonly takeoverId: string;
  readonly why: string;
  readonly proposedBy: string;
  readonly proposedAt: Temporal.Instant;
}

const settlementTable = defineTable<Settlement>({
  name: 'takeover.settlement',
  columns: {
    id: 'uuid',
    takeoverId: 'text',
    why: 'text',
    proposedBy: 'text',
    proposedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

export interface SettlementItem {
  readonly settlementId: string;
  readonly differenceId: string;
  readonly amount: bigint;
}

const itemTable = defineTable<SettlementItem>({
  name: 'takeover.settlement_item',
  columns: { settlementId: 'uuid', differenceId: 'uuid', amount: 'int8' },
  key: ['settlementId', 'differenceId'],
  mutable: [],
});

interface Approval {
  readonly settlementId: string;
  readonly approvedBy: string;
  readonly approvedAt: Temporal.Instant;
  readonly journalId: string | null;
}

const approvalTable = defineTable<Approval>({
  name: 'takeover.approval',
  columns: {
    settlementId: 'uuid',
    approvedBy: 'text',
    approvedAt: 'timestamptz',
    journalId: 'uuid',
  },
  key: ['settlementId'],
  mutable: [],
});

const byIdSql = `select ${selectList(differenceTable, 'd')} from takeover.difference d
  where d.id = any($2::uuid[]) and d.takeover_id = $1 and d.closed_at is null`;
const bySubjectSql = `select ${selectList(differenceTable, 'd')} from takeover.difference d
  where d.takeover_id = $1 and d.closed_at is null and d.subject = $2 order by d.account limit $3`;

export async function readOpenById(
  db: Queryable,
  id: string,
  differences: readonly string[],
): Promise<readonly Difference[]> {
  return db.query<Difference>(byIdSql, [id, differences]);
}

export async function readOpenOfSubject(
  db: Queryable,
  id: string,
  subject: string,
  limit: number,
): Promise<readonly Difference[]> {
  return db.query<Difference>(bySubjectSql, [id, subject, limit]);
}

export function insertSettlement(
  tx: Tx,
  settlement: Settlement,
  items: readonly SettlementItem[],
): void {
  insertRows(tx, settlementTable, [settlement]);
  insertRows(tx, itemTable, items);
}

const waitingSql = `select ${selectList(settlementTable, 's')} from takeover.settlement s
  where s.id = $2 and s.takeover_id = $1
    and not exists (select from takeover.approval a where a.settlement_id = s.id)`;
const itemsSql = `select ${selectList(itemTable, 'i')} from takeover.settlement_item i
  where i.settlement_id = $1`;

/** A settlement that waits for approval, with its items. */
export async function readProposed(
  db: Queryable,
  id: string,
  settlement: string,
): Promise<(Settlement & { readonly items: readonly SettlementItem[] }) | undefined> {
  const [found] = await db.query<Settlement>(waitingSql, [id, settlement]);
  if (found === undefined) return undefined;
  return { ...found, items: await db.query<SettlementItem>(itemsSql, [settlement]) };
}

export function insertApproval(tx: Tx, approval: Approval): void {
  insertRows(tx, approvalTable, [approval]);
}

export function closeSettled(
  tx: Tx,
  differences: readonly Difference[],
  closedAt: Temporal.Instant,
): void {
  updateRows(
    tx,
    differenceTable,
    differences.map((one) => ({ ...one, closedAt, closedBy: 'settled' })),
  );
}

const afterSwitchSql = `select ${selectList(movementTable, 'm')} from takeover.movement m
  where m.takeover_id = $1 and m.account = any($2::text[]) and m.state = 'after_switch'
  order by m.booked_at, m.id limit 1000`;

/** Rows that were written to the old ledger when the new one led. */
export async function readAfterSwitch(
  tx: Tx,
  id: string,
  accounts: readonly string[],
): Promise<readonly Movement[]> {
  return tx.query<Movement>(afterSwitchSql, [id, accounts]);
}
