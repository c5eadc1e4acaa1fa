import type { AccountNames } from './books.ts';

/** What callers booked: all transfers, and how many a second after they had warmed up. */
export interface Booked {
  readonly transfers: number;
  readonly perSecond: number;
}

/** What a process of its own is to do; given as JSON in its one argument. */
export interface CallerTask {
  readonly url: string;
  readonly names: AccountNames;
  readonly load: 'uniform' | 'hot';
  readonly callers: number;
  readonly seconds: number;
}
