import type { Direction } from '@keyturn/testkit';
import type { Passed, Place } from './wire.ts';

const directions: readonly Direction[] = ['to_server', 'to_client'];

/** What ends a group of messages: a statement that is sent, an answer that is given. */
const lastOfGroup: Readonly<Record<Direction, ReadonlySet<string>>> = {
  to_server: new Set(['S', 'Q']),
  to_client: new Set(['Z']),
};

/** Every message from the connection's first to the last before the COMMIT. */
export function everyPlace(passed: Passed): readonly Place[] {
  return directions.flatMap((direction) =>
    passed[direction].map((_type, index) => ({ direction, message: index + 1 })),
  );
}

/**
 * One message of each statement and one of each answer, another one at each turn, so that over the
 * turns all kinds of places are cut. All messages of connecting, up to BEGIN, are one statement.
 */
export function somePlaces(passed: Passed, turn: number): readonly Place[] {
  return directions.flatMap((direction) =>
    groupsOf(passed[direction], lastOfGroup[direction]).map(({ first, length }, index) => ({
      direction,
      message: first + ((index + turn) % length),
    })),
  );
}

function groupsOf(types: readonly string[], last: ReadonlySet<string>) {
  const groups: { first: number; length: number }[] = [];
  let first = 1;
  for (const [index, type] of types.entries()) {
    if (!last.has(type)) continue;
    groups.push({ first, length: index + 2 - first });
    first = index + 2;
  }
  return groups;
}
