import { Type } from 'typebox';
import {
  InstantSchema,
  MoneySchema,
  PageQuerySchema,
  ProblemSchema,
  SignedMoneySchema,
} from '../../http/schemas.ts';
import {
  BookIdSchema,
  CodeSchema,
  counters,
  exact,
  LegSchema,
  OwnerSchema,
  pageOf,
  UuidSchema,
} from './shared.ts';

const cause = {
  module: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'Which part of your system',
    examples: ['shop'],
  }),
  object: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'Which of its objects; journals are found by it',
    examples: ['order-2026-0117'],
  }),
  command: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'What was to be done with it',
    examples: ['pay'],
  }),
};

export const head = {
  id: UuidSchema(
    'Your own UUID for this journal, any version, in lower case: the same id and content book once, for ever',
  ),
  ...cause,
  effective_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'Value date, RFC 3339; now when left out' }),
  ),
};

const SideSchema = Type.Object(
  { book: Type.Optional(BookIdSchema), code: CodeSchema, owner: OwnerSchema },
  {
    ...exact,
    title: 'LedgerAccountName',
    description: 'An account by its name, in the journal’s book; opened when it is not there',
  },
);

const HoldRefSchema = Type.Object(
  { journal: UuidSchema('The journal that made the hold'), leg: LegSchema },
  { ...exact, title: 'LedgerHoldName' },
);

const movement = {
  debit: SideSchema,
  credit: SideSchema,
  amount: MoneySchema,
  balancing: Type.Optional(
    Type.Enum(['debit', 'credit'], {
      description: 'As much as the account of this side allows, and the amount at most',
    }),
  ),
};

export const NewTransferSchema = Type.Union([
  Type.Object({ kind: Type.Literal('posted'), ...movement }, exact),
  Type.Object(
    {
      kind: Type.Literal('pending'),
      ...movement,
      expires_at: Type.Optional(InstantSchema),
      closing: Type.Optional(
        Type.Enum(['debit', 'credit'], {
          description: 'Closes the account of this side, which it must leave empty',
        }),
      ),
    },
    exact,
  ),
  Type.Object(
    {
      kind: Type.Literal('post_pending'),
      hold: HoldRefSchema,
      amount: Type.Optional(MoneySchema),
    },
    exact,
  ),
  Type.Object({ kind: Type.Literal('void_pending'), hold: HoldRefSchema }, exact),
]);

export const NewJournalSchema = Type.Object(
  {
    ...head,
    book: BookIdSchema,
    transfers: Type.Array(NewTransferSchema, { minItems: 1, maxItems: 1_000 }),
  },
  { ...exact, title: 'NewJournal', description: 'Transfers that stand or fall together' },
);

/** Journals in one bulk call, at most. */
export const maxBulkJournals = 1_000;

const bulkLimits = { minItems: 1, maxItems: maxBulkJournals };

export const BulkSchema = Type.Object(
  { journals: Type.Array(NewJournalSchema, bulkLimits) },
  { ...exact, title: 'JournalBulk', description: 'Booked in order, each on its own' },
);

/** A bulk of whose journals nothing is known. */
export const AnyBulkSchema = Type.Object(
  { journals: Type.Array(Type.Unknown(), bulkLimits) },
  exact,
);

export const LinkedSchema = Type.Object(
  { journals: Type.Array(NewJournalSchema, { minItems: 1, maxItems: 100 }) },
  { ...exact, title: 'LinkedJournals', description: 'Stand or fall together' },
);

export const NewReversalSchema = Type.Object(head, { ...exact, title: 'NewReversal' });

export const HoldVoidSchema = Type.Object(head, { ...exact, title: 'HoldVoid' });
export const HoldPostSchema = Type.Object(
  { ...head, amount: Type.Optional(MoneySchema) },
  {
    ...exact,
    title: 'HoldPost',
    description: 'Without an amount all of it is posted; what is not posted is released',
  },
);

const BookedSideSchema = Type.Object(
  {
    account: Type.String(),
    code: Type.Integer(),
    owner: Type.String(),
    balance_after: SignedMoneySchema,
    version: Type.Integer({ description: 'The account’s count of its entries, this one included' }),
    ...counters,
  },
  { title: 'LedgerSide', description: 'An account as it stood after the transfer' },
);

export const TransferSchema = Type.Object(
  {
    leg: Type.Integer(),
    kind: Type.String({ description: 'posted, pending, post_pending or void_pending' }),
    amount: SignedMoneySchema,
    hold: Type.Optional(Type.Object({ journal: Type.String(), leg: Type.Integer() })),
    expires_at: Type.Optional(InstantSchema),
    balancing: Type.Optional(Type.Enum(['debit', 'credit'])),
    at_most: Type.Optional(SignedMoneySchema),
    closing: Type.Optional(Type.Enum(['debit', 'credit'])),
    debit: BookedSideSchema,
    credit: BookedSideSchema,
  },
  { title: 'LedgerTransfer' },
);

export const JournalSchema = Type.Object(
  {
    id: Type.String(),
    book: Type.String(),
    module: Type.String(),
    object: Type.String(),
    command: Type.String(),
    effective_at: InstantSchema,
    recorded_at: InstantSchema,
    reverses: Type.Optional(Type.String({ description: 'The journal whose mirror it is' })),
    link: Type.Optional(
      Type.String({ description: 'The first of the journals that it stands or falls with' }),
    ),
    refusal: Type.Optional(
      Type.String({
        description: 'Why it was refused; its id stays used, and it has no transfers',
      }),
    ),
    transfers: Type.Array(TransferSchema),
  },
  { title: 'Journal', description: 'Transfers that stand or fall together, with their cause' },
);

export const BulkResultSchema = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          status: Type.Integer({ description: 'As if the journal had been sent alone' }),
          replayed: Type.Optional(Type.Boolean({ description: 'The first answer, given again' })),
          journal: Type.Optional(JournalSchema),
          problem: Type.Optional(ProblemSchema),
        },
        { title: 'JournalResult' },
      ),
    ),
  },
  { title: 'JournalBulkResult', description: 'One result per journal, in order' },
);

export const JournalListSchema = pageOf(JournalSchema);

export const JournalsQuerySchema = Type.Object({
  object_id: Type.Union(
    [
      Type.String({ minLength: 1, maxLength: 200 }),
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 50 }),
    ],
    { description: 'One id or several: orders, deals, items, pay-outs …' },
  ),
  book: Type.Optional(BookIdSchema),
  ...PageQuerySchema.properties,
});
