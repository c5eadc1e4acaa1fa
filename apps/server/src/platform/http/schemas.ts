import { type Currency, isCurrency, type Money } from '@keyturn/kernel';
import { Type } from 'typebox';
import { RefusedError } from './refused.ts';

/** What several modules' routes share. Amounts on the wire are integers in minor units. */

/**
 * The largest amount that the API takes: one trillion yuan in fen, far below what JSON keeps
 * exact.
 */
export const maxWireAmount = 100_000_000_000_000;

export const MoneySchema = Type.Object(
  {
    amount: Type.Integer({
      minimum: 0,
      maximum: maxWireAmount,
      description: 'Minor units, e.g. fen',
    }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217', examples: ['CNY'] }),
  },
  {
    title: 'Money',
    additionalProperties: false,
    description: 'Money in minor units of its currency',
  },
);

/** Money in an answer; may be negative where a balance or difference is shown. */
export const SignedMoneySchema = Type.Object(
  {
    amount: Type.Integer({ description: 'Minor units; negative where the text says so' }),
    currency: Type.String(),
  },
  { title: 'SignedMoney' },
);

export const InstantSchema = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC',
});

export const DateSchema = Type.String({ format: 'date', description: 'A bank day, Asia/Shanghai' });

export function IdSchema(prefix: string) {
  return Type.String({
    pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`,
    description: `Opaque id, ${prefix}_…`,
  });
}

export const PageQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
});

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    param: Type.Optional(Type.String()),
    request_id: Type.String(),
    retryable: Type.Boolean(),
    channel_code: Type.Optional(Type.String()),
    channel_message: Type.Optional(Type.String()),
    next_step: Type.Optional(Type.String()),
  },
  { title: 'Problem', description: 'RFC 9457 problem' },
);

/** The header that every call which moves money or state carries. */
export const IdempotencyHeaderSchema = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ description: '1 to 200 visible characters, the same at each repeat' }),
  ),
});

/** Money from the wire. The schema has checked the range; the currency's name is checked here. */
export function moneyFromWire(
  wire: { readonly amount: number; readonly currency: string },
  param: string,
): Money {
  if (!isCurrency(wire.currency)) {
    const problem = { problem: 'not a currency that we keep', problem_zh: '不支持该币种' };
    const values = { field: `${param}.currency`, ...problem };
    throw new RefusedError({ code: 'request_invalid', param: `${param}.currency`, values });
  }
  return { amount: BigInt(wire.amount), currency: wire.currency };
}

/** Money to the wire; the serializer writes the bigint as an integer. */
export function moneyToWire(amount: bigint, currency: Currency | string) {
  return { amount, currency } as unknown as { amount: number; currency: string };
}
