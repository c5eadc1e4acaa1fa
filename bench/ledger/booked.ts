import type { AccountNames } from './books.ts';

/** What callers booked: all transfers, and how many a second after they had warmed up. */
export interface Booked {
  readonly transfers: number;
  readonly perSecond: number;
}

/** Where a process of callers books. */
export interface CallerPlace {
  readonly url: string;
  readonly names: AccountNames;
}

export interface CallerLoad {
  readonly load: 'uniform' | 'hot';
  readonly callers: number;
  readonly seconds: number;
}
