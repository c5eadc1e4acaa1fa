/** What rows of one account add up to, and whether it may go below nothing. */
export interface Room {
  /** What is left on the side that may not be overdrawn; undefined when there is no limit. */
  readonly left: bigint | undefined;
}

/** A row as far as an account's limit is concerned. */
export interface Fitting {
  readonly account: string;
  /** What it adds to what is left; negative takes from it. */
  readonly adds: bigint;
}

/**
 * Tells the rows that can be booked one after the other from those that have to wait, since money
 * that they take has not come. Rows after one that waits go on.
 *
 * @param rooms what is left on each account before the first row; those without one have no limit
 */
export function fitRows<Row extends Fitting>(
  rows: readonly Row[],
  rooms: ReadonlyMap<string, Room>,
): { readonly fit: readonly Row[]; readonly wait: readonly Row[] } {
  const left = new Map<string, bigint>();
  for (const [account, room] of rooms) {
    if (room.left !== undefined) left.set(account, room.left);
  }
  const fit: Row[] = [];
  const wait: Row[] = [];
  for (const row of rows) {
    const before = left.get(row.account);
    if (before === undefined) {
      fit.push(row);
      continue;
    }
    const after = before + row.adds;
    if (after < 0n) {
      wait.push(row);
      continue;
    }
    left.set(row.account, after);
    fit.push(row);
  }
  return { fit, wait };
}
