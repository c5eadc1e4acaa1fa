import { present } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReceiptsUnit } from '../../banks/custody/index.ts';
import { createCommandRunner } from '../../platform/index.ts';
import { createPayoutsService } from '../payouts/index.ts';
import { createPaymentsService } from './index.ts';
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

const statements = new Set<string>();
let world: MovementWorld;

beforeAll(async () => {
  world = await createMovementWorld();
});

afterAll(async () => {
  expect(await world.close()).toEqual([]);
});

/** The world, with a pool that keeps every statement's text. */
function watched(): MovementWorld {
  const { clock, logger, errors, testDatabase } = world.platform;
  const database = testDatabase.open({ onStatement: (text) => statements.add(text) });
  const onEvents = () => undefined;
  const commands = createCommandRunner({ database, clock, logger, errors, onEvents });
  const { custody, parties } = world;
  const { channels } = world.scripted;
  const ours = { createReceiptsUnit, reservedReferences: new Set<string>() };
  const shared = { database, clock, logger, commands, channels, custody, ...ours };
  const payments = createPaymentsService({
    ...shared,
    parties,
    publicUrl: 'http://keyturn.test',
    automaticRefundLimitMinor: 100_000n,
  });
  return { ...world, payments, payouts: createPayoutsService({ ...shared, parties }) };
}

async function useAll({ payments, payouts }: MovementWorld): Promise<void> {
  const steps = stepsIn({ ...world, payments });
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

/** The steps of a plan that read a table, or an index from end to end, to throw most of it away. */
function wholeReads(plan: readonly string[]): readonly string[] {
  const steps: string[] = [];
  for (const line of plan) {
    if (steps.length === 0 || line.includes('->')) steps.push(line);
    else steps.push(`${steps.pop()}\n${line}`);
  }
  return steps.filter(
    (step) =>
      /Seq Scan on/.test(step) ||
      (/Scan.* on \w/.test(step) && /Filter:/.test(step) && !/Cond:/.test(step)),
  );
}

test('every statement of payments and pay-outs finds its rows by an index', async () => {
  await useAll(watched());
  const own = [...statements].filter((text) => /\b(payments|payouts)\.\w/.test(text));
  expect(own.length).toBeGreaterThan(35);
  const client = await world.platform.database.connect();
  try {
    // Tables this small are read whole when they may be; forbidden that, a missing index shows.
    await client.query('set enable_seqscan = off');
    for (const text of own) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (generic_plan) ${text}`,
      );
      expect(wholeReads(rows.map((row) => row['QUERY PLAN'])), text).toEqual([]);
    }
  } finally {
    client.release(true);
  }
});

test('what the watch floor reads is there, and holds no people', async () => {
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
