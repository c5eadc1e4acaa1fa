import fc from 'fast-check';

/**
 * Amounts in minor units on both sides of every border that something of ours depends on: the
 * smallest, a whole yuan, from where a bank pays in bank hours only, up to which refunds need no
 * second person.
 */
export const edgeAmounts: readonly bigint[] = [
  1n,
  2n,
  3n,
  99n,
  100n,
  101n,
  4_999_999n,
  5_000_000n,
  5_000_001n,
  10_000_000n,
  10_000_001n,
];

/**
 * Amounts of money, those at the borders more often than chance would have them.
 *
 * @param bounds minor units, both included; from 1 to ten billion yuan when not said
 */
export function amounts(bounds: { min?: bigint; max?: bigint } = {}): fc.Arbitrary<bigint> {
  const { min = 1n, max = 10n ** 12n } = bounds;
  const edges = [...edgeAmounts, min, min + 1n, max - 1n, max];
  const within = edges.filter((amount) => amount >= min && amount <= max);
  return fc.oneof(
    { weight: 3, arbitrary: fc.bigInt({ min, max }) },
    { weight: 1, arbitrary: fc.constantFrom(...within) },
  );
}

/** Weights by which money is shared: even ones, tiny beside huge ones, one alone. All positive. */
export function weights(most = 20): fc.Arbitrary<bigint[]> {
  const one = fc.oneof(fc.bigInt({ min: 1n, max: 10_000n }), fc.constantFrom(1n, 3n, 10n ** 9n));
  return fc.array(one, { minLength: 1, maxLength: most });
}
