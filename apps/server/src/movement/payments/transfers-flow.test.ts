import { present } from '@keyturn/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bankSuspense, key, merchant, type Steps, stepsIn, value } from './test/steps.ts';
import { createMovementWorld, finance, type MovementWorld } from './test/world.ts';

let world: MovementWorld;
let steps: Steps;

beforeEach(async () => {
  world = await createMovementWorld();
  steps = stepsIn(world);
});

afterEach(async () => {
  expect(await world.close()).toEqual([]);
});

test('a bank transfer pays an order in two parts, and what is too much stays in suspense', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id, 'bank_transfer');
  const account = present(attempt.bank_transfer?.account_number, 'an account number');
  expect(attempt).toMatchObject({ state: 'pending', bank_transfer: { state: 'open' } });
  await world.banks({ amount: 40_000n, virtualAccount: account });
  expect(await steps.order(id)).toMatchObject({
    state: 'partially_funded',
    paid: { amount: 40_000n },
    attempts: [{ bank_transfer: { amount: { amount: 60_000n } } }],
  });
  await world.banks({ amount: 75_000n, virtualAccount: account });
  expect(await steps.order(id)).toMatchObject({
    state: 'succeeded',
    attempts: [{ state: 'succeeded' }],
  });
  const { token } = value(await world.payments.createCashierSession(id));
  const { remaining, transfers } = value(await world.payments.cashier(token));
  expect(remaining.amount).toBe(0n);
  const arrived = transfers.map(({ amount }) => BigInt(amount.amount));
  expect(new Set(arrived)).toEqual(new Set([40_000n, 60_000n]));
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(bankSuspense)).toBe(15_000n);
  const third = await world.banks({ amount: 1n, virtualAccount: account });
  expect(value(await world.custody.receipt(third)).state).toBe('booked');
  expect(await world.told(id)).toEqual([
    'payments.order_created',
    'payments.order_paid',
    'payments.order_paid',
    'payments.overpaid',
    'payments.overpaid',
  ]);
});

test('a transfer for an order that is closed stays in suspense until a person gives it a home', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id, 'bank_transfer');
  const account = present(attempt.bank_transfer?.account_number, 'an account number');
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect((await steps.order(id)).state).toBe('canceled');
  const receipt = await world.banks({ amount: 100_000n, virtualAccount: account });
  expect(await world.told(id)).toContain('payments.receipt_unclaimed');
  expect(await world.posted(bankSuspense)).toBe(100_000n);
  const given = value(await world.payments.assignReceipt(key(), finance, receipt, id));
  expect(given).toMatchObject({ state: 'succeeded', transfers: [{ rest: { amount: 0n } }] });
  const again = await world.payments.assignReceipt(key(), finance, receipt, id);
  expect(again).toMatchObject({ error: { code: 'receipt_order_mismatch' } });
  expect(await world.posted(bankSuspense)).toBe(0n);
});

test('an event that is handled twice applies its receipt once', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id, 'bank_transfer');
  const account = present(attempt.bank_transfer?.account_number, 'an account number');
  const receipt = await world.banks({ amount: 30_000n, virtualAccount: account });
  await world.payments.onReceipt('01990000-0000-7000-8000-00000000eeee', receipt, id);
  await world.payments.onReceipt('01990000-0000-7000-8000-00000000eeee', receipt, id);
  expect(await steps.order(id)).toMatchObject({ paid: { amount: 30_000n } });
});
