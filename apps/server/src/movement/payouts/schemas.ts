import { Type } from 'typebox';
import { IdSchema, InstantSchema, MoneySchema } from '../../platform/index.ts';
import { ActorSchema } from '../../who/access/index.ts';
import { payoutStates } from './decide/payout-state.ts';

/** What travels over the wire, requests and answers, shared by routes and contract. */

export const PayoutSchema = Type.Object(
  {
    id: IdSchema('pyt'),
    number: Type.String({ description: 'EndToEndId at the bank' }),
    state: Type.String({ enum: [...payoutStates] }),
    amount: MoneySchema,
    source: Type.Object({
      book: Type.String(),
      account_code: Type.Integer(),
      owner: Type.String(),
    }),
    custody_account_id: Type.String(),
    virtual_account: Type.Optional(Type.String()),
    payee: Type.Object({
      kind: Type.String({ enum: ['bank_account', 'custody_account'] }),
      id: Type.String(),
      number: Type.String({ description: 'Masked' }),
    }),
    purpose: Type.String(),
    remittance: Type.String(),
    reference: Type.Optional(Type.Object({ kind: Type.String(), id: Type.String() })),
    maker: ActorSchema,
    checker: Type.Optional(ActorSchema),
    submissions: Type.Integer({ description: 'How often it was sent to the bank' }),
    bank_reference: Type.Optional(Type.String()),
    failure: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() })),
    proof: Type.Optional(Type.Object({ kind: Type.String() }, { additionalProperties: true })),
    return_reason: Type.Optional(Type.String()),
    created_at: InstantSchema,
    approved_at: Type.Optional(InstantSchema),
    submitted_at: Type.Optional(InstantSchema),
    paid_at: Type.Optional(InstantSchema),
    final_at: Type.Optional(InstantSchema),
  },
  { title: 'Payout' },
);

export const CreatePayoutSchema = Type.Object(
  {
    source: Type.Union(
      [
        Type.Object({ merchant_id: IdSchema('mer') }, { additionalProperties: false }),
        Type.Object({ person_id: IdSchema('per') }, { additionalProperties: false }),
        Type.Object(
          { suspense_of: Type.String({ minLength: 1, maxLength: 64 }) },
          { additionalProperties: false },
        ),
      ],
      { description: 'Whose money; `suspense_of` names a custody account, for operators' },
    ),
    custody_account_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    bank_account_id: IdSchema('bac'),
    amount: MoneySchema,
    purpose: Type.String({ minLength: 1, maxLength: 64 }),
    remittance: Type.String({ minLength: 1, maxLength: 140 }),
    reference: Type.Optional(
      Type.Object(
        {
          kind: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' }),
          id: Type.String({ minLength: 1, maxLength: 64 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { title: 'CreatePayout', additionalProperties: false },
);

export const RejectPayoutSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 200 }) },
  { title: 'RejectPayout', additionalProperties: false },
);
