import { Type } from 'typebox';
import { IdSchema, InstantSchema, MoneySchema } from '../../platform/index.ts';
import { ActorSchema } from '../../who/access/index.ts';
import { attemptStates } from './decide/attempt-state.ts';
import { orderStates } from './decide/order-state.ts';
import { refundStates } from './decide/refund-state.ts';
import { methods } from './tables.ts';

/** What travels over the wire, requests and answers, shared by routes and contract. */

const stateOf = (states: readonly string[]) => Type.String({ enum: [...states] });

export const MethodSchema = Type.Union(
  [Type.Literal('wechat_native'), Type.Literal('wechat_h5'), Type.Literal('bank_transfer')],
  { description: 'How the payer pays' },
);

export const ProofSchema = Type.Object(
  { kind: Type.String(), at: Type.Optional(InstantSchema) },
  {
    title: 'ProofOfNoMovement',
    description: 'What proves that no money moved',
    additionalProperties: true,
  },
);

/** Where a payer sends a bank transfer to. */
export const TransferDetailsSchema = Type.Object(
  {
    state: Type.String({ description: '`open` when the account can take money' }),
    account_number: Type.Optional(Type.String()),
    holder_name: Type.String(),
    bank_name: Type.String(),
    bank_code: Type.String(),
    amount: MoneySchema,
  },
  { title: 'TransferDetails' },
);

const attemptProperties = {
  id: IdSchema('att'),
  number: Type.String({ description: 'out_trade_no at the channel' }),
  method: MethodSchema,
  amount: MoneySchema,
  state: stateOf(attemptStates),
  code_url: Type.Optional(Type.String({ description: 'To show as a QR code' })),
  h5_url: Type.Optional(Type.String({ description: 'To open in the payer’s browser' })),
  bank_transfer: Type.Optional(TransferDetailsSchema),
  created_at: InstantSchema,
  paid_at: Type.Optional(InstantSchema),
  final_at: Type.Optional(InstantSchema),
};

export const AttemptSchema = Type.Object(
  {
    ...attemptProperties,
    order_id: IdSchema('ord'),
    contract_id: Type.Optional(Type.String()),
    channel_number: Type.Optional(Type.String()),
    fee: Type.Optional(MoneySchema),
    refunding: MoneySchema,
    refunded: MoneySchema,
    in_suspense: MoneySchema,
    proof: Type.Optional(ProofSchema),
    contradiction: Type.Optional(
      Type.Object({
        kind: Type.String(),
        expected: Type.String(),
        said: Type.String(),
        at: InstantSchema,
      }),
    ),
  },
  { title: 'Attempt' },
);

export const RefundSchema = Type.Object(
  {
    id: IdSchema('rfd'),
    number: Type.String({ description: 'out_refund_no at the channel' }),
    order_id: IdSchema('ord'),
    attempt_id: IdSchema('att'),
    amount: MoneySchema,
    reason: Type.String(),
    cause: Type.String({ enum: ['requested', 'late_success', 'double_success'] }),
    state: stateOf(refundStates),
    requested_by: ActorSchema,
    approved_by: Type.Optional(ActorSchema),
    tries: Type.Integer(),
    channel_number: Type.Optional(Type.String()),
    fee_returned: Type.Optional(MoneySchema),
    proof: Type.Optional(ProofSchema),
    created_at: InstantSchema,
    succeeded_at: Type.Optional(InstantSchema),
    final_at: Type.Optional(InstantSchema),
  },
  { title: 'Refund' },
);

const EnglishSchema = Type.Object(
  { subject: Type.String(), description: Type.String() },
  { description: 'The same for payers who read English' },
);

