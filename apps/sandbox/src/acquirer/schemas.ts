import { type Static, Type } from 'typebox';

/** Bodies of the merchant API. WeChat ignores fields it does not know, and so do these. */

const notifyUrl = Type.String({ pattern: '^https?://[^?#]+$', maxLength: 255 });
const outTradeNo = Type.String({ pattern: '^[0-9A-Za-z_|*-]{6,32}$' });
const outRefundNo = Type.String({ pattern: '^[0-9A-Za-z_|*@-]{1,64}$' });
/** Fen; the largest order is below one hundred million yuan. */
const fen = Type.Integer({ minimum: 1, maximum: 10_000_000_000 });

const prepayFields = {
  appid: Type.String({ minLength: 1, maxLength: 32 }),
  mchid: Type.String({ minLength: 1, maxLength: 32 }),
  description: Type.String({ minLength: 1, maxLength: 127 }),
  out_trade_no: outTradeNo,
  time_expire: Type.Optional(Type.String({ maxLength: 64 })),
  attach: Type.Optional(Type.String({ maxLength: 128 })),
  notify_url: notifyUrl,
  amount: Type.Object({ total: fen, currency: Type.Optional(Type.Literal('CNY')) }),
};

export const nativeBody = Type.Object(prepayFields);

export const h5Body = Type.Object({
  ...prepayFields,
  scene_info: Type.Object({
    payer_client_ip: Type.String({ minLength: 1, maxLength: 45 }),
    h5_info: Type.Object({ type: Type.String({ minLength: 1, maxLength: 32 }) }),
  }),
});

export type PrepayBody = Static<typeof nativeBody>;

export const closeBody = Type.Object({ mchid: Type.String({ minLength: 1, maxLength: 32 }) });

export const refundBody = Type.Object({
  transaction_id: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
  out_trade_no: Type.Optional(outTradeNo),
  out_refund_no: outRefundNo,
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  notify_url: Type.Optional(notifyUrl),
  amount: Type.Object({ refund: fen, total: fen, currency: Type.Literal('CNY') }),
});

export type RefundBody = Static<typeof refundBody>;

/** Bodies of the admin API, strict. */
export const enrolmentBody = Type.Object(
  {
    mchid: Type.String({ pattern: '^[0-9]{8,10}$' }),
    name: Type.String({ minLength: 1, maxLength: 64 }),
    appid: Type.String({ pattern: '^[A-Za-z0-9_-]{1,32}$' }),
    api_v3_key: Type.String(),
    certificate_serial: Type.String({ pattern: '^[0-9A-Fa-f]{1,40}$' }),
    public_key_pem: Type.String({ maxLength: 8_192 }),
    fee_bps: Type.Integer({ minimum: 0, maximum: 10_000 }),
    fee_mode: Type.Union([Type.Literal('net'), Type.Literal('gross')]),
    settlement_account: Type.Union([Type.String({ minLength: 1, maxLength: 34 }), Type.Null()]),
    refund_overdraft: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export const payBody = Type.Optional(
  Type.Union([
    Type.Object(
      { bank_type: Type.Optional(Type.String({ pattern: '^[A-Z0-9_]{1,32}$' })) },
      { additionalProperties: false },
    ),
    Type.Null(),
  ]),
);

export const resolveRefundBody = Type.Object(
  {
    outcome: Type.Union([
      Type.Literal('SUCCESS'),
      Type.Literal('CLOSED'),
      Type.Literal('ABNORMAL'),
    ]),
  },
  { additionalProperties: false },
);
