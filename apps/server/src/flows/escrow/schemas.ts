import { type Static, Type } from 'typebox';
import { IdSchema, InstantSchema, MoneySchema, PageQuerySchema } from '../../platform/index.ts';
import { ActorSchema } from '../../who/access/index.ts';
import { FeeRuleSchema } from '../settlement/index.ts';
import { dealStates } from './decide/deal-state.ts';
import { NameSchema } from './view/schemas.ts';

/** What travels over the wire, shared by routes and contract. */

const strict = { additionalProperties: false } as const;
const KeySchema = Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' });
const ReasonSchema = Type.String({ minLength: 1, maxLength: 200 });

export const TermsSchema = Type.Object(
  {
    roles: Type.Array(
      Type.Object(
        { key: KeySchema, name: NameSchema, kind: Type.String({ enum: ['person', 'merchant'] }) },
        strict,
      ),
      { minItems: 2, maxItems: 20 },
    ),
    items: Type.Array(
      Type.Object(
        {
          key: KeySchema,
          name: NameSchema,
          payer: KeySchema,
          beneficiary: KeySchema,
          regime: Type.String({ enum: ['escrow', 'reserve'] }),
          destination: Type.String({ enum: ['escrowed', 'merchant'] }),
          refundable: Type.Boolean(),
          required: Type.Optional(Type.Boolean({ default: true })),
          methods: Type.Array(
            Type.String({ enum: ['wechat_native', 'wechat_h5', 'bank_transfer'] }),
            { minItems: 1, maxItems: 3, uniqueItems: true },
          ),
          split: Type.Optional(
            Type.Object(
              {
                fee: Type.Optional(FeeRuleSchema),
                receivers: Type.Array(
                  Type.Object(
                    { role: KeySchema, weight: Type.Integer({ minimum: 1, maximum: 1_000_000 }) },
                    strict,
                  ),
                  { minItems: 1, maxItems: 50 },
                ),
              },
              strict,
            ),
          ),
        },
        strict,
      ),
      { minItems: 1, maxItems: 20 },
    ),
    conditions: Type.Array(
      Type.Object({ key: KeySchema, name: NameSchema, evidence: KeySchema, by: KeySchema }, strict),
      { maxItems: 30 },
    ),
    releases: Type.Array(
      Type.Object(
        {
          key: KeySchema,
          name: NameSchema,
          items: Type.Array(
            Type.Object(
              {
                item: KeySchema,
                share_bps: Type.Optional(
                  Type.Integer({ minimum: 1, maximum: 10_000, default: 10_000 }),
                ),
              },
              strict,
            ),
            { maxItems: 20 },
          ),
          to: KeySchema,
          when: Type.Array(KeySchema, { maxItems: 30 }),
          approval: Type.Optional(Type.String({ enum: ['required', 'not_required'] })),
          before_funded: Type.Optional(Type.Boolean({ default: false })),
        },
        strict,
      ),
      { maxItems: 30 },
    ),
    conversions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            from: KeySchema,
            to: KeySchema,
            mode: Type.Optional(
              Type.String({
                enum: ['towards', 'on_top'],
                description: 'towards: counts as payment of the target; on_top: in addition',
              }),
            ),
          },
          strict,
        ),
        { maxItems: 30 },
      ),
    ),
    failures: Type.Array(
      Type.Object(
        {
          key: KeySchema,
          name: NameSchema,
          items: Type.Array(
            Type.Object(
              { item: KeySchema, action: Type.String({ enum: ['refund', 'forfeit'] }) },
              strict,
            ),
            { maxItems: 20 },
          ),
          fee_returned: Type.Optional(Type.Boolean({ default: true })),
          approval: Type.Optional(Type.String({ enum: ['required', 'not_required'] })),
        },
        strict,
      ),
      { minItems: 1, maxItems: 10 },
    ),
  },
  { ...strict, title: 'AgreementTerms' },
);
export type TermsWire = Static<typeof TermsSchema>;

export const NewAgreementSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    version: Type.Integer({ minimum: 1, maximum: 100_000 }),
    terms: TermsSchema,
  },
  { ...strict, title: 'NewAgreement' },
);

export const AgreementSchema = Type.Object(
  {
    id: IdSchema('agr'),
    name: Type.String(),
    version: Type.Integer(),
    state: Type.String({ enum: ['draft', 'published'] }),
    terms: TermsSchema,
    made_by: ActorSchema,
    published_by: Type.Optional(ActorSchema),
    created_at: InstantSchema,
    published_at: Type.Optional(InstantSchema),
  },
  { title: 'Agreement' },
);

const next = { next_cursor: Type.Optional(Type.String()) };
export const AgreementListSchema = Type.Object(
  { items: Type.Array(AgreementSchema), ...next },
  { title: 'AgreementList' },
);

export const NewDealSchema = Type.Object(
  {
    agreement_id: IdSchema('agr'),
    title: Type.String({ minLength: 1, maxLength: 80 }),
    city: Type.String({ minLength: 1, maxLength: 40 }),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', default: 'CNY' })),
    parties: Type.Record(
      KeySchema,
      Type.Object(
        {
          person_id: Type.Optional(IdSchema('per')),
          merchant_id: Type.Optional(IdSchema('mer')),
          bank_account_id: Type.Optional(IdSchema('bac')),
        },
        { ...strict, description: 'One of person_id and merchant_id; where they are paid to' },
      ),
    ),
    items: Type.Record(KeySchema, MoneySchema, { description: 'What is owed, by item key' }),
    deadline: Type.Optional(InstantSchema),
  },
  { ...strict, title: 'NewDeal' },
);

