import { MoneySchema, pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { InstantShape } from './shapes.ts';

const SideShape = v.object({ code: v.number(), owner: v.string(), balance_after: MoneySchema });

export const JournalShape = v.object({
  id: v.string(),
  book: v.string(),
  module: v.string(),
  object: v.string(),
  command: v.string(),
  effective_at: InstantShape,
  recorded_at: InstantShape,
  transfers: v.array(
    v.object({
      leg: v.number(),
      kind: v.string(),
      amount: MoneySchema,
      debit: SideShape,
      credit: SideShape,
    }),
  ),
});
export type Journal = v.InferOutput<typeof JournalShape>;
export type Transfer = Journal['transfers'][number];
export const JournalPageShape = pageOf(JournalShape);

export const AccountShape = v.object({
  id: v.string(),
  book: v.string(),
  code: v.number(),
  owner: v.string(),
  balance: MoneySchema,
  available: MoneySchema,
  frozen: v.object({ in: v.boolean(), out: v.boolean() }),
  closed: v.boolean(),
  version: v.number(),
});
export const AccountListShape = v.object({ items: v.array(AccountShape) });

export const LedgerCheckShape = v.object({
  balanced: v.boolean(),
  accounts: v.number(),
  journals: v.number(),
  transfers: v.number(),
  findings: v.array(v.object({ rule: v.string(), subject: v.string(), detail: v.string() })),
});
