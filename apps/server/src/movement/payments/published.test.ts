import { present } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepsIn, uuid, value } from './test/steps.ts';
import {
  approver,
  bankAccountId,
  book,
  createMovementWorld,
  finance,
  type MovementWorld,
  merchantId,
} from './test/world.ts';

let world: MovementWorld;

beforeAll(async () => {
  world = await createMovementWorld();
});

afterAll(async () => {
  expect(await world.close()).toEqual([]);
});

/** Everything that payments and pay-outs can be asked, once. */
async function useAll({ payments, payouts }: MovementWorld): Promise<void> {
  const steps = stepsIn(world);
  const { id, view } = await steps.makeOrder({ reference: { kind: 'deal', id: 'D1' } });
  await steps.paid(id);
  await payments.orderByNumber(view.number);
  await payments.ordersOf(['D1']);
  const session = value(await payments.createCashierSession(id));
  await payments.cashier(session.token);
  const input = { orderId: id, amount: 1_000n, currency: 'CNY', reason: 'r' };
  const refund = value(await payments.requestRefund('p:1', finance, input));
  await payments.refund(uuid('rfd', refund.id));
  await payments.refundsByState('approved', {});
  await payments.due.refunds();
  await payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId: 'r1',
    kind: 'refund',
    number: refund.number,
    state: { state: 'succeeded', amount: 1_000n },
  });
  const other = await steps.makeOrder();
  await steps.begin(other.id);
  const transfer = await steps.begin(other.id, 'bank_transfer');
  const receipt = await world.banks({ amount: 5n });
  await payments.assignReceipt('p:2', finance, receipt, other.id);
  expect(transfer.state).toBe('pending');
  world.platform.clock.advance({ hours: 3 });
  await payments.due.orders();
  await payments.due.attempts();
  await payments.overdue();
  await payouts.overdue();
  await payments.channelDay('wx-reserve', Temporal.PlainDate.from('2026-11-20'));

  await world.endow({ book, code: 2003, owner: merchantId }, 10n);
  const payout = value(
    await payouts.create('p:3', finance, {
      source: { kind: 'merchant', id: merchantId },
      bankAccountId,
      amount: { amount: 10n, currency: 'CNY' },
      purpose: 'p',
      remittance: 'r',
      reference: { kind: 'deal', id: 'D1' },
    }),
  );
  const payoutId = uuid('pyt', payout.id);
  await payouts.payout(payoutId);
  await payouts.byState('pending_approval', {});
  await payouts.ofReferences(['D1']);
  value(await payouts.approve('p:4', approver, payoutId));
  await payouts.due();
  const returned = { endToEndId: payout.number, reason: 'AC04' };
  const back = await world.banks({ amount: 10n, returned });
  await payouts.onReturn('01990000-0000-7000-8000-00000000bbbb', back, payout.number);
}

test('what the watch floor reads is there, and holds no people', async () => {
  await useAll(world);
  const { database } = world.platform;
  for (const view of ['payments.published_order', 'payments.published_attempt'] as const) {
    const rows = await database.query<Record<string, unknown>>(`select * from ${view} limit 1`);
    const columns = Object.keys(present(rows[0], `a row of ${view}`));
    expect(columns).toContain('book');
    expect(columns.filter((column) => /payer|subject|ip|url/.test(column))).toEqual([]);
  }
  const refunds = await database.query<{ state: string }>(
    'select r.state from payments.published_refund r',
  );
  expect(refunds.map(({ state }) => state)).toEqual(['succeeded']);
  const payouts = await database.query<Record<string, unknown>>(
    'select * from payouts.published_payout',
  );
  expect(payouts).toMatchObject([{ state: 'returned', amount_minor: 10n }]);
  expect(Object.keys(payouts[0] ?? {})).not.toContain('payee_shown');
});

test('the application may not remove or rewrite what it keeps', async () => {
  const { database } = world.platform;
  for (const table of ['payments.order', 'payments.attempt', 'payments.refund', 'payouts.payout']) {
    await expect(database.query(`delete from ${table}`)).rejects.toThrow('permission denied');
  }
  const rewrite = 'update payments.order set amount_minor = 1';
  await expect(database.query(rewrite)).rejects.toThrow('permission denied');
  const session = 'update payments.cashier_session set order_id = null';
  await expect(database.query(session)).rejects.toThrow('permission denied');
});
