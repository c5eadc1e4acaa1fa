import { type Account, withCounters } from './account.ts';

/**
 * Accounts as this process last saw them. Their counters, which every batch changes, lie beside the
 * heap: as objects that live just long enough to outlast a collection or two, they would be most of
 * what the collector has to move.
 */
export interface KeptAccounts {
  get(id: string): Account | undefined;
  keep(account: Account): void;
  forget(id: string): void;
  /** Forgets all but these. */
  forgetOthers(ids: ReadonlySet<string>): void;
  clear(): void;
  /** How much memory they take, in accounts: those that were forgotten count until all are. */
  size(): number;
}

/** How many numbers there are of each account: its version and its four counters. */
const numbers = 5;
const firstRoom = 1_024;

export function createKeptAccounts(): KeptAccounts {
  const places = new Map<string, number>();
  /** Each as it was read first; of its numbers, only those beside the heap count. */
  let read: Account[] = [];
  let counters = new BigInt64Array(firstRoom * numbers);

  function clear(): void {
    places.clear();
    read = [];
  }

  function placeOf(account: Account): number {
    const known = places.get(account.id);
    if (known !== undefined) return known;
    const place = read.push(account) - 1;
    places.set(account.id, place);
    if (read.length * numbers > counters.length) {
      const larger = new BigInt64Array(counters.length * 2);
      larger.set(counters);
      counters = larger;
    }
    return place;
  }

  return {
    get: (id) => {
      const place = places.get(id);
      const account = place === undefined ? undefined : read[place];
      if (place === undefined || account === undefined) return undefined;
      const at = place * numbers;
      return withCounters(account, {
        version: counters[at] ?? 0n,
        debitsPosted: counters[at + 1] ?? 0n,
        creditsPosted: counters[at + 2] ?? 0n,
        debitsPending: counters[at + 3] ?? 0n,
        creditsPending: counters[at + 4] ?? 0n,
      });
    },
    keep: (account) => {
      const at = placeOf(account) * numbers;
      counters[at] = account.version;
      counters[at + 1] = account.debitsPosted;
      counters[at + 2] = account.creditsPosted;
      counters[at + 3] = account.debitsPending;
      counters[at + 4] = account.creditsPending;
    },
    forget: (id) => {
      places.delete(id);
    },
    forgetOthers: (ids) => {
      for (const id of places.keys()) if (!ids.has(id)) places.delete(id);
    },
    clear,
    size: () => read.length,
  };
}
