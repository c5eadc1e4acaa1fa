import { type TSchema, Type } from 'typebox';
import { IdSchema, InstantSchema, PageQuerySchema } from '../../platform/index.ts';
import { documentKinds, merchantKinds } from './types.ts';
import { idPrefix } from './views.ts';

const exact = { additionalProperties: false };

const TextSchema = (description: string) =>
  Type.String({ minLength: 1, maxLength: 200, description });

export const PersonIdSchema = IdSchema(idPrefix.person);
export const MerchantIdSchema = IdSchema(idPrefix.merchant);
export const BankAccountIdSchema = IdSchema(idPrefix.bankAccount);

export const NewPersonSchema = Type.Object(
  {
    name: TextSchema('As in the identity document'),
    id_document: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum([...documentKinds]),
          number: TextSchema('resident_id: 18 characters (GB 11643)'),
        },
        exact,
      ),
    ),
    phone: Type.Optional(TextSchema('Chinese mobile number, or E.164 with its plus')),
  },
  { ...exact, title: 'NewPerson' },
);

export const PersonSchema = Type.Object(
  {
    id: PersonIdSchema,
    name: Type.String({ description: 'Masked' }),
    id_document: Type.Optional(
      Type.Object({
        kind: Type.Enum([...documentKinds]),
        number: Type.String({ description: 'Masked' }),
      }),
    ),
    phone: Type.Optional(Type.String({ description: 'Masked' })),
    created_at: InstantSchema,
  },
  { title: 'Person', description: 'A person, masked' },
);

export const NewMerchantSchema = Type.Object(
  {
    name: TextSchema('As shown to payers'),
    kind: Type.Enum([...merchantKinds]),
    legal_name: Type.Optional(TextSchema('As in the business licence')),
    registration_number: Type.Optional(TextSchema('Unified social credit code (GB 32100)')),
  },
  { ...exact, title: 'NewMerchant' },
);

export const MerchantSchema = Type.Object(
  {
    id: MerchantIdSchema,
    name: Type.String(),
    kind: Type.Enum([...merchantKinds]),
    legal_name: Type.Optional(Type.String()),
    registration_number: Type.Optional(Type.String()),
    created_at: InstantSchema,
  },
  { title: 'Merchant' },
);

const OwnerIdSchema = Type.String({
  pattern: `^(${idPrefix.person}|${idPrefix.merchant})_[0-9a-hjkmnp-tv-z]{26}$`,
  description: 'per_… or mer_…',
});

export const NewBankAccountSchema = Type.Object(
  {
    owner_id: OwnerIdSchema,
    number: TextSchema('6 to 34 digits or letters; spaces and dashes are left out'),
    holder_name: Type.Optional(
      TextSchema('The owner’s name when left out; for a person no other is allowed'),
    ),
    bank_code: TextSchema('CNAPS code of the branch, 12 digits'),
    bank_name: TextSchema('Name of the bank or branch'),
  },
  { ...exact, title: 'NewBankAccount' },
);

export const BankAccountSchema = Type.Object(
  {
    id: BankAccountIdSchema,
    owner_kind: Type.Enum(['person', 'merchant']),
    owner_id: OwnerIdSchema,
    number: Type.String({ description: 'Masked' }),
    holder_name: Type.String({ description: 'Masked for people' }),
    bank_code: Type.String(),
    bank_name: Type.String(),
    state: Type.Enum(['active', 'disabled']),
    created_at: InstantSchema,
    disabled_at: Type.Optional(InstantSchema),
  },
  { title: 'BankAccount', description: 'A bank account, masked' },
);

export const OwnerQuerySchema = Type.Object({ owner_id: OwnerIdSchema }, exact);

export const ListQuerySchema = Type.Object({ ...PageQuerySchema.properties }, exact);

export function pageSchema<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), next_cursor: Type.Optional(Type.String()) });
}