const DealHead = {
  id: IdSchema('deal'),
  number: Type.String(),
  agreement_id: IdSchema('agr'),
  title: Type.String(),
  city: Type.String(),
  currency: Type.String(),
  state: Type.String({ enum: [...dealStates] }),
  frozen: Type.Boolean(),
  deadline: Type.Optional(InstantSchema),
  created_at: InstantSchema,
  final_at: Type.Optional(InstantSchema),
};

export const DealSummarySchema = Type.Object(DealHead, { title: 'DealSummary' });
export const DealListSchema = Type.Object(
  { items: Type.Array(DealSummarySchema), ...next },
  { title: 'DealList' },
);

export const DealSchema = Type.Object(
  {
    ...DealHead,
    agreement: Type.Object({ name: Type.String(), version: Type.Integer() }),
    agreed_roles: Type.Array(Type.String()),
    parties: Type.Array(
      Type.Object({
        role: Type.String(),
        name: NameSchema,
        kind: Type.String({ enum: ['person', 'merchant'] }),
        id: Type.String(),
        shown_as: Type.Optional(Type.String({ description: 'Their name, a person’s masked' })),
        bank_account_id: Type.Optional(IdSchema('bac')),
        bank_account: Type.Optional(Type.String({ description: 'Masked' })),
      }),
    ),
    items: Type.Array(
      Type.Object({
        id: IdSchema('itm'),
        key: Type.String(),
        name: NameSchema,
        amount: MoneySchema,
        paid: MoneySchema,
        held: MoneySchema,
        order_id: Type.Optional(IdSchema('ord')),
      }),
    ),
  },
  { title: 'Deal' },
);

export const DealQuerySchema = Type.Intersect([
  Type.Object({
    state: Type.Optional(Type.String({ enum: [...dealStates] })),
    reference_id: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        description: 'What an order or pay-out refers to: the deal that it belongs to',
      }),
    ),
  }),
  PageQuerySchema,
]);

export const AgreeSchema = Type.Object(
  {
    roles: Type.Optional(Type.Array(KeySchema, { maxItems: 20, description: 'All when absent' })),
    reference: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
  },
  { ...strict, title: 'PartiesAgree' },
);

export const OpenOrderSchema = Type.Object(
  {
    amount: Type.Optional(MoneySchema),
    expires_at: Type.Optional(InstantSchema),
  },
  { ...strict, title: 'OpenOrder' },
);

export const OpenedOrderSchema = Type.Object(
  {
    order_id: IdSchema('ord'),
    deal_id: IdSchema('deal'),
  },
  { title: 'OpenedOrder' },
);

export const EvidenceSchema = Type.Object(
  {
    kind: KeySchema,
    role: KeySchema,
    reference: Type.String({ minLength: 1, maxLength: 120 }),
    document_sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  },
  { ...strict, title: 'NewEvidence' },
);

export const ConvertSchema = Type.Object(
  { from: KeySchema, to: KeySchema, amount: Type.Optional(MoneySchema) },
  { ...strict, title: 'NewConversion' },
);

export const NewReleaseSchema = Type.Object(
  {
    key: KeySchema,
    items: Type.Optional(
      Type.Record(KeySchema, MoneySchema, {
        description: 'How much of which item; all that the release gives when absent',
      }),
    ),
  },
  { ...strict, title: 'NewRelease' },
);

export const RejectSchema = Type.Object(
  { reason: ReasonSchema },
  { ...strict, title: 'RejectRelease' },
);

export const CancelSchema = Type.Object(
  { reason: ReasonSchema, failure: Type.Optional(KeySchema) },
  { ...strict, title: 'CancelDeal' },
);

export const FreezeSchema = Type.Object(
  {
    reason: ReasonSchema,
    items: Type.Optional(Type.Array(KeySchema, { maxItems: 20 })),
    until: Type.Optional(InstantSchema),
  },
  { ...strict, title: 'FreezeDeal' },
);

export const NewLinkSchema = Type.Object({ role: KeySchema }, { ...strict, title: 'NewDealLink' });
export const LinkSchema = Type.Object(
  {
    token: Type.String(),
    url: Type.String(),
    expires_at: InstantSchema,
  },
  { title: 'DealLink' },
);

export const WaitingReleaseSchema = Type.Object(
  {
    id: IdSchema('rel'),
    deal_id: IdSchema('deal'),
    deal_number: Type.String(),
    deal_title: Type.String(),
    key: Type.String(),
    name: NameSchema,
    role: Type.String(),
    to: Type.Object({ role: Type.String(), name: NameSchema }),
    amount: MoneySchema,
    state: Type.String(),
    maker: ActorSchema,
    requested_at: InstantSchema,
  },
  { title: 'WaitingRelease' },
);

export const ReleaseListSchema = Type.Object(
  {
    items: Type.Array(WaitingReleaseSchema),
    ...next,
  },
  { title: 'ReleaseList' },
);

export const ReleaseQuerySchema = Type.Intersect([
  Type.Object({
    state: Type.String({ enum: ['pending_approval', 'moving', 'failed', 'done', 'rejected'] }),
  }),
  PageQuerySchema,
]);
