import { type Clock, ok, type Refusal, type Result } from '@keyturn/kernel';
import { createBatcher, type Database, defineTable, insertRows, type Tx } from '@keyturn/pipeline';
import {
  type Account,
  type AccountSpec,
  accountId,
  defaultLimit,
  isAccountCode,
  type LimitKind,
  newAccount,
} from './account.ts';
import { readChart } from './chart.ts';
import { isAccount, isText } from './decide/check-form.ts';
import { refuse } from './errors.ts';
import { loadBooks, lockAccounts, openAccounts } from './store.ts';

/** What an account is known by elsewhere: at most 16 keys of 40 characters, values of 200. */
export type AccountMetadata = Readonly<Record<string, string>>;

export interface OpenAccountRequest {
  readonly account: AccountSpec;
  /** What its counters may not do, where the chart of accounts leaves that open. */
  readonly limit?: LimitKind;
  readonly metadata?: AccountMetadata;
}

/** The account; `replayed` when it was there already, with the same terms. */
export interface OpenedAccount {
  readonly account: Account;
  readonly metadata: AccountMetadata;
  readonly replayed: boolean;
}

/** One key of an account's metadata. */
interface MetadataRow {
  readonly accountId: string;
  readonly key: string;
  readonly value: string;
}

const metadataTable = defineTable<MetadataRow>({
  name: 'ledger.account_metadata',
  columns: { accountId: 'uuid', key: 'text', value: 'text' },
  key: ['accountId', 'key'],
  mutable: [],
});

export const maxMetadataKeys = 16;

/**
 * Opens accounts by name before money comes, with a limit and metadata of their own. An account
 * that nobody opened is opened by its first transfer, as the chart of accounts says. Terms do not
 * change afterwards: the same request is a repeat, another one `account_exists`.
 */
export interface AccountOpener {
  openAccount(request: OpenAccountRequest): Promise<Result<OpenedAccount, Refusal>>;
  close(): Promise<void>;
}

interface Call {
  readonly request: OpenAccountRequest;
  readonly now: Temporal.Instant;
}

export function createAccountOpener(options: {
  readonly database: Database;
  readonly clock: Clock;
}): AccountOpener {
  const batcher = createBatcher<Call, Result<OpenedAccount, Refusal>>({
    name: 'ledger.open_account',
    database: options.database,
    execute: openBatch,
  });
  return {
    openAccount: async (request) => {
      if (!isAccountCode(request.account.code)) await readChart(options.database);
      const fault = checkTerms(request);
      if (fault) return { ok: false, error: fault };
      return batcher.submit({ request, now: options.clock.now() });
    },
    close: batcher.close,
  };
}

/** What is wrong with a request itself, in the order of the registry. */
function checkTerms({ account, limit, metadata = {} }: OpenAccountRequest): Refusal | undefined {
  if (!isAccount(account)) {
    const name = `${account.book}/${account.code}/${account.owner}`.slice(0, 200);
    return refuse('opened_account_invalid', { values: { account: name } }).error;
  }
  const fixed = defaultLimit(account.code);
  if (limit !== undefined && limit !== fixed && fixed !== 'none') {
    const values = { code: String(account.code), limit: fixed };
    return refuse('account_limit_fixed', { values }).error;
  }
  const entries = Object.entries(metadata);
  const unfit = entries.find(([key, value]) => !isText(key, 40) || !isText(value));
  if (entries.length <= maxMetadataKeys && !unfit) return undefined;
  const values = { key: unfit?.[0].slice(0, 40) ?? '', count: String(entries.length) };
  return refuse('account_metadata_invalid', { values }).error;
}

async function openBatch(
  tx: Tx,
  calls: readonly Call[],
): Promise<readonly Result<OpenedAccount, Refusal>[]> {
  const asked = [...new Set(calls.map(({ request }) => request.account.book))];
  const books = new Set(await loadBooks(tx, asked));
  const known = calls.filter(({ request }) => books.has(request.account.book));
  const ids = [...new Set(known.map(({ request }) => accountId(request.account)))];
  const there = new Map((await lockAccounts(tx, ids)).map((account) => [account.id, account]));
  const fresh = new Map<string, Call>();
  for (const call of known) {
    const id = accountId(call.request.account);
    if (!there.has(id) && !fresh.has(id)) fresh.set(id, call);
  }
  const { accounts: opened, inserted: mine } = await openAccounts(
    tx,
    [...fresh.values()].map(rowOf),
  );
  for (const account of opened) there.set(account.id, account);
  const kept = await readMetadata(tx, [...there.keys()]);
  const rows: MetadataRow[] = [];
  const answers = calls.map((call): Result<OpenedAccount, Refusal> => {
    const { account: spec, metadata = {} } = call.request;
    const account = there.get(accountId(spec));
    if (!account) return refuse('book_unknown', { values: { book: spec.book } });
    if (mine.has(account.id) && fresh.get(account.id) === call) {
      kept.set(account.id, metadata);
      for (const [key, value] of Object.entries(metadata)) {
        rows.push({ accountId: account.id, key, value });
      }
      return ok({ account, metadata, replayed: false });
    }
    return compare(account, kept.get(account.id) ?? {}, call.request);
  });
  insertRows(tx, metadataTable, rows);
  return answers;
}

function rowOf({ request, now }: Call): Account {
  const account = newAccount(request.account, now);
  return { ...account, limitKind: request.limit ?? account.limitKind };
}

function compare(
  account: Account,
  metadata: AccountMetadata,
  request: OpenAccountRequest,
): Result<OpenedAccount, Refusal> {
  const limit = request.limit ?? defaultLimit(request.account.code);
  const differs: string[] = [];
  if (limit !== account.limitKind) differs.push('limit');
  if (!sameMetadata(metadata, request.metadata ?? {})) differs.push('metadata');
  if (differs.length === 0) return ok({ account, metadata, replayed: true });
  const values = { account_id: account.id, differs: differs.join(', ') };
  const differs_zh = differs.map((part) => (part === 'limit' ? '限额' : '元数据')).join('、');
  return refuse('account_exists', { values: { ...values, differs_zh } });
}

function sameMetadata(one: AccountMetadata, other: AccountMetadata): boolean {
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => one[key] === other[key]);
}

const metadataSql = `select m.account_id as "accountId", m.key, m.value
  from ledger.account_metadata m where m.account_id = any($1::uuid[])`;

/** The metadata of accounts, of those that have some. */
export async function readMetadata(
  db: Pick<Tx, 'query'>,
  ids: readonly string[],
): Promise<Map<string, AccountMetadata>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<MetadataRow>(metadataSql, [ids]);
  const byAccount = Map.groupBy(rows, (row) => row.accountId);
  return new Map(
    [...byAccount].map(([id, own]) => [id, Object.fromEntries(own.map((r) => [r.key, r.value]))]),
  );
}
