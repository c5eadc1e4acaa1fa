import { elapsedMs } from '@keyturn/kernel';

/**
 * What a door knows of other processes that move the same accounts: it meets them when a batch
 * comes back with accounts that were others than it supposed.
 */
export interface Neighbours {
  /** Whether batches are to go one at a time, as differences, since others were met lately. */
  areNear(): boolean;
  /** How often others were met: what was decided before the last time could not know better. */
  meetings(): number;
  /**
   * A batch that was decided after so many meetings met others.
   *
   * @returns whether whatever is kept of accounts is likely to be old
   */
  met(meetingsBefore: number): boolean;
  /** A batch met nobody. */
  metNobody(): void;
  /** Nobody calls any more. */
  rest(): void;
  /**
   * Somebody calls again.
   *
   * @returns whether whatever is kept of accounts is likely to be old
   */
  wake(): boolean;
}

/**
 * After a batch met accounts that another process had moved, some go one at a time, as differences:
 * at most so many, when it happens again and again.
 */
const mostApart = 8;
/** What is kept of accounts that others move, too, is old after so long without a call. */
const oldMs = 1_000;

export function createNeighbours(): Neighbours {
  let apart = 0;
  let lastApart = 0;
  let meetings = 0;
  let restingSinceMs = elapsedMs();
  return {
    areNear: () => apart > 0,
    meetings: () => meetings,
    met: (meetingsBefore) => {
      if (meetingsBefore < meetings) return false;
      meetings += 1;
      // Once may be one account; twice in a row, and others are likely to have moved as many.
      const again = lastApart === 1;
      lastApart = Math.min(mostApart, lastApart * 2 + 1);
      apart = lastApart;
      return again;
    },
    metNobody: () => {
      if (apart > 0) apart -= 1;
      else lastApart = 0;
    },
    rest: () => {
      restingSinceMs = elapsedMs();
    },
    wake: () => {
      const isOld = lastApart > 0 && elapsedMs() - restingSinceMs >= oldMs;
      if (isOld) {
        apart = 0;
        lastApart = 0;
      }
      return isOld;
    },
  };
}
