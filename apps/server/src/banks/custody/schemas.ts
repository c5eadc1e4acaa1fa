import { Type } from 'typebox';
import { DateSchema, IdSchema, InstantSchema, MoneySchema } from '../../platform/index.ts';

export const CustodyAccountSchema = Type.Object(
  {
    id: Type.String({ examples: ['escrow-main'] }),
    book: Type.String(),
    contract_id: Type.String(),
    number: Type.String({ description: "The bank's number of it" }),
    ledger_code: Type.Integer({ description: '1001 own, 1002 client reserve, 1003 escrow' }),
    name: Type.String(),
    bank_code: Type.String({ description: 'CNAPS' }),
    bank_name: Type.String(),
    currency: Type.String(),
    state: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
  },
  { title: 'CustodyAccount' },
);

export const CustodyAccountListSchema = Type.Object(
  { items: Type.Array(CustodyAccountSchema) },
  { title: 'CustodyAccountList' },
);

export const ReceiptSchema = Type.Object(
  {
    id: IdSchema('rcp'),
    account_id: Type.String(),
    book: Type.String(),
    bank_reference: Type.String(),
    direction: Type.Union([Type.Literal('credit'), Type.Literal('debit')]),
    kind: Type.Union([
      Type.Literal('transfer'),
      Type.Literal('return'),
      Type.Literal('channel_settlement'),
      Type.Literal('top_up'),
      Type.Literal('debit'),
    ]),
    amount: MoneySchema,
    booked_on: DateSchema,
    value_date: DateSchema,
    state: Type.Union([Type.Literal('booked'), Type.Literal('assigned'), Type.Literal('noted')]),
    source: Type.Union([Type.Literal('notification'), Type.Literal('statement')]),
    virtual_account: Type.Optional(Type.String()),
    owner_kind: Type.Optional(Type.Union([Type.Literal('order'), Type.Literal('deal')])),
    owner_id: Type.Optional(Type.String()),
    end_to_end_id: Type.Optional(Type.String()),
    counterparty: Type.Optional(Type.String({ description: 'Masked' })),
    remittance: Type.Optional(Type.String()),
    return_reason: Type.Optional(Type.String({ description: 'ISO ExternalReturnReason1Code' })),
    settled_contract: Type.Optional(Type.String()),
    settled_date: Type.Optional(DateSchema),
    assigned_to: Type.Optional(Type.Object({ module: Type.String(), object: Type.String() })),
    recorded_at: InstantSchema,
  },
  { title: 'Receipt' },
);

export const ReceiptListSchema = Type.Object(
  {
    items: Type.Array(ReceiptSchema),
    next_cursor: Type.Optional(Type.String()),
  },
  { title: 'ReceiptList' },
);

export const ReceiptQuerySchema = Type.Object({
  state: Type.Union([Type.Literal('booked'), Type.Literal('assigned'), Type.Literal('noted')], {
    description: 'booked: money without a home yet; noted: debits',
  }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
});
