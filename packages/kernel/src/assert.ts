/**
 * A broken promise of our own code. Never caused by input: what a caller gets wrong is a refusal.
 */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

/**
 * States what must hold here. Stays on in production: a ledger that goes on with a broken invariant
 * does more harm than one that stops.
 *
 * @throws AssertionError when `condition` is false. The message must not hold personal data.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/**
 * Returns `value`, which must be there.
 *
 * @throws AssertionError when it is null or undefined.
 */
export function present<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, `${what} is missing`);
  return value;
}

/** Makes the compiler prove that a switch is complete. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable case: ${String(value)}`);
}
