import { answered, type ChannelAnswer, refused, unknown } from '../answer.ts';
import type { BankPaymentState } from '../types.ts';

/** What the escrow bank's error codes and ISO 20022 statuses mean for each operation. */

export type EscrowBankOperation =
  | 'open_virtual_account'
  | 'close_virtual_account'
  | 'virtual_account'
  | 'balance'
  | 'pay'
  | 'payment_status'
  | 'statement';

const nextSteps = {
  FORMAT_INVALID: 'This is an error of ours: have an engineer look at the request.',
  ACCOUNT_UNKNOWN: "Check the custody account's number with the bank.",
  ACCOUNT_KIND_UNFIT: 'Only an escrow master account has virtual accounts: use another account.',
  REQUEST_ID_REUSED: 'Ask with a new request id.',
  VIRTUAL_ACCOUNTS_EXHAUSTED: 'The master account has no number left: have the bank add a range.',
  VIRTUAL_ACCOUNT_UNKNOWN: 'The bank has no such virtual account: check the number.',
  VIRTUAL_ACCOUNT_NOT_EMPTY: 'Money lies on the virtual account: pay it out, then close again.',
  CLOSE_REFUSED: 'The bank does not close it now: ask again later.',
  STATEMENT_NOT_READY: 'The statement is not made yet: ask again after 00:30 of the next day.',
  STATEMENT_UNKNOWN: 'The bank has no statement for that day: check the account and the day.',
} as const;

type Code = keyof typeof nextSteps;

const definite: Readonly<Record<EscrowBankOperation, readonly Code[]>> = {
  open_virtual_account: [
    'FORMAT_INVALID',
    'ACCOUNT_UNKNOWN',
    'ACCOUNT_KIND_UNFIT',
    'REQUEST_ID_REUSED',
    'VIRTUAL_ACCOUNTS_EXHAUSTED',
  ],
  close_virtual_account: [
    'ACCOUNT_UNKNOWN',
    'VIRTUAL_ACCOUNT_UNKNOWN',
    'VIRTUAL_ACCOUNT_NOT_EMPTY',
    'CLOSE_REFUSED',
  ],
  virtual_account: ['ACCOUNT_UNKNOWN', 'VIRTUAL_ACCOUNT_UNKNOWN'],
  balance: ['ACCOUNT_UNKNOWN'],
  pay: ['FORMAT_INVALID'],
  payment_status: [],
  statement: ['ACCOUNT_UNKNOWN', 'STATEMENT_NOT_READY', 'STATEMENT_UNKNOWN', 'FORMAT_INVALID'],
};

/**
 * A verified error answer as an answer of ours; see the acquirer's table for the rule about 500.
 */
export function escrowBankError(
  operation: EscrowBankOperation,
  status: number,
  error: { readonly code: string; readonly message: string },
): Exclude<ChannelAnswer<never>, { outcome: 'ok' }> {
  const listed: readonly string[] = definite[operation];
  const isCode = (code: string): code is Code => listed.includes(code);
  const { code, message } = error;
  if (status < 500 && isCode(code)) return refused(code, message, nextSteps[code]);
  return unknown(`the bank answered ${status} ${code}`);
}

/**
 * ISO 20022 reasons after which the bank has done nothing and will do nothing
 * (ExternalStatusReason1Code), with what a person can do. Not among them, on purpose: AM05 (a
 * payment with this number exists, which may be ours), NARR, MS02 and MS03 (no reason given: banks
 * have been seen to pay after them). Those need the status query, the statements of the day and the
 * next, or the bank's letter.
 */
const definiteReasons: Readonly<Record<string, string>> = {
  AC01: "The payee's account number does not exist: ask the payee for the right one.",
  AC02: 'Our account to pay from is not right: check the custody account and virtual account.',
  AC03: "The payee's account number does not exist: ask the payee for the right one.",
  AC04: 'The account is closed: ask the payee for another one.',
  AC06: 'The account is blocked: ask the payee for another one.',
  AG01: 'The account takes no such payments: ask the payee for another one.',
  AM02: "The amount is above the bank's limit: split it or agree on a higher limit.",
  AM04: 'There is not enough money on the account paid from: check custody before trying again.',
  AM12: 'The amount is not usable: have an engineer look at the request.',
  BE01: "The payee's name does not fit the account: ask the payee for both.",
  DT01: 'The execution date is not usable: have an engineer look at the request.',
  FF01: 'The message is not usable: have an engineer look at the request.',
  RC01: "The payee's bank code is not right: ask the payee for the CNAPS code.",
};

/** One payment's status as a pain.002 has it. */
export interface ReportedStatus {
  readonly status: string | undefined;
  readonly reason: string | undefined;
  readonly reasonText: string | undefined;
  readonly bankReference: string | undefined;
}

/** ISO 20022 ExternalPaymentTransactionStatus1Code. */
const paymentStates: Readonly<Record<string, BankPaymentState['state']>> = {
  ACTC: 'accepted',
  ACCP: 'accepted',
  ACSP: 'accepted',
  ACWC: 'accepted',
  RCVD: 'accepted',
  PDNG: 'pending',
  ACSC: 'paid',
  ACCC: 'paid',
  RJCT: 'rejected',
};

/**
 * Reads one status. A rejection without a reason that proves it is unknown, not rejected; and a
 * settlement without the reference of its debit, which this bank always gives, is not believed.
 */
export function paymentStateOf(reported: ReportedStatus): ChannelAnswer<BankPaymentState> {
  const { status = '(none)', reason, reasonText, bankReference } = reported;
  const state = Object.hasOwn(paymentStates, status) ? paymentStates[status] : undefined;
  if (state === undefined) return unknown(`the bank says ${status}, a status that nobody knows`);
  const text = reasonText === undefined ? {} : { reasonText };
  if (state === 'rejected') {
    const nextStep = reason === undefined ? undefined : definiteReasons[reason];
    if (reason === undefined || nextStep === undefined) {
      return unknown(`the bank says RJCT ${reason ?? 'without a reason'}, which proves nothing`);
    }
    return answered({ state, reason, ...text, nextStep });
  }
  if (state === 'paid' && bankReference === undefined) {
    return unknown(`the bank says ${status} without the reference of its debit`);
  }
  return answered({
    state,
    ...(reason === undefined ? {} : { reason }),
    ...text,
    ...(bankReference === undefined ? {} : { bankReference }),
  });
}
