import { present } from '@keyturn/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReceiptsUnit } from '../../banks/custody/index.ts';
import { createCommandRunner } from '../../platform/index.ts';
import { createPaymentsService } from './index.ts';
import { createMovementWorld, integrator, type MovementWorld, merchantId } from './test/world.ts';

let world: MovementWorld;

beforeEach(async () => {
  world = await createMovementWorld();
});

afterEach(async () => {
  expect(await world.close()).toEqual([]);
});

/** Orders with one pending attempt each; returns the attempts' numbers. */
async function pending(count: number, label: string): Promise<readonly string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const made = await world.payments.createOrder(`${label}:order:${index}`, integrator, {
        amount: { amount: 1_000n, currency: 'CNY' },
        purpose: 'test',
        subject: 'Test',
        destination: { kind: 'merchant', id: merchantId },
        methods: ['wechat_native'],
      });
      if (!made.ok) throw new Error(made.error.code);
      const found = await world.payments.orderByNumber(made.value.number);
      if (!found.ok) throw new Error(found.error.code);
      const rows = await world.platform.database.query<{ id: string }>(
        'select o.id from payments.order o where o.number = $1',
        [made.value.number],
      );
      const { id } = present(rows[0], 'the order');
      const paid = await world.payments.pay(`${label}:pay:${index}`, id, {
        method: 'wechat_native',
      });
      if (!paid.ok) throw new Error(paid.error.code);
      return paid.value.number;
    }),
  );
}

test('the number of statements of a batch of confirmations does not depend on its size', async () => {
  const { clock, logger, errors, testDatabase } = world.platform;
  const statements: string[] = [];
  const batches: { name: string; size: number }[] = [];
  const database = testDatabase.open({ onStatement: (text) => statements.push(text) });
  const commands = createCommandRunner({
    database,
    clock,
    logger,
    errors,
    onEvents: () => undefined,
    onBatch: (figures) => batches.push(figures),
  });
  const payments = createPaymentsService({
    database,
    clock,
    logger,
    commands,
    channels: world.scripted.channels,
    custody: world.custody,
    createReceiptsUnit,
    parties: { merchant: () => Promise.reject(), person: () => Promise.reject() },
    publicUrl: 'http://keyturn.test',
    automaticRefundLimitMinor: 0n,
    reservedReferences: new Set(),
  });
  const counts = [];
  // The first one opens the accounts; it is not measured.
  for (const [round, size] of [1, 1, 10, 100].entries()) {
    const numbers = await pending(size, `r${round}`);
    statements.length = 0;
    batches.length = 0;
    await Promise.all(
      numbers.map((number) =>
        payments.onAcquirerNotification({
          contractId: 'wx-reserve',
          notificationId: number,
          kind: 'payment',
          number,
          state: {
            state: 'succeeded',
            channelNumber: `42${number}`,
            amount: 1_000n,
            paidAt: clock.now(),
          },
        }),
      ),
    );
    expect(batches).toMatchObject([{ name: 'payments.confirm', size }]);
    if (round > 0) counts.push(statements.length);
  }
  await commands.close();
  expect(new Set(counts).size).toBe(1);
  // Five read (orders, attempts, channel numbers, accounts, command keys), seven write.
  expect(counts[0]).toBe(12);
  expect(await world.posted({ code: 2002, owner: merchantId })).toBe(112_000n);
});
