import { Type } from 'typebox';
import { IdSchema, InstantSchema, MoneySchema, SignedMoneySchema } from '../../platform/index.ts';

/** What travels over the wire, shared by routes and contract. */

const ShareSchema = Type.Object(
  {
    merchant_id: IdSchema('mer'),
    weight: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Part of the sum' }),
  },
  { title: 'SplitShare', additionalProperties: false },
);

export const FeeRuleSchema = Type.Object(
  {
    product: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }),
    bps: Type.Integer({ minimum: 0, maximum: 10_000, description: 'Of the whole, VAT included' }),
    vat_bps: Type.Integer({ minimum: 0, maximum: 10_000, description: 'VAT inside the fee' }),
  },
  { title: 'FeeRule', additionalProperties: false },
);

export const PlanSplitSchema = Type.Object(
  {
    order_id: IdSchema('ord'),
    receivers: Type.Array(ShareSchema, { minItems: 1, maxItems: 50 }),
    fee: Type.Optional(FeeRuleSchema),
  },
  { title: 'PlanSplit', additionalProperties: false },
);

export const SplitSchema = Type.Object(
  {
    id: IdSchema('spl'),
    order_id: IdSchema('ord'),
    payer_id: IdSchema('mer'),
    amount: MoneySchema,
    state: Type.String({ enum: ['planned', 'accepted', 'finished', 'returned'] }),
    blocked: Type.Optional(Type.String({ description: 'Why it waits, an error code' })),
    fee: MoneySchema,
    vat: MoneySchema,
    fee_returned: MoneySchema,
    receivers: Type.Array(
      Type.Object({
        merchant_id: IdSchema('mer'),
        weight: Type.String(),
        amount: Type.Optional(MoneySchema),
        returned: Type.Optional(MoneySchema),
        state: Type.String({ enum: ['pending', 'succeeded', 'closed', 'returned'] }),
        reason: Type.Optional(Type.String()),
      }),
    ),
    planned_at: InstantSchema,
    finished_at: Type.Optional(InstantSchema),
  },
  { title: 'Split' },
);

export const SplitListSchema = Type.Object(
  { items: Type.Array(SplitSchema) },
  { title: 'SplitList' },
);

export const BalanceSchema = Type.Object(
  {
    merchant_id: IdSchema('mer'),
    items: Type.Array(
      Type.Object({
        book: Type.String(),
        pending: SignedMoneySchema,
        available: SignedMoneySchema,
        margin: SignedMoneySchema,
        windows: Type.Array(
          Type.Object({
            trade_date: Type.String({ format: 'date' }),
            amount: MoneySchema,
            settles_at: InstantSchema,
            waits_for_channel: Type.Boolean(),
          }),
          { description: 'What is pending, by the day on which it was earned' },
        ),
      }),
    ),
  },
  { title: 'MerchantBalance' },
);

export const ChannelSettlementSchema = Type.Object(
  {
    id: IdSchema('chs'),
    contract_id: Type.String(),
    trade_date: Type.String({ format: 'date' }),
    covers_from: Type.String({ format: 'date' }),
    custody_account_id: Type.String(),
    receipt_id: IdSchema('rcp'),
    gross: SignedMoneySchema,
    refunds: SignedMoneySchema,
    fees: SignedMoneySchema,
    fees_returned: SignedMoneySchema,
    carried: SignedMoneySchema,
    expected: SignedMoneySchema,
    received: SignedMoneySchema,
    difference: SignedMoneySchema,
    state: Type.String({ enum: ['matched', 'different'] }),
    at: InstantSchema,
  },
  { title: 'ChannelSettlement' },
);

export const ChannelSettlementListSchema = Type.Object(
  {
    items: Type.Array(ChannelSettlementSchema),
    next_cursor: Type.Optional(Type.String()),
  },
  { title: 'ChannelSettlementList' },
);
