import { Type } from 'typebox';
import { IdSchema, InstantSchema, MoneySchema } from '../../../platform/index.ts';
import { ActorSchema } from '../../../who/access/index.ts';

/**
 * What people see of a deal's money. Labels are keys with parameters; names come from the
 * agreement.
 */

export const NameSchema = Type.Object(
  {
    zh: Type.String({ minLength: 1, maxLength: 80 }),
    en: Type.String({ minLength: 1, maxLength: 80 }),
  },
  { title: 'Bilingual', additionalProperties: false },
);

const RoleSchema = Type.Object({ role: Type.String(), name: NameSchema }, { title: 'DealRole' });

const ItemMoneySchema = Type.Object(
  {
    id: IdSchema('itm'),
    key: Type.String(),
    name: NameSchema,
    state: Type.String({
      enum: [
        'open',
        'ordered',
        'partly_paid',
        'paid',
        'moving',
        'released',
        'refunded',
        'converted',
      ],
      description: 'Where its money is, in a word',
    }),
    custody: Type.String({ enum: ['escrow', 'reserve'] }),
    escrowed: Type.Boolean(),
    payer: RoleSchema,
    beneficiary: RoleSchema,
    amount: MoneySchema,
    paid: MoneySchema,
    missing: MoneySchema,
    held: MoneySchema,
    promised: MoneySchema,
    moving: MoneySchema,
    released: MoneySchema,
    refunding: MoneySchema,
    refunded: MoneySchema,
    converted_in: MoneySchema,
    converted_out: MoneySchema,
    shared: MoneySchema,
    frozen: Type.Boolean(),
    order: Type.Optional(Type.Object({ id: IdSchema('ord'), open: MoneySchema })),
  },
  { title: 'ItemMoney' },
);

const NextSchema = Type.Object(
  {
    key: Type.String({
      description: 'What has to be done: pay, bring_evidence, approve_release …',
    }),
    who: Type.Object({
      kind: Type.String({ enum: ['role', 'operator', 'bank'] }),
      role: Type.Optional(Type.String()),
      name: Type.Optional(NameSchema),
    }),
    mine: Type.Boolean({ description: 'Whether the reader has to do it' }),
    item: Type.Optional(Type.Object({ key: Type.String(), name: NameSchema })),
    to: Type.Optional(Type.Object({ key: Type.String(), name: NameSchema })),
    release: Type.Optional(Type.Object({ key: Type.String(), name: NameSchema })),
    condition: Type.Optional(Type.Object({ key: Type.String(), name: NameSchema })),
    amount: Type.Optional(MoneySchema),
    order_id: Type.Optional(IdSchema('ord')),
    release_id: Type.Optional(IdSchema('rel')),
  },
  { title: 'DealNextStep' },
);

const TimelineSchema = Type.Object(
  {
    at: InstantSchema,
    key: Type.String({ description: 'The sentence: item_paid, converted, release_approved …' }),
    item: Type.Optional(Type.Object({ key: Type.String(), name: NameSchema })),
    role: Type.Optional(RoleSchema),
    amount: Type.Optional(MoneySchema),
    parameters: Type.Record(Type.String(), Type.Union([Type.String(), NameSchema])),
  },
  { title: 'DealTimelineLine' },
);

const ConditionSchema = Type.Object(
  {
    key: Type.String(),
    name: NameSchema,
    evidence: Type.String(),
    by: RoleSchema,
    fulfilled: Type.Boolean(),
    fulfilled_at: Type.Optional(InstantSchema),
    reference: Type.Optional(Type.String()),
    document_sha256: Type.Optional(Type.String()),
  },
  { title: 'DealCondition' },
);

const LegSchema = Type.Object(
  {
    item: Type.Object({ key: Type.String(), name: NameSchema }),
    to: RoleSchema,
    way: Type.String({ enum: ['payout', 'merchant', 'acquirer'] }),
    amount: MoneySchema,
    state: Type.String({ enum: ['waiting', 'moving', 'paid', 'failed', 'returned', 'dropped'] }),
    account: Type.Optional(Type.String({ description: 'Masked' })),
    payout_id: Type.Optional(IdSchema('pyt')),
    refund_id: Type.Optional(IdSchema('rfd')),
    reason: Type.Optional(Type.String()),
    at: InstantSchema,
    final_at: Type.Optional(InstantSchema),
  },
  { title: 'DealMoneyLeg' },
);

