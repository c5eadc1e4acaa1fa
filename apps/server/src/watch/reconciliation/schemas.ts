import { Type } from 'typebox';
import { DateSchema, IdSchema, InstantSchema } from '../../platform/index.ts';
import { ActorSchema } from '../../who/access/index.ts';
import { exceptionStates } from './decide/exception-state.ts';
import type { ReconcileReport } from './types.ts';
import type {
  BillView,
  ExceptionView,
  HealthView,
  ImportOutcome,
  ProofView,
  StatementView,
} from './views.ts';

/** Shared by routes and the contract. Amounts are integers in minor units. */

const Amount = (description = 'Minor units') => Type.Integer({ description });
const OrNull = (description: string) => Type.Union([Type.Integer({ description }), Type.Null()]);
const Finding = Type.Object({
  code: Type.String(),
  sentence: Type.String(),
  path: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
});

export const ImportSchema = Type.Unsafe<ImportOutcome>(
  Type.Object(
    {
      id: IdSchema('stm'),
      file: Type.String(),
      sha256: Type.String(),
      outcome: Type.Union([
        Type.Literal('imported'),
        Type.Literal('reported'),
        Type.Literal('refused'),
      ]),
      imported: Type.Boolean(),
      reported: Type.Boolean({ description: "Usable, with the bank's own mistakes in findings" }),
      refused: Type.Boolean(),
      reason: Type.Optional(Type.String()),
      format: Type.Optional(Type.String()),
      statements: Type.Integer(),
      entries: Type.Integer(),
      opening: OrNull('Of the whole file, when it is about one account'),
      closing: OrNull('Of the whole file, when it is about one account'),
      currency: Type.Union([Type.String(), Type.Null()]),
      accounts: Type.Array(
        Type.Object({ number: Type.String(), account_id: Type.Optional(Type.String()) }),
      ),
      findings: Type.Array(Finding),
      findings_count: Type.Integer(),
      repeated: Type.Boolean({ description: 'The same bytes were here before' }),
      imported_at: InstantSchema,
    },
    { title: 'StatementImport' },
  ),
);

export const StatementSchema = Type.Unsafe<StatementView>(
  Type.Object(
    {
      id: IdSchema('stm'),
      file_id: IdSchema('stm'),
      format: Type.String(),
      account: Type.String({ description: 'Masked' }),
      account_id: Type.Optional(Type.String({ description: 'When it is one of ours' })),
      currency: Type.String(),
      day: Type.Optional(DateSchema),
      opening: OrNull('Minor units'),
      closing: OrNull('Minor units'),
      entries: Type.Integer(),
      result: Type.String(),
      findings: Type.Array(Finding),
      imported_at: InstantSchema,
    },
    { title: 'Statement' },
  ),
);

export const BillSchema = Type.Unsafe<BillView>(
  Type.Object(
    {
      id: IdSchema('stm'),
      file_id: IdSchema('stm'),
      contract_id: Type.String(),
      day: DateSchema,
      lines: Type.Integer(),
      currency: Type.String(),
      paid: Amount(),
      refunded: Amount(),
      fees: Amount(),
      net: Amount(),
      findings: Type.Array(Finding),
      imported_at: InstantSchema,
    },
    { title: 'ChannelBill' },
  ),
);

export const ExceptionStateSchema = Type.Union(exceptionStates.map((state) => Type.Literal(state)));

export const ExceptionSchema = Type.Unsafe<ExceptionView>(
  Type.Object(
    {
      id: IdSchema('exc'),
      kind: Type.String(),
      state: ExceptionStateSchema,
      account_id: Type.Optional(Type.String()),
      contract_id: Type.Optional(Type.String()),
      book: Type.Optional(Type.String()),
      day: DateSchema,
      subject: Type.String(),
      amount: OrNull('Positive: too much at the bank or channel; negative: missing there'),
      currency: Type.Optional(Type.String()),
      owner: Type.Optional(ActorSchema),
      deadline: InstantSchema,
      overdue: Type.Boolean(),
      evidence: Type.Object({}, { additionalProperties: true }),
      proposal: Type.Optional(Type.Object({}, { additionalProperties: true })),
      maker: Type.Optional(ActorSchema),
      checker: Type.Optional(ActorSchema),
      journal_id: Type.Optional(Type.String()),
      note: Type.Optional(Type.String()),
      opened_at: InstantSchema,
      resolved_at: Type.Optional(InstantSchema),
      steps: Type.Optional(
        Type.Array(
          Type.Object({
            state: Type.String(),
            by: ActorSchema,
            at: InstantSchema,
            detail: Type.Object({}, { additionalProperties: true }),
          }),
        ),
      ),
    },
    { title: 'ReconciliationException' },
  ),
);

