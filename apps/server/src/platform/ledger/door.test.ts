import { steerableClock } from '@keyturn/kernel';
import { bookId, bookTable, createSubmitter } from '@keyturn/ledger';
import { insertRows } from '@keyturn/pipeline';
import { createTestDatabase } from '@keyturn/testkit';
import { expect, test } from 'vitest';
import { createMetrics } from '../telemetry/metrics.ts';
import { observeDoor, observeQueue } from './door.ts';

test('the metrics tell lanes, refusals and who waits at the ledger’s door', async () => {
  const testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  const book = bookId('kt-door', 'escrow', 'CNY');
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-door', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
  const metrics = createMetrics('test');
  const clock = steerableClock('2026-11-20T02:00:00Z');
  const submitter = createSubmitter({ database, clock, observer: observeDoor(metrics) });
  observeQueue(metrics, submitter);
  const account = (code: 1101 | 2101, owner: string) => ({ book, code, owner });
  const move = (id: string, from: 'outside' | 'item') => ({
    id: `00000000-0000-7000-8000-00000000000${id}`,
    book,
    cause: { module: 'test', object: id, command: id },
    transfers: [
      {
        kind: 'posted' as const,
        debit: from === 'outside' ? account(1101, 'wx') : account(2101, 'item'),
        credit: from === 'outside' ? account(2101, 'item') : account(1101, 'wx'),
        amount: 100n,
      },
    ],
  });
  // The first opens the accounts, which the second finds.
  for (const id of ['1', '2']) await submitter.submit(move(id, 'outside'));
  const waiting = submitter.submit(move('3', 'outside'));
  expect(await metrics.text()).toContain('keyturn_ledger_waiting_calls{process="test"} 1\n');
  await waiting;
  for (const id of ['4', '5', '6', '7']) await submitter.submit(move(id, 'item'));
  const text = await metrics.text();
  expect(text).toContain(
    'keyturn_ledger_refusals_total{code="exceeds_credits",process="test"} 1\n',
  );
  expect(text).toContain('keyturn_ledger_lane_calls_total{lane="fast",process="test"} 5\n');
  expect(text).toContain('keyturn_ledger_lane_calls_total{lane="careful",process="test"} 2\n');
  expect(text).toContain('keyturn_ledger_waiting_calls{process="test"} 0\n');
  await submitter.close();
  await testDatabase.drop();
});
