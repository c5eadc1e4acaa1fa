import { MoneySchema, pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { ActorShape, InstantShape, ReferenceShape } from './shapes.ts';

const ProofShape = v.looseObject({ kind: v.string(), at: v.optional(InstantShape) });

export const AttemptShape = v.object({
  id: v.string(),
  number: v.string(),
  method: v.string(),
  amount: MoneySchema,
  state: v.string(),
  created_at: InstantShape,
  paid_at: v.optional(InstantShape),
  final_at: v.optional(InstantShape),
  order_id: v.string(),
  contract_id: v.optional(v.string()),
  channel_number: v.optional(v.string()),
  fee: v.optional(MoneySchema),
  refunding: MoneySchema,
  refunded: MoneySchema,
  in_suspense: MoneySchema,
  proof: v.optional(ProofShape),
  contradiction: v.optional(
    v.object({ kind: v.string(), expected: v.string(), said: v.string(), at: InstantShape }),
  ),
});
export type Attempt = v.InferOutput<typeof AttemptShape>;

export const RefundShape = v.object({
  id: v.string(),
  number: v.string(),
  order_id: v.string(),
  attempt_id: v.string(),
  amount: MoneySchema,
  reason: v.string(),
  cause: v.string(),
  state: v.string(),
  requested_by: ActorShape,
  approved_by: v.optional(ActorShape),
  tries: v.number(),
  channel_number: v.optional(v.string()),
  fee_returned: v.optional(MoneySchema),
  proof: v.optional(ProofShape),
  created_at: InstantShape,
  succeeded_at: v.optional(InstantShape),
  final_at: v.optional(InstantShape),
});
export type Refund = v.InferOutput<typeof RefundShape>;

export const OrderShape = v.object({
  id: v.string(),
  number: v.string(),
  purpose: v.string(),
  subject: v.string(),
  description: v.string(),
  english: v.optional(v.object({ subject: v.string(), description: v.string() })),
  amount: MoneySchema,
  paid: MoneySchema,
  refunding: MoneySchema,
  refunded: MoneySchema,
  state: v.string(),
  closing: v.optional(v.string()),
  late_success: v.string(),
  destination: v.object({ book: v.string(), account_code: v.number(), owner: v.string() }),
  reference: v.optional(ReferenceShape),
  methods: v.array(v.string()),
  contract_id: v.optional(v.string()),
  payer_id: v.optional(v.string()),
  expires_at: InstantShape,
  created_at: InstantShape,
  final_at: v.optional(InstantShape),
  attempts: v.array(AttemptShape),
  refunds: v.array(RefundShape),
  transfers: v.array(
    v.object({
      receipt_id: v.string(),
      amount: MoneySchema,
      rest: MoneySchema,
      applied_at: InstantShape,
    }),
  ),
});
export type Order = v.InferOutput<typeof OrderShape>;
export const OrderPageShape = pageOf(OrderShape);
export const RefundPageShape = pageOf(RefundShape);

/** In the order in which finance looks at them: what waits for a person first. */
export const refundStates = [
  'requested',
  'abnormal',
  'failed',
  'unknown',
  'pending',
  'submitted',
  'approved',
  'succeeded',
  'rejected',
] as const;
