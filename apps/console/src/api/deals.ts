import { BilingualSchema, MoneySchema, pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { ActorShape, InstantShape } from './shapes.ts';

const RoleShape = v.object({ role: v.string(), name: BilingualSchema });
const NamedShape = v.object({ key: v.string(), name: BilingualSchema });

const headEntries = {
  id: v.string(),
  number: v.string(),
  agreement_id: v.string(),
  title: v.string(),
  city: v.string(),
  currency: v.string(),
  state: v.string(),
  frozen: v.boolean(),
  deadline: v.optional(InstantShape),
  created_at: InstantShape,
  final_at: v.optional(InstantShape),
};

export const DealSummaryShape = v.object(headEntries);
export type DealSummary = v.InferOutput<typeof DealSummaryShape>;
export const DealPageShape = pageOf(DealSummaryShape);

export const DealShape = v.object({
  ...headEntries,
  agreement: v.object({ name: v.string(), version: v.number() }),
  agreed_roles: v.array(v.string()),
  parties: v.array(
    v.object({
      role: v.string(),
      name: BilingualSchema,
      kind: v.picklist(['person', 'merchant']),
      id: v.string(),
      shown_as: v.optional(v.string()),
      bank_account_id: v.optional(v.string()),
      bank_account: v.optional(v.string()),
    }),
  ),
  items: v.array(
    v.object({
      id: v.string(),
      key: v.string(),
      name: BilingualSchema,
      amount: MoneySchema,
      paid: MoneySchema,
      held: MoneySchema,
      order_id: v.optional(v.string()),
    }),
  ),
});
export type Deal = v.InferOutput<typeof DealShape>;

export const DealItemShape = v.object({
  id: v.string(),
  key: v.string(),
  name: BilingualSchema,
  state: v.string(),
  custody: v.string(),
  escrowed: v.boolean(),
  payer: RoleShape,
  beneficiary: RoleShape,
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
  frozen: v.boolean(),
  order: v.optional(v.object({ id: v.string(), open: MoneySchema })),
});
export type DealItem = v.InferOutput<typeof DealItemShape>;

const NextShape = v.object({
  key: v.string(),
  who: v.object({
    kind: v.string(),
    role: v.optional(v.string()),
    name: v.optional(BilingualSchema),
  }),
  mine: v.boolean(),
  item: v.optional(NamedShape),
  to: v.optional(NamedShape),
  release: v.optional(NamedShape),
  condition: v.optional(NamedShape),
  amount: v.optional(MoneySchema),
  order_id: v.optional(v.string()),
  release_id: v.optional(v.string()),
});
export type NextStep = v.InferOutput<typeof NextShape>;

const ConditionShape = v.object({
  ...NamedShape.entries,
  evidence: v.string(),
  by: RoleShape,
  fulfilled: v.boolean(),
  fulfilled_at: v.optional(InstantShape),
  reference: v.optional(v.string()),
  document_sha256: v.optional(v.string()),
});
export type Condition = v.InferOutput<typeof ConditionShape>;

const LegShape = v.object({
  item: NamedShape,
  to: RoleShape,
  way: v.string(),
  amount: MoneySchema,
  state: v.string(),
  account: v.optional(v.string()),
  payout_id: v.optional(v.string()),
  refund_id: v.optional(v.string()),
  reason: v.optional(v.string()),
  at: InstantShape,
  final_at: v.optional(InstantShape),
});
export type Leg = v.InferOutput<typeof LegShape>;

const ReleaseShape = v.object({
  id: v.string(),
  ...NamedShape.entries,
  state: v.string(),
  to: RoleShape,
  amount: MoneySchema,
  maker: v.optional(ActorShape),
  checker: v.optional(ActorShape),
  reason: v.optional(v.string()),
  requested_at: InstantShape,
  decided_at: v.optional(InstantShape),
  done_at: v.optional(InstantShape),
  parts: v.array(LegShape),
});
export type Release = v.InferOutput<typeof ReleaseShape>;

const LineShape = v.object({
  at: InstantShape,
  key: v.string(),
  item: v.optional(NamedShape),
  role: v.optional(RoleShape),
  amount: v.optional(MoneySchema),
  parameters: v.record(v.string(), v.union([v.string(), BilingualSchema])),
});
export type DealLine = v.InferOutput<typeof LineShape>;

const FlowShape = v.object({
  nodes: v.array(
    v.object({
      id: v.string(),
      kind: v.string(),
      label: v.object({
        key: v.string(),
        name: v.optional(BilingualSchema),
        text: v.optional(v.string()),
      }),
      amount: MoneySchema,
    }),
  ),
  edges: v.array(
    v.object({
      id: v.string(),
      from: v.string(),
      to: v.string(),
      kind: v.string(),
      state: v.string(),
      amount: MoneySchema,
    }),
  ),
});
export type DealFlow = v.InferOutput<typeof FlowShape>;

export const DealMoneyShape = v.object({
  deal: v.object({
    id: v.string(),
    number: v.string(),
    title: v.string(),
    city: v.string(),
    state: v.string(),
    currency: v.string(),
    deadline: v.optional(InstantShape),
    created_at: InstantShape,
    final_at: v.optional(InstantShape),
    freeze: v.optional(
      v.object({
        items: v.array(v.string()),
        reason: v.optional(v.string()),
        until: v.optional(InstantShape),
      }),
    ),
    failure: v.optional(
      v.object({
        ...NamedShape.entries,
        reason: v.optional(v.string()),
        asked_by: v.optional(ActorShape),
      }),
    ),
  }),
  totals: v.object({
    owed: MoneySchema,
    paid: MoneySchema,
    held: MoneySchema,
    moving: MoneySchema,
    released: MoneySchema,
    refunded: MoneySchema,
    shared: MoneySchema,
  }),
  items: v.array(DealItemShape),
  next: v.array(NextShape),
  conditions: v.array(ConditionShape),
  releases: v.array(ReleaseShape),
  refunds: v.array(LegShape),
  shortfalls: v.array(
    v.object({ item: NamedShape, owed_by: RoleShape, reason: v.string(), amount: MoneySchema }),
  ),
  timeline: v.array(LineShape),
  flow: FlowShape,
});
export type DealMoney = v.InferOutput<typeof DealMoneyShape>;

/** What the console asks of an agreement: how its deals may fail and convert. */
export const AgreementShape = v.object({
  id: v.string(),
  name: v.string(),
  version: v.number(),
  terms: v.object({
    failures: v.array(NamedShape),
    conversions: v.optional(v.array(v.object({ from: v.string(), to: v.string() })), []),
  }),
});

export const WaitingReleaseShape = v.object({
  id: v.string(),
  deal_id: v.string(),
  deal_number: v.string(),
  deal_title: v.string(),
  name: BilingualSchema,
  to: RoleShape,
  amount: MoneySchema,
  state: v.string(),
  maker: ActorShape,
  requested_at: InstantShape,
});
export type WaitingRelease = v.InferOutput<typeof WaitingReleaseShape>;
export const WaitingReleasePageShape = pageOf(WaitingReleaseShape);
