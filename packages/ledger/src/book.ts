import { defineTable } from '@keyturn/pipeline';

/** Whose money a book shows, and under which supervision (money.md, "Whose money, and where"). */
export const regimes = [
  'own',
  'reserve',
  'escrow',
  'customer',
  'merchant',
  'supervised',
  'passing',
] as const;
export type Regime = (typeof regimes)[number];

/** One legal entity under one regime in one currency. Transfers stay within a book. */
export interface Book {
  readonly id: string;
  readonly legalEntity: string;
  readonly regime: Regime;
  readonly currency: string;
  /** Shown, but on no balance sheet of the entity. */
  readonly memo: boolean;
}

export const bookTable = defineTable<Book>({
  name: 'ledger.book',
  columns: { id: 'text', legalEntity: 'text', regime: 'text', currency: 'text', memo: 'bool' },
  key: ['id'],
  mutable: [],
});

/** A book's id says what it is: `kt-pay/reserve/CNY`. */
export function bookId(legalEntity: string, regime: Regime, currency: string): string {
  return `${legalEntity}/${regime}/${currency}`;
}

/** Memo regimes: money on the customer's, merchant's, city's or acquirer's own accounts. */
export function isMemo(regime: Regime): boolean {
  return ['customer', 'merchant', 'supervised', 'passing'].includes(regime);
}
