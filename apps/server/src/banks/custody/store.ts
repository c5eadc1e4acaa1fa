import { defineTable, type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import type { CustodyAccount, Receipt, VirtualAccount } from './types.ts';

/** All SQL of custody. */

export const accountTable = defineTable<CustodyAccount>({
  name: 'custody.account',
  columns: {
    id: 'text',
    book: 'text',
    contractId: 'text',
    number: 'text',
    ledgerCode: 'int2',
    name: 'text',
    bankCode: 'text',
    bankName: 'text',
    currency: 'text',
    state: 'text',
  },
  key: ['id'],
  mutable: ['state'],
});

const accountsSql = `select ${selectList(accountTable, 'a')} from custody.account a
  order by a.id limit 500`;

export function readAccounts(db: Queryable): Promise<readonly CustodyAccount[]> {
  return db.query<CustodyAccount>(accountsSql);
}

const seedSql = `insert into custody.account
    (id, book, contract_id, number, ledger_code, name, bank_code, bank_name, currency, state)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing`;

export async function seedAccount(tx: Tx, account: CustodyAccount): Promise<void> {
  const { id, book, contractId, number, ledgerCode, name, bankCode, bankName } = account;
  const values = [id, book, contractId, number, ledgerCode, name, bankCode, bankName];
  await tx.query(seedSql, [...values, account.currency, account.state]);
}

const lockAccountsSql = `select ${selectList(accountTable, 'a')} from custody.account a
  where a.id = any($1::text[]) order by a.id for no key update`;

/** Whoever records entries of an account waits for those who do so already. */
export function lockAccounts(tx: Tx, ids: readonly string[]): Promise<readonly CustodyAccount[]> {
  return tx.query<CustodyAccount>(lockAccountsSql, [ids]);
}

export const virtualAccountTable = defineTable<VirtualAccount>({
  name: 'custody.virtual_account',
  columns: {
    id: 'uuid',
    accountId: 'text',
    number: 'text',
    ownerKind: 'text',
    ownerId: 'uuid',
    name: 'text',
    state: 'text',
    requestId: 'text',
    refusal: 'jsonb',
    requestedAt: 'timestamptz',
    openedAt: 'timestamptz',
    closedAt: 'timestamptz',
    tries: 'int4',
    dueAt: 'timestamptz',
    events: 'int8',
  },
  key: ['id'],
  mutable: [
    'number',
    'state',
    'requestId',
    'refusal',
    'openedAt',
    'closedAt',
    'tries',
    'dueAt',
    'events',
  ],
});

const virtualList = selectList(virtualAccountTable, 'v');

const byOwnerSql = `select ${virtualList} from custody.virtual_account v
  join unnest($1::text[], $2::text[], $3::uuid[]) as w(account_id, owner_kind, owner_id)
    on v.account_id = w.account_id and v.owner_kind = w.owner_kind and v.owner_id = w.owner_id
  order by v.id for no key update of v`;

/** Locks the virtual accounts of owners under accounts; those that there are. */
export function lockVirtualAccountsOfOwners(
  tx: Tx,
  wanted: readonly Pick<VirtualAccount, 'accountId' | 'ownerKind' | 'ownerId'>[],
): Promise<readonly VirtualAccount[]> {
  return tx.query<VirtualAccount>(byOwnerSql, [
    wanted.map((each) => each.accountId),
    wanted.map((each) => each.ownerKind),
    wanted.map((each) => each.ownerId),
  ]);
}

const byIdSql = `select ${virtualList} from custody.virtual_account v
  where v.id = any($1::uuid[]) order by v.id for no key update`;

export function lockVirtualAccounts(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly VirtualAccount[]> {
  return tx.query<VirtualAccount>(byIdSql, [ids]);
}

const oneSql = `select ${virtualList} from custody.virtual_account v where v.id = $1`;

export async function readVirtualAccount(
  db: Queryable,
  id: string,
): Promise<VirtualAccount | undefined> {
  const [row] = await db.query<VirtualAccount>(oneSql, [id]);
  return row;
}

const byNumberSql = `select ${virtualList} from custody.virtual_account v
  where v.number = any($1::text[])`;

/** The virtual accounts with these numbers; to know whose money arrives, not to change them. */
export async function readVirtualAccountsByNumber(
  db: Queryable,
  numbers: readonly string[],
): Promise<readonly VirtualAccount[]> {
  if (numbers.length === 0) return [];
  return db.query<VirtualAccount>(byNumberSql, [numbers]);
}

const ofOwnerSql = `select ${virtualList} from custody.virtual_account v
  where v.owner_id = $1 order by v.id desc limit 1`;

export async function readVirtualAccountOf(
  db: Queryable,
  ownerId: string,
): Promise<VirtualAccount | undefined> {
  const [row] = await db.query<VirtualAccount>(ofOwnerSql, [ownerId]);
  return row;
}

const claimSql = `update custody.virtual_account v set due_at = $2
  where v.id in (select d.id from custody.virtual_account d
    where d.due_at is not null and d.due_at <= $1 order by d.due_at limit $3
    for update skip locked)
  returning ${virtualList}`;

/** Takes what is due to be asked again, and leases it until `leaseUntil`. */
export function claimVirtualAccounts(
  db: Queryable,
  now: Temporal.Instant,
  leaseUntil: Temporal.Instant,
  limit: number,
): Promise<readonly VirtualAccount[]> {
  return db.query<VirtualAccount>(claimSql, [now.toString(), leaseUntil.toString(), limit]);
}

export const receiptTable = defineTable<Receipt>({
  name: 'custody.receipt',
  columns: {
    id: 'uuid',
    accountId: 'text',
    book: 'text',
    bankReference: 'text',
    direction: 'text',
    amount: 'int8',
    currency: 'text',
    bookedOn: 'date',
    valueOn: 'date',
    kind: 'text',
    virtualNumber: 'text',
    virtualAccountId: 'uuid',
    ownerKind: 'text',
    ownerId: 'uuid',
    endToEndId: 'text',
    counterpartySealed: 'text',
    counterpartyMasked: 'text',
    remittance: 'text',
    returnReason: 'text',
    settledContract: 'text',
    settledDate: 'date',
    source: 'text',
    state: 'text',
    assignedModule: 'text',
    assignedObject: 'uuid',
    assignedAt: 'timestamptz',
    journalId: 'uuid',
    recordedAt: 'timestamptz',
    events: 'int8',
  },
  key: ['id'],
  mutable: ['state', 'assignedModule', 'assignedObject', 'assignedAt', 'events'],
});

const receiptList = selectList(receiptTable, 'r');

const knownSql = `select ${receiptList} from custody.receipt r
  join unnest($1::text[], $2::text[], $3::text[]) as w(account_id, bank_reference, direction)
    on r.account_id = w.account_id and r.bank_reference = w.bank_reference
      and r.direction = w.direction`;

/** The receipts of entries that were recorded before. Read after the accounts' lock. */
export function readKnownReceipts(
  tx: Tx,
  entries: readonly Pick<Receipt, 'accountId' | 'bankReference' | 'direction'>[],
): Promise<readonly Receipt[]> {
  return tx.query<Receipt>(knownSql, [
    entries.map((entry) => entry.accountId),
    entries.map((entry) => entry.bankReference),
    entries.map((entry) => entry.direction),
  ]);
}

const lockReceiptsSql = `select ${receiptList} from custody.receipt r
  where r.id = any($1::uuid[]) order by r.id for no key update`;

export async function lockReceipts(tx: Tx, ids: readonly string[]): Promise<readonly Receipt[]> {
  if (ids.length === 0) return [];
  return tx.query<Receipt>(lockReceiptsSql, [ids]);
}

const receiptSql = `select ${receiptList} from custody.receipt r where r.id = $1`;

export async function readReceipt(db: Queryable, id: string): Promise<Receipt | undefined> {
  const [row] = await db.query<Receipt>(receiptSql, [id]);
  return row;
}

const pageSql = `select ${receiptList} from custody.receipt r
  where r.state = $1 and (r.recorded_at, r.id) < ($2::timestamptz, $3::uuid)
  order by r.recorded_at desc, r.id desc limit $4`;

/** Receipts in one state, newest first, before a position. */
export function readReceiptsInState(
  db: Queryable,
  query: {
    readonly state: Receipt['state'];
    readonly beforeAt: string;
    readonly beforeId: string;
    readonly limit: number;
  },
): Promise<readonly Receipt[]> {
  const { state, beforeAt, beforeId, limit } = query;
  return db.query<Receipt>(pageSql, [state, beforeAt, beforeId, limit]);
}
