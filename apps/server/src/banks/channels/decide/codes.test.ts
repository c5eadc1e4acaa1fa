import { expect, test } from 'vitest';
import { escrowBankError, paymentStateOf } from './escrow-bank-codes.ts';
import { wechatPayError } from './wechat-pay-codes.ts';
import { refundStateOf, tradeStateOf } from './wechat-pay-states.ts';

const says = (code: string) => ({ code, message: 'said' });
const bare = { reason: undefined, reasonText: undefined, bankReference: undefined };

test.each([
  ['prepay', 400, 'PARAM_ERROR'],
  ['prepay', 429, 'FREQUENCY_LIMITED'],
  ['prepay', 400, 'ORDER_CLOSED'],
  ['refund', 403, 'NOT_ENOUGH'],
  ['refund', 404, 'RESOURCE_NOT_EXISTS'],
  ['close', 404, 'ORDER_NOT_EXIST'],
  ['bill', 400, 'NO_STATEMENT_EXIST'],
] as const)(
  '%s refused with %i %s is a definite refusal with a next step',
  (operation, status, code) => {
    const answer = wechatPayError(operation, status, says(code));
    expect(answer).toMatchObject({ outcome: 'refused', code, message: 'said' });
    expect(answer.outcome === 'refused' && answer.nextStep.length).toBeGreaterThan(10);
  },
);

test.each([
  ['prepay', 403, 'OUT_TRADE_NO_USED'],
  ['prepay', 400, 'ORDERPAID'],
  ['prepay', 400, 'INVALID_REQUEST'],
  ['refund', 400, 'INVALID_REQUEST'],
  ['prepay', 401, 'SIGN_ERROR'],
  ['prepay', 500, 'SYSTEM_ERROR'],
  ['prepay', 500, 'PARAM_ERROR'],
  ['prepay', 400, 'NEVER_HEARD_OF'],
  ['refund', 429, 'FREQUENCY_LIMITED'],
  ['refund', 500, 'BANK_ERROR'],
  ['query', 400, 'PARAM_ERROR'],
  ['query_refund', 403, 'NO_AUTH'],
] as const)('%s answered with %i %s stays unknown', (operation, status, code) => {
  expect(wechatPayError(operation, status, says(code)).outcome).toBe('unknown');
});

test('every documented trade and refund state has a meaning, and no other', () => {
  expect(
    ['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR'].map(
      tradeStateOf,
    ),
  ).toEqual(['succeeded', 'succeeded', 'unpaid', 'closed', 'closed', 'paying', 'failed']);
  expect(['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL'].map(refundStateOf)).toEqual([
    'processing',
    'succeeded',
    'closed',
    'abnormal',
  ]);
  expect(tradeStateOf('ACCEPT_LATER')).toBeUndefined();
  expect(tradeStateOf('toString')).toBeUndefined();
  expect(refundStateOf('constructor')).toBeUndefined();
});

test.each([
  ['ACTC', 'accepted'],
  ['ACSP', 'accepted'],
  ['PDNG', 'pending'],
] as const)('a payment in status %s is %s', (status, state) => {
  expect(paymentStateOf({ ...bare, status })).toEqual({ outcome: 'ok', value: { state } });
});

test('a settlement counts only with the reference of its debit', () => {
  expect(paymentStateOf({ ...bare, status: 'ACSC', bankReference: 'B1' })).toEqual({
    outcome: 'ok',
    value: { state: 'paid', bankReference: 'B1' },
  });
  expect(paymentStateOf({ ...bare, status: 'ACSC' }).outcome).toBe('unknown');
});

test('a rejection counts only with a reason that proves that nothing was paid', () => {
  expect(paymentStateOf({ ...bare, status: 'RJCT', reason: 'AC01' })).toMatchObject({
    outcome: 'ok',
    value: { state: 'rejected', reason: 'AC01' },
  });
  for (const reason of ['NARR', 'MS03', 'MS02', 'AM05', undefined]) {
    expect(paymentStateOf({ ...bare, status: 'RJCT', reason }).outcome).toBe('unknown');
  }
});

test('a status that nobody knows, or none, is unknown', () => {
  expect(paymentStateOf({ ...bare, status: 'XXXX' }).outcome).toBe('unknown');
  expect(paymentStateOf({ ...bare, status: undefined }).outcome).toBe('unknown');
});

test.each([
  ['open_virtual_account', 409, 'ACCOUNT_KIND_UNFIT', 'refused'],
  ['close_virtual_account', 409, 'VIRTUAL_ACCOUNT_NOT_EMPTY', 'refused'],
  ['statement', 404, 'STATEMENT_NOT_READY', 'refused'],
  ['pay', 400, 'FORMAT_INVALID', 'refused'],
  ['pay', 401, 'SIGNATURE_INVALID', 'unknown'],
  ['pay', 500, 'SYSTEM_ERROR', 'unknown'],
  ['pay', 500, 'FORMAT_INVALID', 'unknown'],
  ['open_virtual_account', 401, 'NONCE_REUSED', 'unknown'],
] as const)('the bank answers %s with %i %s: %s', (operation, status, code, outcome) => {
  expect(escrowBankError(operation, status, says(code)).outcome).toBe(outcome);
});
