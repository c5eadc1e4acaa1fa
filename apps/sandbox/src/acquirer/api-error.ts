/**
 * WeChat Pay's own error codes with the HTTP status that each comes with (public documentation of
 * APIv3, the error tables of "native prepay", "query", "close", "refund" and "bill").
 */
export const errorStatus = {
  SIGN_ERROR: 401,
  NO_AUTH: 403,
  PARAM_ERROR: 400,
  INVALID_REQUEST: 400,
  APPID_MCHID_NOT_MATCH: 400,
  MCH_NOT_EXISTS: 400,
  ORDER_NOT_EXIST: 404,
  RESOURCE_NOT_EXISTS: 404,
  ORDER_CLOSED: 400,
  ORDERPAID: 400,
  OUT_TRADE_NO_USED: 403,
  NOT_ENOUGH: 403,
  USER_ACCOUNT_ABNORMAL: 403,
  TRADE_ERROR: 403,
  RULE_LIMIT: 403,
  REQUEST_BLOCKED: 403,
  NO_STATEMENT_EXIST: 400,
  STATEMENT_CREATING: 400,
  FREQUENCY_LIMITED: 429,
  BANK_ERROR: 500,
  SYSTEM_ERROR: 500,
} as const;

export type ErrorCode = keyof typeof errorStatus;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorStatus, value);
}

/** What of the request was wrong, as WeChat puts it beside code and message. */
export interface ErrorDetail {
  field?: string;
  value?: unknown;
  issue: string;
  location?: 'body' | 'url' | 'query' | 'authorization';
}

/** An answer that is an error of the protocol. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: ErrorDetail | undefined;

  constructor(code: ErrorCode, message: string, detail?: ErrorDetail) {
    super(message);
    this.code = code;
    this.status = errorStatus[code];
    this.detail = detail;
  }
}

/** An error that a fault asks for; its code need not be one of the usual. */
export class FaultError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number | undefined) {
    super('系统异常，请稍后重试');
    this.code = code;
    this.status = status ?? (isErrorCode(code) ? errorStatus[code] : 500);
  }
}
