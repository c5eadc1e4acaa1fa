import { type TProperties, Type } from 'typebox';
import {
  DateSchema,
  InstantSchema,
  PageQuerySchema,
  SignedMoneySchema,
} from '../../http/schemas.ts';
import { BookIdSchema, CodeSchema, counters, exact, limits, OwnerSchema } from './shared.ts';

const MetadataSchema = Type.Record(Type.String(), Type.String({ maxLength: 1_000 }), {
  maxProperties: 100,
  description: 'What it is known by elsewhere: up to 16 keys of 40 characters, values of 200',
});

export const NewAccountSchema = Type.Object(
  {
    book: BookIdSchema,
    code: CodeSchema,
    owner: OwnerSchema,
    limit: Type.Optional(
      Type.Enum([...limits], { description: 'Only where the chart of accounts says none' }),
    ),
    metadata: Type.Optional(MetadataSchema),
  },
  { ...exact, title: 'NewLedgerAccount' },
);

const account = {
  id: Type.String({ description: 'Follows from book, code and owner' }),
  book: Type.String(),
  code: Type.Integer({ description: 'Chart of accounts' }),
  owner: Type.String({ description: 'Whose money, or which contract or account' }),
  balance: SignedMoneySchema,
  available: SignedMoneySchema,
  frozen: Type.Object({ in: Type.Boolean(), out: Type.Boolean() }),
  closed: Type.Boolean(),
  version: Type.Integer({ description: 'Counts its entries, without a gap' }),
};

export const AccountSchema = Type.Object(account, {
  title: 'LedgerAccount',
  description: 'A ledger account; balances grow on its normal side',
});

const moment = <T extends TProperties>(properties: T, title: string) =>
  Type.Object({ ...properties, balance: SignedMoneySchema }, { title });

export const AccountDetailSchema = Type.Object(
  {
    ...account,
    ...counters,
    limit: Type.Enum([...limits]),
    metadata: Type.Record(Type.String(), Type.String()),
    opened_at: InstantSchema,
    as_recorded: Type.Optional(
      moment(
        { at: InstantSchema, version: Type.Integer(), available: SignedMoneySchema, ...counters },
        'LedgerBalanceAsRecorded',
      ),
    ),
    by_value_date: Type.Optional(
      moment(
        {
          value_date: DateSchema,
          known_at: Type.Optional(InstantSchema),
          debits_posted_minor: counters.debits_posted_minor,
          credits_posted_minor: counters.credits_posted_minor,
        },
        'LedgerBalanceByValueDate',
      ),
    ),
  },
  { title: 'LedgerAccountDetail', description: 'A ledger account with its four counters' },
);

export const AccountQuerySchema = Type.Object({
  at: Type.Optional(InstantSchema),
  value_date: Type.Optional(DateSchema),
});

export const AccountsQuerySchema = Type.Object({
  ...PageQuerySchema.properties,
  book: Type.Optional(BookIdSchema),
  owner: Type.Optional(OwnerSchema),
  metadata_key: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  metadata_value: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

export const FreezeSchema = Type.Object(
  {
    in: Type.Boolean({ description: 'Nothing may come' }),
    out: Type.Boolean({ description: 'Nothing may leave' }),
  },
  { ...exact, title: 'LedgerFreeze' },
);

export const EntrySchema = Type.Object(
  {
    version: Type.Integer({ description: 'The account’s count of its entries, without a gap' }),
    journal: Type.String(),
    leg: Type.Integer(),
    kind: Type.Enum(['posted', 'pending', 'post_pending', 'void_pending']),
    side: Type.Enum(['debit', 'credit']),
    amount: SignedMoneySchema,
    counterpart: Type.String({ description: 'The account on the other side' }),
    balance_after: SignedMoneySchema,
    ...counters,
    effective_at: InstantSchema,
    recorded_at: InstantSchema,
  },
  { title: 'LedgerEntry', description: 'A line of an account’s statement' },
);
