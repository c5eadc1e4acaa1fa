/** What the bank's own API refuses, with its HTTP status. */
const statuses = {
  SIGNATURE_INVALID: 401,
  CLIENT_UNKNOWN: 401,
  TIMESTAMP_SKEWED: 401,
  NONCE_REUSED: 401,
  FORMAT_INVALID: 400,
  ACCOUNT_UNKNOWN: 404,
  VIRTUAL_ACCOUNT_UNKNOWN: 404,
  PAYMENT_UNKNOWN: 404,
  STATEMENT_NOT_READY: 404,
  STATEMENT_UNKNOWN: 404,
  ENDPOINT_UNKNOWN: 404,
  ACCOUNT_KIND_UNFIT: 409,
  REQUEST_ID_REUSED: 409,
  VIRTUAL_ACCOUNT_NOT_EMPTY: 409,
  VIRTUAL_ACCOUNTS_EXHAUSTED: 409,
  CLOSE_REFUSED: 409,
} as const;

export type BankErrorCode = keyof typeof statuses;

/** A refusal of the bank: `{ code, message }` with the code's status. */
export class BankRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: BankErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = statuses[code];
  }
}
