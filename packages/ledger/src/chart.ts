import type { Queryable } from '@keyturn/pipeline';
import type { LimitKind } from './account.ts';

/** One line of the chart of accounts: what a code stands for. */
export interface ChartLine {
  readonly code: number;
  readonly nameEn: string;
  readonly nameZh: string;
  /** Balances of assets and expenses grow by debits, those of liabilities and income by credits. */
  readonly class: 'asset' | 'liability' | 'income' | 'expense';
  /** What the counters of such an account may not do. Where it is `none`, an account may say. */
  readonly limitKind: LimitKind;
}

const chartSql = `select c.code, c.name_en as "nameEn", c.name_zh as "nameZh", c.class,
    c.limit_kind as "limitKind"
  from ledger.account_code c order by c.code`;

/** The chart of accounts, by code. */
export async function readChart(db: Queryable): Promise<readonly ChartLine[]> {
  return db.query<ChartLine>(chartSql);
}
