import { MoneySchema, pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { DateShape, InstantShape } from './shapes.ts';

export const receiptStates = ['booked', 'assigned', 'noted'] as const;
export type ReceiptState = (typeof receiptStates)[number];

export const ReceiptShape = v.object({
  id: v.string(),
  account_id: v.string(),
  book: v.string(),
  bank_reference: v.string(),
  direction: v.picklist(['credit', 'debit']),
  kind: v.picklist(['transfer', 'return', 'channel_settlement', 'top_up', 'debit']),
  amount: MoneySchema,
  booked_on: DateShape,
  value_date: DateShape,
  state: v.picklist(receiptStates),
  source: v.picklist(['notification', 'statement']),
  virtual_account: v.optional(v.string()),
  owner_kind: v.optional(v.picklist(['order', 'deal'])),
  owner_id: v.optional(v.string()),
  end_to_end_id: v.optional(v.string()),
  counterparty: v.optional(v.string()),
  remittance: v.optional(v.string()),
  return_reason: v.optional(v.string()),
  settled_contract: v.optional(v.string()),
  settled_date: v.optional(DateShape),
  assigned_to: v.optional(v.object({ module: v.string(), object: v.string() })),
  recorded_at: InstantShape,
});
export type Receipt = v.InferOutput<typeof ReceiptShape>;
export const ReceiptPageShape = pageOf(ReceiptShape);
