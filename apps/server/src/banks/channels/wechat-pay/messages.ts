import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What we read of WeChat Pay's messages; what they hold beyond is ignored. Whole numbers come as
 * bigint (`parseExactJson`).
 */

const fen = Type.BigInt();

export const readError = Compile(Type.Object({ code: Type.String(), message: Type.String() }));

export const readPrepay = Compile(
  Type.Object({
    code_url: Type.Optional(Type.String({ minLength: 1 })),
    h5_url: Type.Optional(Type.String({ minLength: 1 })),
  }),
);

export const readTransaction = Compile(
  Type.Object({
    mchid: Type.String(),
    out_trade_no: Type.String(),
    trade_state: Type.String(),
    transaction_id: Type.Optional(Type.String()),
    bank_type: Type.Optional(Type.String()),
    success_time: Type.Optional(Type.String()),
    amount: Type.Optional(
      Type.Object({
        total: Type.Optional(fen),
        payer_total: Type.Optional(fen),
        currency: Type.Optional(Type.String()),
      }),
    ),
  }),
);

export const readRefund = Compile(
  Type.Object({
    out_refund_no: Type.String(),
    refund_id: Type.String(),
    status: Type.String(),
    success_time: Type.Optional(Type.String()),
    amount: Type.Object({ refund: fen }),
  }),
);

/** The notification of a refund names its fields in another way than the answer does. */
export const readRefundNotice = Compile(
  Type.Object({
    mchid: Type.String(),
    out_refund_no: Type.String(),
    refund_id: Type.String(),
    refund_status: Type.String(),
    success_time: Type.Optional(Type.String()),
    amount: Type.Object({ refund: fen }),
  }),
);

const encrypted = Type.Object({
  algorithm: Type.String(),
  ciphertext: Type.String(),
  nonce: Type.String(),
  associated_data: Type.Optional(Type.String()),
});

export const readNotification = Compile(
  Type.Object({
    id: Type.String({ minLength: 1, maxLength: 100 }),
    event_type: Type.String(),
    resource: encrypted,
  }),
);

export const readBillAddress = Compile(
  Type.Object({
    hash_type: Type.String(),
    hash_value: Type.String(),
    download_url: Type.String(),
  }),
);

export const readCertificates = Compile(
  Type.Object({
    data: Type.Array(Type.Object({ serial_no: Type.String(), encrypt_certificate: encrypted }), {
      maxItems: 50,
    }),
  }),
);
