import { pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { ActorShape, DateShape, InstantShape } from './shapes.ts';

/** Minor units whose currency stands beside them, signed. */
const MinorShape = v.pipe(
  v.union([v.bigint(), v.pipe(v.number(), v.safeInteger())]),
  v.transform((amount) => BigInt(amount)),
);

const FindingShape = v.object({
  code: v.string(),
  sentence: v.string(),
  path: v.optional(v.string()),
  line: v.optional(v.number()),
});
export type Finding = v.InferOutput<typeof FindingShape>;

export const StatementFileShape = v.object({
  id: v.string(),
  file: v.string(),
  sha256: v.string(),
  outcome: v.picklist(['imported', 'reported', 'refused']),
  reason: v.optional(v.string()),
  format: v.optional(v.string()),
  statements: v.number(),
  entries: v.number(),
  opening: v.nullable(MinorShape),
  closing: v.nullable(MinorShape),
  currency: v.nullable(v.string()),
  accounts: v.array(v.object({ number: v.string(), account_id: v.optional(v.string()) })),
  findings: v.array(FindingShape),
  findings_count: v.number(),
  repeated: v.boolean(),
  imported_at: InstantShape,
});
export type StatementFile = v.InferOutput<typeof StatementFileShape>;
export const StatementFilePageShape = pageOf(StatementFileShape);

/** In the order in which a day's work goes. */
export const exceptionStates = ['open', 'reopened', 'assigned', 'proposed', 'resolved'] as const;
export type ExceptionState = (typeof exceptionStates)[number];

export const ExceptionShape = v.object({
  id: v.string(),
  kind: v.string(),
  state: v.string(),
  account_id: v.optional(v.string()),
  contract_id: v.optional(v.string()),
  book: v.optional(v.string()),
  day: DateShape,
  subject: v.string(),
  amount: v.nullable(MinorShape),
  currency: v.optional(v.string()),
  owner: v.optional(ActorShape),
  deadline: InstantShape,
  overdue: v.boolean(),
  evidence: v.record(v.string(), v.unknown()),
  proposal: v.optional(v.record(v.string(), v.unknown())),
  maker: v.optional(ActorShape),
  checker: v.optional(ActorShape),
  journal_id: v.optional(v.string()),
  note: v.optional(v.string()),
  opened_at: InstantShape,
  resolved_at: v.optional(InstantShape),
  steps: v.optional(
    v.array(
      v.object({
        state: v.string(),
        by: ActorShape,
        at: InstantShape,
        detail: v.record(v.string(), v.unknown()),
      }),
    ),
    [],
  ),
});
export type Exception = v.InferOutput<typeof ExceptionShape>;
export const ExceptionPageShape = pageOf(ExceptionShape);

const ProofItemShape = v.object({
  group: v.string(),
  kind: v.string(),
  reference: v.string(),
  amount: MinorShape,
  explanation: v.string(),
});
export type ProofItem = v.InferOutput<typeof ProofItemShape>;

const placeEntries = {
  entity: v.string(),
  regime: v.string(),
  book: v.string(),
  currency: v.string(),
  bank: v.nullable(MinorShape),
  ledger: MinorShape,
  liabilities: MinorShape,
  in_transit: MinorShape,
  difference: v.nullable(MinorShape),
  balanced: v.boolean(),
  items: v.array(ProofItemShape),
};
const CustodyPlaceShape = v.object({ account_id: v.string(), ...placeEntries });
const ChannelPlaceShape = v.object({ contract_id: v.string(), ...placeEntries });
export type ProofPlace = Omit<v.InferOutput<typeof CustodyPlaceShape>, 'account_id'>;

export const ProofShape = v.object({
  id: v.string(),
  date: DateShape,
  version: v.number(),
  balanced: v.boolean(),
  made_at: InstantShape,
  accounts: v.array(CustodyPlaceShape),
  channels: v.array(ChannelPlaceShape),
  totals: v.object({
    ledger: MinorShape,
    bank: v.nullable(MinorShape),
    liabilities: MinorShape,
    in_transit: MinorShape,
    difference: v.nullable(MinorShape),
  }),
});
export type Proof = v.InferOutput<typeof ProofShape>;
export const ProofPageShape = pageOf(ProofShape);

const FeedShape = v.object({ missing: v.boolean(), last_day: v.optional(DateShape) });

export const HealthShape = v.object({
  status: v.string(),
  detail: v.string(),
  statements: v.array(v.object({ account_id: v.string(), ...FeedShape.entries })),
  bills: v.array(v.object({ contract_id: v.string(), ...FeedShape.entries })),
  open_exceptions: v.number(),
  overdue_exceptions: v.number(),
});

export const ReconcileReportShape = v.object({
  statements: v.array(
    v.object({
      account_id: v.string(),
      status: v.string(),
      reason: v.optional(v.string()),
    }),
  ),
  bills: v.array(
    v.object({ contract_id: v.string(), status: v.string(), reason: v.optional(v.string()) }),
  ),
  complete: v.boolean(),
});
export type ReconcileReport = v.InferOutput<typeof ReconcileReportShape>;
