import { type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import { type ApiKeyRow, apiKeyTable, type IntegratorRow, integratorTable } from '../rows.ts';

/** SQL about integrators and their API keys. */

export type ApiKeyWithName = ApiKeyRow & { readonly integratorName: string };

const selectKey = `select ${selectList(apiKeyTable, 't')}, i.name as "integratorName"
  from access.api_key t join access.integrator i on i.id = t.integrator_id`;
const oneSql = `${selectKey} where t.id = $1`;
const listSql = `${selectKey} where t.id < $1 order by t.id desc limit $2`;

export async function readApiKey(db: Queryable, id: string): Promise<ApiKeyWithName | undefined> {
  const [row] = await db.query<ApiKeyWithName>(oneSql, [id]);
  return row;
}

export function listApiKeys(
  db: Queryable,
  before: string,
  limit: number,
): Promise<readonly ApiKeyWithName[]> {
  return db.query<ApiKeyWithName>(listSql, [before, limit]);
}

const lockSql = `select ${selectList(apiKeyTable, 't')} from access.api_key t
  where t.id = any($1::uuid[]) order by t.id for no key update`;

export async function lockApiKeys(tx: Tx, ids: readonly string[]): Promise<readonly ApiKeyRow[]> {
  return ids.length === 0 ? [] : tx.query<ApiKeyRow>(lockSql, [ids]);
}

const integratorsSql = `select ${selectList(integratorTable, 't')} from access.integrator t
  where t.id = any($1::uuid[])`;

export async function readIntegrators(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly IntegratorRow[]> {
  return ids.length === 0 ? [] : db.query<IntegratorRow>(integratorsSql, [ids]);
}
