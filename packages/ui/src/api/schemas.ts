import * as v from 'valibot';
import type { Money } from '../money/format-money.ts';

/**
 * Money on the wire, an integer of minor units; inside it is a bigint. An inexact number is
 * refused.
 */
export const MoneySchema = v.pipe(
  v.object({
    amount: v.union([v.bigint(), v.pipe(v.number(), v.safeInteger())]),
    currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/)),
  }),
  v.transform(({ amount, currency }): Money => ({ amount: BigInt(amount), currency })),
);

/** A text in both languages. */
export const BilingualSchema = v.object({ zh: v.string(), en: v.string() });

/** A page of a list. */
export function pageOf<const S extends v.GenericSchema>(item: S) {
  return v.object({ items: v.array(item), next_cursor: v.optional(v.string()) });
}

/** For calls whose answer does not matter. */
export const AnythingSchema = v.unknown();
