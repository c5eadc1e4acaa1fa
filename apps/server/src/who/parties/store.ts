import { assert } from '@keyturn/kernel';
import { type Book, bookTable } from '@keyturn/ledger';
import { type Queryable, selectList, sqlName, type Tx } from '@keyturn/pipeline';
import {
  type BankAccountRow,
  bankAccountTable,
  legalEntityTable,
  type MerchantRow,
  merchantTable,
  type PersonRow,
  personTable,
} from './rows.ts';
import type { LegalEntity } from './types.ts';

/** All SQL of the module. */

const personsSql = `select ${selectList(personTable, 't')} from parties.person t
  where t.id = any($1::uuid[])`;

export async function readPersons(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly PersonRow[]> {
  return ids.length === 0 ? [] : db.query<PersonRow>(personsSql, [ids]);
}

const merchantsSql = `select ${selectList(merchantTable, 't')} from parties.merchant t
  where t.id = any($1::uuid[])`;

export async function readMerchants(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly MerchantRow[]> {
  return ids.length === 0 ? [] : db.query<MerchantRow>(merchantsSql, [ids]);
}

const bankAccountsSql = `select ${selectList(bankAccountTable, 't')} from parties.bank_account t
  where t.id = any($1::uuid[])`;

export async function readBankAccounts(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly BankAccountRow[]> {
  return ids.length === 0 ? [] : db.query<BankAccountRow>(bankAccountsSql, [ids]);
}

const lockBankAccountsSql = `${bankAccountsSql} order by t.id for no key update`;

export async function lockBankAccounts(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly BankAccountRow[]> {
  return ids.length === 0 ? [] : tx.query<BankAccountRow>(lockBankAccountsSql, [ids]);
}

const activeSql = `select ${selectList(bankAccountTable, 't')} from parties.bank_account t
  join unnest($1::uuid[], $2::text[]) as wanted(owner_id, number_fingerprint)
    on t.owner_id = wanted.owner_id and t.number_fingerprint = wanted.number_fingerprint
  where t.state = 'active'`;

/** Active accounts with these owners and numbers. */
export async function readActiveAccounts(
  tx: Tx,
  wanted: readonly { readonly ownerId: string; readonly numberFingerprint: string }[],
): Promise<readonly BankAccountRow[]> {
  if (wanted.length === 0) return [];
  return tx.query<BankAccountRow>(activeSql, [
    wanted.map((account) => account.ownerId),
    wanted.map((account) => account.numberFingerprint),
  ]);
}

const accountsOfSql = `select ${selectList(bankAccountTable, 't')} from parties.bank_account t
  where t.owner_id = $1 order by t.id desc limit 100`;

export function readAccountsOf(db: Queryable, ownerId: string): Promise<readonly BankAccountRow[]> {
  return db.query<BankAccountRow>(accountsOfSql, [ownerId]);
}

/** A place in a list, the newest first: rows older than `before`, of one maker or of all. */
export interface ListPlace {
  readonly before: string;
  readonly limit: number;
}

const listSql = {
  persons: listStatements(`select ${selectList(personTable, 't')} from parties.person t`),
  merchants: listStatements(`select ${selectList(merchantTable, 't')} from parties.merchant t`),
};

/** Two texts instead of one with an "or", so that each has its index. */
function listStatements(select: string): { readonly all: string; readonly ofMaker: string } {
  return {
    all: `${select} where t.id < $1 order by t.id desc limit $2`,
    ofMaker: `${select} where t.id < $1 and t.created_by = $3 order by t.id desc limit $2`,
  };
}

export function listPersons(
  db: Queryable,
  place: ListPlace,
  maker: string | undefined,
): Promise<readonly PersonRow[]> {
  return list<PersonRow>(db, listSql.persons, place, maker);
}

export function listMerchants(
  db: Queryable,
  place: ListPlace,
  maker: string | undefined,
): Promise<readonly MerchantRow[]> {
  return list<MerchantRow>(db, listSql.merchants, place, maker);
}

function list<Row>(
  db: Queryable,
  sql: { readonly all: string; readonly ofMaker: string },
  { before, limit }: ListPlace,
  maker: string | undefined,
): Promise<readonly Row[]> {
  if (maker === undefined) return db.query<Row>(sql.all, [before, limit]);
  return db.query<Row>(sql.ofMaker, [before, limit, maker]);
}

const seedEntitiesSql = `insert into parties.legal_entity (id, name, registration_number)
  select * from unnest($1::text[], $2::text[], $3::text[]) on conflict (id) do nothing`;

export async function insertLegalEntities(
  db: Queryable,
  entities: readonly LegalEntity[],
): Promise<void> {
  if (entities.length === 0) return;
  await db.query(seedEntitiesSql, [
    entities.map((entity) => entity.id),
    entities.map((entity) => entity.name),
    entities.map((entity) => entity.registrationNumber),
  ]);
}

const legalEntitiesSql = `select ${selectList(legalEntityTable, 't')} from parties.legal_entity t
  order by t.id limit 1000`;

export function readLegalEntities(db: Queryable): Promise<readonly LegalEntity[]> {
  return db.query<LegalEntity>(legalEntitiesSql, []);
}

const bookColumns = ['id', 'legalEntity', 'regime', 'currency', 'memo'] as const;
const ensureBooksSql = `insert into ${bookTable.name} (${bookColumns.map(sqlName).join(', ')})
  select * from unnest(${bookColumns.map((column, at) => `$${at + 1}::${bookTable.columns[column]}[]`).join(', ')})
  on conflict (id) do nothing`;

/** Opens the books that are not there. */
export async function insertBooks(db: Queryable, books: readonly Book[]): Promise<void> {
  assert(books.length <= 1000, 'books are opened by the thousand at most');
  if (books.length === 0) return;
  const sorted = [...books].sort((a, b) => (a.id < b.id ? -1 : 1));
  await db.query(
    ensureBooksSql,
    bookColumns.map((column) => sorted.map((book) => book[column])),
  );
}