const placeFields = {
  entity: Type.String(),
  regime: Type.String(),
  book: Type.String(),
  currency: Type.String(),
  bank: OrNull('From the statement; null while it is missing'),
  ledger: Amount('The place in the ledger at the end of the day'),
  liabilities: Amount('What the book owes, less what of it lies elsewhere'),
  in_transit: Amount('Seen by one of bank and ledger before the cut-off, by the other after it'),
  difference: OrNull('bank − ledger − in_transit'),
  balanced: Type.Boolean(),
  items: Type.Array(
    Type.Object({
      group: Type.String(),
      kind: Type.String(),
      reference: Type.String(),
      amount: Amount(),
      explanation: Type.String({ description: 'Key of the text that explains it' }),
    }),
  ),
};

export const ProofSchema = Type.Unsafe<ProofView>(
  Type.Object(
    {
      id: IdSchema('prf'),
      date: DateSchema,
      version: Type.Integer(),
      balanced: Type.Boolean(),
      made_at: InstantSchema,
      accounts: Type.Array(Type.Object({ account_id: Type.String(), ...placeFields })),
      channels: Type.Array(Type.Object({ contract_id: Type.String(), ...placeFields })),
      totals: Type.Object({
        ledger: Amount(),
        bank: OrNull('Null while a statement is missing'),
        liabilities: Amount(),
        in_transit: Amount(),
        difference: OrNull('Null while a statement is missing'),
      }),
    },
    { title: 'DailyProof' },
  ),
);

export const ReconcileReportSchema = Type.Unsafe<ReconcileReport>(
  Type.Object(
    {
      date: DateSchema,
      statements: Type.Array(
        Type.Object({
          account_id: Type.String(),
          status: Type.String(),
          reason: Type.Optional(Type.String()),
          entries: Type.Optional(Type.Integer()),
          matched: Type.Optional(Type.Integer()),
          exceptions: Type.Optional(Type.Integer()),
        }),
      ),
      bills: Type.Array(
        Type.Object({
          contract_id: Type.String(),
          status: Type.String(),
          reason: Type.Optional(Type.String()),
          lines: Type.Optional(Type.Integer()),
          classes: Type.Optional(Type.Record(Type.String(), Type.Integer())),
        }),
      ),
      complete: Type.Boolean(),
      proof: ProofSchema,
    },
    { title: 'ReconcileReport' },
  ),
);

const Feed = {
  last_day: Type.Optional(DateSchema),
  expected_day: Type.Optional(DateSchema),
  missing: Type.Boolean(),
};

export const HealthSchema = Type.Unsafe<HealthView>(
  Type.Object(
    {
      status: Type.String(),
      detail: Type.String(),
      statements: Type.Array(Type.Object({ account_id: Type.String(), ...Feed })),
      bills: Type.Array(Type.Object({ contract_id: Type.String(), ...Feed })),
      open_exceptions: Type.Integer(),
      overdue_exceptions: Type.Integer(),
      last_proof: Type.Optional(Type.Object({ date: DateSchema, balanced: Type.Boolean() })),
    },
    { title: 'ReconciliationHealth' },
  ),
);

/** A side of a correcting journal: an account of the exception's book. */
const Side = Type.Object(
  {
    code: Type.Integer({ description: 'Chart of accounts' }),
    owner: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
);

export const ProposalSchema = Type.Object(
  {
    note: Type.String({ minLength: 1, maxLength: 2000 }),
    journal: Type.Optional(
      Type.Object(
        { debit: Side, credit: Side },
        { additionalProperties: false, description: "Books exactly the exception's amount" },
      ),
    ),
  },
  { title: 'ExceptionProposal', additionalProperties: false },
);

export const AssignmentSchema = Type.Object(
  { owner_id: IdSchema('opr'), deadline: Type.Optional(InstantSchema) },
  { title: 'ExceptionAssignment', additionalProperties: false },
);

export const ReasonSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 2000 }) },
  { title: 'ReopenReason', additionalProperties: false },
);
