import { Type } from 'typebox';
import { InstantSchema, SignedMoneySchema } from '../../http/schemas.ts';
import { LegSchema, UuidSchema } from './shared.ts';

export const HoldSchema = Type.Object(
  {
    journal: Type.String(),
    leg: Type.Integer(),
    book: Type.String(),
    state: Type.Enum(['open', 'expired', 'posted', 'voided'], {
      description: 'expired: its time is over, and it will be voided',
    }),
    amount: SignedMoneySchema,
    posted: Type.Optional(SignedMoneySchema),
    debit_account: Type.String(),
    credit_account: Type.String(),
    recorded_at: InstantSchema,
    expires_at: Type.Optional(InstantSchema),
    resolved_by: Type.Optional(Type.String({ description: 'The journal that resolved it' })),
    resolved_at: Type.Optional(InstantSchema),
  },
  { title: 'LedgerHold', description: 'Money that is held until it is posted or voided' },
);

export const HoldParams = Type.Object({
  journal: UuidSchema('The journal that made the hold'),
  leg: LegSchema,
});

export const ExpiringHoldSchema = Type.Object(
  {
    journal: Type.String(),
    leg: Type.Integer(),
    book: Type.String(),
    amount: SignedMoneySchema,
    expires_at: InstantSchema,
  },
  { title: 'ExpiringHold', description: 'An open hold with a time-out' },
);