export const OrderSchema = Type.Object(
  {
    id: IdSchema('ord'),
    number: Type.String({ description: 'Serial number for people' }),
    purpose: Type.String(),
    subject: Type.String(),
    description: Type.String(),
    english: Type.Optional(EnglishSchema),
    amount: MoneySchema,
    paid: MoneySchema,
    refunding: MoneySchema,
    refunded: MoneySchema,
    state: stateOf(orderStates),
    closing: Type.Optional(
      Type.String({ enum: ['canceled', 'expired'], description: 'Being closed at the channels' }),
    ),
    late_success: Type.String({ enum: ['settle', 'refund'] }),
    destination: Type.Object({
      book: Type.String(),
      account_code: Type.Integer(),
      owner: Type.String(),
    }),
    reference: Type.Optional(Type.Object({ kind: Type.String(), id: Type.String() })),
    methods: Type.Array(MethodSchema),
    contract_id: Type.Optional(Type.String()),
    payer_id: Type.Optional(IdSchema('per')),
    expires_at: InstantSchema,
    created_at: InstantSchema,
    final_at: Type.Optional(InstantSchema),
    attempts: Type.Array(AttemptSchema),
    refunds: Type.Array(RefundSchema),
    transfers: Type.Array(
      Type.Object({
        receipt_id: IdSchema('rcp'),
        amount: MoneySchema,
        rest: MoneySchema,
        applied_at: InstantSchema,
      }),
    ),
  },
  { title: 'Order' },
);

/** An order as its payer sees it: nothing of the house behind it. */
export const CashierSchema = Type.Object(
  {
    number: Type.String(),
    subject: Type.String(),
    description: Type.String(),
    english: Type.Optional(EnglishSchema),
    amount: MoneySchema,
    paid: MoneySchema,
    remaining: MoneySchema,
    refunded: MoneySchema,
    state: stateOf(orderStates),
    closing: Type.Boolean({
      description: 'No new attempt is taken; the order is about to be closed',
    }),
    methods: Type.Array(MethodSchema),
    attempts: Type.Array(Type.Object(attemptProperties)),
    transfers: Type.Array(Type.Object({ amount: MoneySchema, at: InstantSchema }), {
      description: 'What has arrived by bank transfer, one line for each transfer',
    }),
    expires_at: InstantSchema,
    server_time: InstantSchema,
  },
  { title: 'CashierOrder' },
);

export const CreateOrderSchema = Type.Object(
  {
    amount: MoneySchema,
    purpose: Type.String({ minLength: 1, maxLength: 64 }),
    subject: Type.String({ minLength: 1, maxLength: 127, description: 'What the payer reads' }),
    description: Type.Optional(Type.String({ maxLength: 500 })),
    english: Type.Optional(
      Type.Object(
        {
          subject: Type.String({ minLength: 1, maxLength: 127 }),
          description: Type.Optional(Type.String({ maxLength: 500 })),
        },
        { additionalProperties: false, description: 'Subject and description in English' },
      ),
    ),
    destination: Type.Union([
      Type.Object({ merchant_id: IdSchema('mer') }, { additionalProperties: false }),
      Type.Object({ person_id: IdSchema('per') }, { additionalProperties: false }),
    ]),
    reference: Type.Optional(
      Type.Object(
        {
          kind: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }),
          id: Type.String({ minLength: 1, maxLength: 64 }),
        },
        { additionalProperties: false },
      ),
    ),
    methods: Type.Array(MethodSchema, { minItems: 1, maxItems: methods.length, uniqueItems: true }),
    contract_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    payer_id: Type.Optional(IdSchema('per')),
    expires_at: Type.Optional(InstantSchema),
    late_success: Type.Optional(
      Type.Union([Type.Literal('settle'), Type.Literal('refund')], {
        description: 'What becomes of money that arrives after the close while the order is unpaid',
      }),
    ),
  },
  { title: 'CreateOrder', additionalProperties: false },
);

export const CreateAttemptSchema = Type.Object(
  {
    method: MethodSchema,
    payer_ip: Type.Optional(
      Type.String({ pattern: '^[0-9a-fA-F:.]{3,45}$', description: 'Needed by wechat_h5' }),
    ),
  },
  { title: 'CreateAttempt', additionalProperties: false },
);

export const CancelOrderSchema = Type.Object(
  {
    late_success: Type.Optional(Type.Union([Type.Literal('settle'), Type.Literal('refund')])),
  },
  { title: 'CancelOrder', additionalProperties: false },
);

export const CreateRefundSchema = Type.Object(
  {
    amount: MoneySchema,
    reason: Type.String({ minLength: 1, maxLength: 80 }),
    attempt_id: Type.Optional(IdSchema('att')),
  },
  { title: 'CreateRefund', additionalProperties: false },
);

export const CashierSessionSchema = Type.Object(
  {
    token: Type.String(),
    url: Type.String(),
    expires_at: InstantSchema,
  },
  { title: 'CashierSession' },
);
