import { BilingualSchema, flowEdgeStates, MoneySchema } from '@keyturn/ui';
import * as v from 'valibot';

/** What the platform tells a party of a deal: `GET /v1/deal-views/{token}`. */

const NamedSchema = v.object({ key: v.string(), name: BilingualSchema });
const RoleSchema = v.object({ role: v.string(), name: BilingualSchema });

const ItemSchema = v.object({
  id: v.string(),
  key: v.string(),
  name: BilingualSchema,
  state: v.string(),
  custody: v.picklist(['escrow', 'reserve']),
  escrowed: v.boolean(),
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
  frozen: v.boolean(),
});
export type Item = v.InferOutput<typeof ItemSchema>;

const NextSchema = v.object({
  key: v.string(),
  who: v.object({
    kind: v.picklist(['role', 'operator', 'bank']),
    name: v.optional(BilingualSchema),
  }),
  mine: v.boolean(),
  item: v.optional(NamedSchema),
  to: v.optional(NamedSchema),
  release: v.optional(NamedSchema),
  condition: v.optional(NamedSchema),
  amount: v.optional(MoneySchema),
});
export type NextStep = v.InferOutput<typeof NextSchema>;

const ConditionSchema = v.object({
  key: v.string(),
  name: BilingualSchema,
  by: RoleSchema,
  fulfilled: v.boolean(),
  fulfilled_at: v.optional(v.string()),
  reference: v.optional(v.string()),
});

const LegSchema = v.object({
  item: NamedSchema,
  to: RoleSchema,
  way: v.picklist(['payout', 'merchant', 'acquirer']),
  amount: MoneySchema,
  state: v.string(),
  account: v.optional(v.string()),
  reason: v.optional(v.string()),
  at: v.string(),
});
export type Leg = v.InferOutput<typeof LegSchema>;

const ReleaseSchema = v.object({
  id: v.string(),
  name: BilingualSchema,
  state: v.string(),
  to: RoleSchema,
  amount: MoneySchema,
  parts: v.array(LegSchema),
});
export type Release = v.InferOutput<typeof ReleaseSchema>;

const LineSchema = v.object({
  at: v.string(),
  key: v.string(),
  item: v.optional(NamedSchema),
  role: v.optional(RoleSchema),
  amount: v.optional(MoneySchema),
  parameters: v.record(v.string(), v.union([v.string(), BilingualSchema])),
});
export type Line = v.InferOutput<typeof LineSchema>;

const FlowSchema = v.object({
  nodes: v.array(
    v.object({
      id: v.string(),
      kind: v.picklist(['payer', 'fund', 'merchant_item', 'payee', 'merchant', 'fee']),
      label: v.object({ name: v.optional(BilingualSchema), text: v.optional(v.string()) }),
      amount: MoneySchema,
    }),
  ),
  edges: v.array(
    v.object({
      from: v.string(),
      to: v.string(),
      kind: v.string(),
      state: v.picklist(flowEdgeStates),
      amount: MoneySchema,
    }),
  ),
});
export type DealFlow = v.InferOutput<typeof FlowSchema>;

export const DealMoneySchema = v.object({
  deal: v.object({
    number: v.string(),
    title: v.string(),
    city: v.string(),
    state: v.string(),
    deadline: v.optional(v.string()),
    freeze: v.optional(v.object({ items: v.array(v.string()), until: v.optional(v.string()) })),
    failure: v.optional(v.object({ name: BilingualSchema })),
  }),
  viewer: v.optional(v.object({ name: BilingualSchema, account: v.optional(v.string()) })),
  totals: v.object({
    owed: MoneySchema,
    paid: MoneySchema,
    held: MoneySchema,
    moving: MoneySchema,
    released: MoneySchema,
    refunded: MoneySchema,
    shared: MoneySchema,
  }),
  items: v.array(ItemSchema),
  next: v.array(NextSchema),
  conditions: v.array(ConditionSchema),
  releases: v.array(ReleaseSchema),
  refunds: v.array(LegSchema),
  shortfalls: v.array(v.object({ item: NamedSchema, owed_by: RoleSchema, amount: MoneySchema })),
  timeline: v.array(LineSchema),
  flow: FlowSchema,
});
export type DealMoney = v.InferOutput<typeof DealMoneySchema>;

const ended = new Set(['released', 'refunding', 'refunded', 'partly_refunded', 'canceled']);

/** Whether nothing more is to be paid into a deal: what was not paid is not missing any more. */
export function hasEnded({ deal }: DealMoney): boolean {
  return ended.has(deal.state);
}
