import { MoneySchema, pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { ActorShape, InstantShape, ReferenceShape } from './shapes.ts';

/** In the order in which finance looks at them: what waits for a person first. */
export const payoutStates = [
  'pending_approval',
  'unknown',
  'failed',
  'returned',
  'in_transit',
  'submitted',
  'approved',
  'created',
  'paid',
  'canceled',
] as const;
export type PayoutState = (typeof payoutStates)[number];

export const PayoutShape = v.object({
  id: v.string(),
  number: v.string(),
  state: v.string(),
  amount: MoneySchema,
  source: v.object({ book: v.string(), account_code: v.number(), owner: v.string() }),
  custody_account_id: v.string(),
  virtual_account: v.optional(v.string()),
  payee: v.object({ kind: v.string(), id: v.string(), number: v.string() }),
  purpose: v.string(),
  remittance: v.string(),
  reference: v.optional(ReferenceShape),
  maker: ActorShape,
  checker: v.optional(ActorShape),
  submissions: v.number(),
  bank_reference: v.optional(v.string()),
  failure: v.optional(v.object({ code: v.string(), message: v.string() })),
  proof: v.optional(v.looseObject({ kind: v.string() })),
  return_reason: v.optional(v.string()),
  created_at: InstantShape,
  approved_at: v.optional(InstantShape),
  submitted_at: v.optional(InstantShape),
  paid_at: v.optional(InstantShape),
  final_at: v.optional(InstantShape),
});
export type Payout = v.InferOutput<typeof PayoutShape>;
export const PayoutPageShape = pageOf(PayoutShape);
