import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';
import { isAccountCode, type LimitKind, rememberCode } from './account.ts';
import { refuse } from './errors.ts';
import { type AnyRequest, isReversal } from './journal.ts';

export type AccountClass = 'asset' | 'liability' | 'income' | 'expense';

/** One line of the chart of accounts: what a code stands for. */
export interface ChartLine {
  readonly code: number;
  readonly nameEn: string;
  readonly nameZh: string;
  /** Balances of assets and expenses grow by debits, those of liabilities and income by credits. */
  readonly class: AccountClass;
  /** What the counters of such an account may not do. Where it is `none`, an account may say. */
  readonly limitKind: LimitKind;
}

const chartSql = `select c.code, c.name_en as "nameEn", c.name_zh as "nameZh", c.class,
    c.limit_kind as "limitKind"
  from ledger.account_code c order by c.code`;

/** The chart of accounts, by code. What is one's own in it may be used from here on. */
export async function readChart(db: Queryable): Promise<readonly ChartLine[]> {
  const lines = await db.query<ChartLine>(chartSql);
  for (const { code, limitKind } of lines) if (isOwn(code)) rememberCode(code, limitKind);
  return lines;
}

const classes: ReadonlyMap<number, AccountClass> = new Map([
  [1, 'asset'],
  [2, 'liability'],
  [4, 'income'],
  [5, 'expense'],
]);
const firstOwn = 500;
const longestName = 80;

/** Codes of one's own end in 500 to 999; the others are kept for the ledger. */
function isOwn(code: number): boolean {
  return (
    Number.isInteger(code) && code % 1_000 >= firstOwn && classes.has(Math.trunc(code / 1_000))
  );
}

const addSql = `insert into ledger.account_code (code, name_en, name_zh, class, limit_kind)
  values ($1, $2, $3, $4, $5) on conflict do nothing`;

/**
 * Adds a code of one's own to the chart, for ever: 1500 to 1999 for assets, 2500 to 2999 for
 * liabilities, 4500 to 4999 for income, 5500 to 5999 for expenses. Adding it again changes nothing.
 */
export async function addAccountCode(
  db: Queryable,
  line: Omit<ChartLine, 'class'>,
): Promise<Result<ChartLine, Refusal>> {
  const { code, nameEn, nameZh, limitKind } = line;
  const own = classes.get(Math.trunc(code / 1_000));
  const named = [nameEn, nameZh].every((name) => name.length > 0 && name.length <= longestName);
  if (own === undefined || !isOwn(code) || !named) {
    return refuse('account_code_invalid', { values: { code: String(code) } });
  }
  await db.query(addSql, [code, nameEn, nameZh, own, limitKind]);
  const chart = await readChart(db);
  const there = chart.find((one) => one.code === code);
  const same = there?.nameEn === nameEn && there.nameZh === nameZh && there.limitKind === limitKind;
  if (there && same) return ok(there);
  const values = { code: String(code), name: there?.nameEn ?? '', limit: there?.limitKind ?? '' };
  return refuse('account_code_exists', { values });
}

/** Whether all codes that a request names are known to this process. */
export function namesKnownCodes(request: AnyRequest): boolean {
  if (isReversal(request)) return true;
  return request.transfers.every(
    (transfer) =>
      'hold' in transfer ||
      (isAccountCode(transfer.debit.code) && isAccountCode(transfer.credit.code)),
  );
}

/** Reads the chart for those who met an unknown code, once for all who wait for it. */
export function createChartReader(db: Queryable): () => Promise<unknown> {
  let reading: Promise<unknown> | undefined;
  return () => {
    reading ??= readChart(db).finally(() => {
      reading = undefined;
    });
    return reading;
  };
}
