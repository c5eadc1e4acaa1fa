import { Type } from 'typebox';
import { ProblemSchema } from '../../http/schemas.ts';

/** What the ledger takes and gives over HTTP. Minor units are those of the book's currency. */

export const exact = { additionalProperties: false };

export const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };

const uuidForm = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

export function UuidSchema(description: string) {
  return Type.String({ pattern: uuidForm, description });
}

export const BookIdSchema = Type.String({
  minLength: 1,
  maxLength: 150,
  pattern: '^[\\x21-\\x7e]+$',
  description: 'A book: legal entity, regime and currency, as it was given to you',
  examples: ['int_01m7y03enaeagvwmqyt7x4dwn9.shop/own/CNY'],
});

export const OwnerSchema = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'Whose money, or which contract or account',
});

export const CodeSchema = Type.Integer({
  minimum: 1,
  maximum: 32_767,
  description: 'A code of the chart of accounts',
  examples: [2001],
});

export const limits = [
  'none',
  'debits_must_not_exceed_credits',
  'credits_must_not_exceed_debits',
] as const;

export const LegSchema = Type.Integer({
  minimum: 0,
  maximum: 999,
  description: 'The place of a transfer in its journal, from 0',
});

export const Minor = (description: string) =>
  Type.Integer({ description: `${description}, minor units` });

export const counters = {
  debits_posted_minor: Minor('All debits so far'),
  credits_posted_minor: Minor('All credits so far'),
  debits_pending_minor: Minor('Debits that are held'),
  credits_pending_minor: Minor('Credits that are held'),
};

export const pageOf = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({ items: Type.Array(item), next_cursor: Type.Optional(Type.String()) });
