import { type Language, MoneySchema } from '@keyturn/ui';
import * as v from 'valibot';

/** What the platform tells the payer of an order: `GET /v1/cashier/{token}`. */

export const methods = ['wechat_native', 'wechat_h5', 'bank_transfer'] as const;
export type Method = (typeof methods)[number];

const TransferSchema = v.object({
  state: v.string(),
  account_number: v.optional(v.string()),
  holder_name: v.string(),
  bank_name: v.string(),
  bank_code: v.string(),
  amount: MoneySchema,
});
export type Transfer = v.InferOutput<typeof TransferSchema>;

const AttemptSchema = v.object({
  id: v.string(),
  method: v.picklist(methods),
  amount: MoneySchema,
  state: v.string(),
  code_url: v.optional(v.string()),
  // An address that the payer's browser is sent to: never a script.
  h5_url: v.optional(v.pipe(v.string(), v.regex(/^https?:\/\//))),
  bank_transfer: v.optional(TransferSchema),
  created_at: v.string(),
  paid_at: v.optional(v.string()),
  final_at: v.optional(v.string()),
});
export type Attempt = v.InferOutput<typeof AttemptSchema>;

export const CashierSchema = v.object({
  number: v.string(),
  subject: v.string(),
  description: v.string(),
  english: v.optional(v.object({ subject: v.string(), description: v.string() })),
  amount: MoneySchema,
  paid: MoneySchema,
  remaining: MoneySchema,
  refunded: MoneySchema,
  state: v.string(),
  closing: v.boolean(),
  methods: v.array(v.picklist(methods)),
  attempts: v.array(AttemptSchema),
  /** What has arrived by bank transfer, oldest first. */
  transfers: v.optional(v.array(v.object({ amount: MoneySchema, at: v.string() })), []),
  expires_at: v.string(),
  server_time: v.string(),
});

/** An order as its payer sees it. */
export type Cashier = Omit<v.InferOutput<typeof CashierSchema>, 'server_time'>;

/** What the order is for, in the reader's language where it was written in both. */
export function wordsOf(cashier: Cashier, language: Language) {
  const { subject, description, english } = cashier;
  return language === 'en' && english !== undefined ? english : { subject, description };
}
