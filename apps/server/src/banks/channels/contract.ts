import { type Static, Type } from 'typebox';

/** What every adapter needs to know about the other side. Nothing secret stands here. */
const common = {
  /** `https://host[:port]`, without a path. */
  base_url: Type.String({ pattern: '^https?://[^/?#]+$', maxLength: 300 }),
  /** Where the other side sends notifications: our address, `/v1/notifications/{contract id}`. */
  notify_url: Type.String({ pattern: '^https?://[^?#]+$', maxLength: 255 }),
  /** How long one call may take, milliseconds. 10,000 when not said. */
  timeout_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 120_000 })),
  max_connections: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  /** What proves that an operation did not happen, where it differs from the adapter's rule. */
  proof: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[a-z_]+$' }),
      Type.Object(
        {
          not_found_proof_after_ms: Type.Optional(Type.Integer({ minimum: 1_000 })),
          queries_apart_ms: Type.Optional(Type.Integer({ minimum: 1_000 })),
        },
        { additionalProperties: false },
      ),
    ),
  ),
};

export const WechatPayConfigSchema = Type.Object(
  {
    ...common,
    mchid: Type.String({ pattern: '^[0-9]{8,10}$' }),
    appid: Type.String({ pattern: '^[A-Za-z0-9_-]{1,32}$' }),
    /** Serial number of our merchant certificate, hexadecimal. */
    certificate_serial: Type.String({ pattern: '^[0-9A-F]{1,40}$' }),
    /**
     * The remittance text of the daily settlement before its date. `WXSETTLE {mchid}` when not
     * said.
     */
    settlement_remittance: Type.Optional(Type.String({ minLength: 3, maxLength: 100 })),
  },
  { additionalProperties: false },
);
export type WechatPayConfig = Static<typeof WechatPayConfigSchema>;

export const EscrowBankConfigSchema = Type.Object(
  {
    ...common,
    client_id: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,35}$' }),
    /** The name under which the bank knows us: stands as debtor in payments. */
    client_name: Type.String({ minLength: 1, maxLength: 140 }),
    /** CNAPS code of the bank itself, 12 digits. */
    bank_code: Type.String({ pattern: '^[0-9]{12}$' }),
    /** How we call our key, when the bank was told. `{client_id}-1` when not said. */
    key_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { additionalProperties: false },
);
export type EscrowBankConfig = Static<typeof EscrowBankConfigSchema>;

interface ContractTerms {
  readonly id: string;
  /** Whose money moves over it: the book's id. */
  readonly book: string;
  /** The custody account that the acquirer settles to; null for a bank's contract. */
  readonly settlesTo: string | null;
  /** What the channel charges per payment, basis points of the amount. */
  readonly feeBps: number;
  /** The name of this contract's files in the key directory. */
  readonly secretRef: string;
  readonly state: 'enabled' | 'disabled';
  readonly effectiveFrom: Temporal.Instant;
  readonly createdBy: string;
  readonly approvedBy: string;
}

export type WechatPayContract = ContractTerms & {
  readonly version: number;
  readonly adapter: 'wechat_pay_v3';
  readonly config: WechatPayConfig;
};
export type EscrowBankContract = ContractTerms & {
  readonly version: number;
  readonly adapter: 'escrow_bank_v1';
  readonly config: EscrowBankConfig;
};

/** One contract with an acquirer or a bank, in the version that is in force. */
export type Contract = WechatPayContract | EscrowBankContract;

/** What somebody proposes; checked before it becomes a version. */
export type ContractDraft =
  | Omit<WechatPayContract, 'version'>
  | Omit<EscrowBankContract, 'version'>;
