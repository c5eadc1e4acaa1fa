/**
 * How large each table is where the platform has worked for three years in a large city, and how
 * its values are spread: what the planner would know there from ANALYZE. The numbers are orders of
 * magnitude; what counts is which tables grow with the business, and that the states in which work
 * waits are rare among those that are over.
 */
export type TableSize = LargeTable | SmallTable;

/** Grows with the business: nothing may read it from one end to the other. */
export interface LargeTable {
  readonly rows: number;
  readonly columns?: Readonly<Record<string, Spread>>;
  /** Of indexes on expressions, by their names: how the values of the expression are spread. */
  readonly expressions?: Readonly<Record<string, Spread>>;
}

/** Does not grow with the business; reading it whole is right, and often the quickest way. */
export interface SmallTable {
  readonly atMost: number;
  readonly because: string;
}

/**
 * What a column holds: so many different values; or its most common values with their shares of
 * all rows; `nulls` is the share of rows without a value. `distinct` below zero counts per row, as
 * in pg_statistic: -1 is unique, -0.1 is ten rows for each value.
 */
export type Spread =
  | number
  | { readonly distinct: number; readonly nulls?: number }
  | { readonly shares: Readonly<Record<string, number>>; readonly nulls?: number };

/** Most rows have no value; of the others each has one of so many. */
export const rare = (distinct: number, share: number): Spread => ({ distinct, nulls: 1 - share });
