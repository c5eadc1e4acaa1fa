import { present } from '@keyturn/kernel';

/** Chance that follows from a seed: the same seed, the same course. */
export interface Random {
  /** A number from 0 to 1, one not included. */
  next(): number;
  /** A whole number, both ends included. */
  integer(from: number, to: number): number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  /** One of several; undefined of none. */
  pick<T>(list: readonly T[]): T | undefined;
  /** One of several, of which there is at least one. */
  oneOf<const T>(list: readonly T[]): T;
  /** The same, each as likely as its weight. */
  weighted<T extends { readonly weight: number }>(list: readonly T[]): T;
}

/** The generator is mulberry32: 32 bits of state, enough for choices and nothing secret. */
export function createRandom(seed: number): Random {
  let state = seed;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (list) => list[integer(0, list.length - 1)],
    oneOf: (list) => present(list[integer(0, list.length - 1)], 'one of several'),
    weighted: (list) => {
      let left = next() * list.reduce((sum, { weight }) => sum + weight, 0);
      for (const one of list) {
        left -= one.weight;
        if (left < 0) return one;
      }
      return present(list.at(-1), 'one of several');
    },
  };
}