const ReleaseSchema = Type.Object(
  {
    id: IdSchema('rel'),
    key: Type.String(),
    name: NameSchema,
    state: Type.String({ enum: ['pending_approval', 'rejected', 'moving', 'done', 'failed'] }),
    to: RoleSchema,
    amount: MoneySchema,
    maker: Type.Optional(ActorSchema),
    checker: Type.Optional(ActorSchema),
    reason: Type.Optional(Type.String()),
    requested_at: InstantSchema,
    decided_at: Type.Optional(InstantSchema),
    done_at: Type.Optional(InstantSchema),
    parts: Type.Array(LegSchema),
  },
  { title: 'Release' },
);

const LabelSchema = Type.Object(
  {
    key: Type.String(),
    name: Type.Optional(NameSchema),
    text: Type.Optional(Type.String({ description: 'A name or masked account, as it is' })),
  },
  { title: 'FlowLabel' },
);

const FlowSchema = Type.Object(
  {
    nodes: Type.Array(
      Type.Object({
        id: Type.String(),
        kind: Type.String({
          enum: ['payer', 'fund', 'merchant_item', 'payee', 'merchant', 'fee'],
        }),
        label: LabelSchema,
        amount: MoneySchema,
      }),
    ),
    edges: Type.Array(
      Type.Object({
        id: Type.String(),
        from: Type.String(),
        to: Type.String(),
        kind: Type.String({
          enum: ['payment', 'conversion', 'release', 'refund', 'forfeit', 'share', 'fee'],
        }),
        state: Type.String({
          enum: ['planned', 'waiting', 'moving', 'done', 'failed', 'returned', 'reversed'],
        }),
        amount: MoneySchema,
      }),
    ),
  },
  { title: 'MoneyFlow' },
);

export const DealMoneySchema = Type.Object(
  {
    deal: Type.Object({
      id: IdSchema('deal'),
      number: Type.String(),
      title: Type.String(),
      city: Type.String(),
      state: Type.String(),
      currency: Type.String(),
      deadline: Type.Optional(InstantSchema),
      created_at: InstantSchema,
      final_at: Type.Optional(InstantSchema),
      freeze: Type.Optional(
        Type.Object({
          items: Type.Array(Type.String()),
          reason: Type.Optional(Type.String()),
          until: Type.Optional(InstantSchema),
        }),
      ),
      failure: Type.Optional(
        Type.Object({
          key: Type.String(),
          name: NameSchema,
          reason: Type.Optional(Type.String()),
          asked_by: Type.Optional(ActorSchema),
        }),
      ),
    }),
    viewer: Type.Optional(
      Type.Object({ role: Type.String(), name: NameSchema, account: Type.Optional(Type.String()) }),
    ),
    server_time: InstantSchema,
    totals: Type.Object({
      owed: MoneySchema,
      paid: MoneySchema,
      held: MoneySchema,
      moving: MoneySchema,
      released: MoneySchema,
      refunded: MoneySchema,
      shared: MoneySchema,
    }),
    items: Type.Array(ItemMoneySchema),
    next: Type.Array(NextSchema),
    conditions: Type.Array(ConditionSchema),
    releases: Type.Array(ReleaseSchema),
    refunds: Type.Array(LegSchema),
    shortfalls: Type.Array(
      Type.Object({
        item: Type.Object({ key: Type.String(), name: NameSchema }),
        owed_by: RoleSchema,
        reason: Type.String({ enum: ['released', 'split_spent'] }),
        amount: MoneySchema,
      }),
    ),
    timeline: Type.Array(TimelineSchema, { description: 'Newest first' }),
    flow: FlowSchema,
  },
  { title: 'DealMoney' },
);
