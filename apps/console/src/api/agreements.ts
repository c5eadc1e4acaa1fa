import { BilingualSchema, pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { ActorShape, InstantShape } from './shapes.ts';

const NamedShape = v.object({ key: v.string(), name: BilingualSchema });
const ApprovalShape = v.optional(v.string(), 'required');

const ItemShape = v.object({
  ...NamedShape.entries,
  payer: v.string(),
  beneficiary: v.string(),
  regime: v.string(),
  destination: v.string(),
  refundable: v.boolean(),
  required: v.optional(v.boolean(), true),
  methods: v.array(v.string()),
  split: v.optional(
    v.object({
      fee: v.optional(v.object({ product: v.string(), bps: v.number(), vat_bps: v.number() })),
      receivers: v.array(v.object({ role: v.string(), weight: v.number() })),
    }),
  ),
});
export type ItemTerms = v.InferOutput<typeof ItemShape>;

const ReleaseShape = v.object({
  ...NamedShape.entries,
  items: v.array(v.object({ item: v.string(), share_bps: v.optional(v.number(), 10_000) })),
  to: v.string(),
  when: v.array(v.string()),
  approval: ApprovalShape,
  before_funded: v.optional(v.boolean(), false),
});
export type ReleaseTerms = v.InferOutput<typeof ReleaseShape>;

const FailureShape = v.object({
  ...NamedShape.entries,
  items: v.array(v.object({ item: v.string(), action: v.picklist(['refund', 'forfeit']) })),
  fee_returned: v.optional(v.boolean(), true),
  approval: ApprovalShape,
});
export type FailureTerms = v.InferOutput<typeof FailureShape>;

const ConversionShape = v.object({
  from: v.string(),
  to: v.string(),
  mode: v.optional(v.picklist(['towards', 'on_top']), 'towards'),
});

export const TermsShape = v.object({
  roles: v.array(v.object({ ...NamedShape.entries, kind: v.string() })),
  items: v.array(ItemShape),
  conditions: v.array(v.object({ ...NamedShape.entries, evidence: v.string(), by: v.string() })),
  releases: v.array(ReleaseShape),
  conversions: v.optional(v.array(ConversionShape), []),
  failures: v.array(FailureShape),
});
export type Terms = v.InferOutput<typeof TermsShape>;

export const AgreementShape = v.object({
  id: v.string(),
  name: v.string(),
  version: v.number(),
  state: v.string(),
  terms: TermsShape,
  made_by: ActorShape,
  published_by: v.optional(ActorShape),
  created_at: InstantShape,
  published_at: v.optional(InstantShape),
});
export type Agreement = v.InferOutput<typeof AgreementShape>;
export const AgreementPageShape = pageOf(AgreementShape);
