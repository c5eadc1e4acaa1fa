import { assert } from '@keyturn/kernel';

/**
 * The parameters by which a statement looks rows up: those that a column is compared with by `=` or
 * `= any`, in a condition. Their positions from 0, in order.
 *
 * A value that is written (`set state = $2`) is none of them, and neither is one that may be
 * missing on purpose: `is not distinct from $1`, or `in (select unnest($1))`.
 */
export function keyParameters(text: string): readonly number[] {
  const found = new Set<number>();
  const outer: boolean[] = [];
  let inCondition = false;
  let equals = false;
  for (const [token] of text.toLowerCase().matchAll(tokens)) {
    const parameter = /^\$(\d+)$/.exec(token)?.[1];
    if (parameter !== undefined) {
      if (inCondition && equals) found.add(Number(parameter) - 1);
      equals = false;
    } else if (token === '(') {
      outer.push(inCondition);
    } else if (token === ')') {
      inCondition = outer.pop() ?? false;
      equals = false;
    } else if (token === '=') {
      equals = true;
    } else if (token !== 'any') {
      equals = false;
      if (opening.has(token)) inCondition = true;
      else if (closing.has(token)) inCondition = false;
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** Comments and what is quoted count as one; so do operators that only begin or end with `=`. */
const tokens =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\d+|[\w.]+|[-<>!@?|&*+/%^~:=]+|[()]/g;

const opening = new Set(['where', 'on', 'having']);
const closing = new Set([
  'select',
  'from',
  'join',
  'set',
  'values',
  'returning',
  'group',
  'order',
  'limit',
  'union',
  'do',
]);

/**
 * Keys that are set: a look-up without one is a mistake of the caller, and must not become a
 * look at other rows, or at none, that goes on as if it had been meant.
 *
 * @throws AssertionError when a key is missing or empty, or a list of keys holds such a one
 */
export function assertKeys(
  text: string,
  parameters: readonly number[],
  values: readonly unknown[],
): void {
  for (const position of parameters) {
    const value = values[position];
    const set = Array.isArray(value) ? value.every(isSet) : isSet(value);
    assert(set, `key $${position + 1} is set in: ${text.slice(0, 200)}`);
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
