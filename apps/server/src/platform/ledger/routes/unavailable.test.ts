import { randomUUID } from 'node:crypto';
import { steerableClock } from '@keyturn/kernel';
import type { Submitter } from '@keyturn/ledger';
import { type Database, openDatabase, UnavailableError } from '@keyturn/pipeline';
import { afterAll, expect, it } from 'vitest';
import { platformErrors } from '../../errors.ts';
import { createHttpApp } from '../../http/server.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { registerLedgerRoutes } from '../routes.ts';
import { createLedgerService } from '../service.ts';

const book = 'int_1.shop/own/CNY';
const kept = { id: book, legalEntity: 'int_1.shop', regime: 'own', currency: 'CNY', memo: false };

/** A database that knows one book, and is asked for nothing else. */
const closed = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/x', applicationName: 'test' });
const database: Database = {
  ...closed,
  query: async <Row>() => [{ ...kept, keeper: 'keeper' }] as Row[],
};

const refusals = {
  busy: new UnavailableError('busy', 'the queue is full', { retryAfterMs: 4_200 }),
  expired: new UnavailableError('expired', 'it waited too long'),
  unknown: new UnavailableError('unknown', 'the database did not come back'),
};
let thrown: keyof typeof refusals = 'busy';
const refuse = () => Promise.reject(refusals[thrown]);

const submitter: Submitter = {
  submit: refuse,
  submitBulk: refuse,
  submitLinked: refuse,
  waiting: () => 0,
  close: async () => undefined,
};
const clock = steerableClock('2026-11-20T02:00:00Z');
const app = await createHttpApp({
  logger: createLogger('test', 'silent'),
  errors: platformErrors,
  metrics: createMetrics('test'),
});
registerLedgerRoutes(app, {
  database,
  clock,
  ledger: createLedgerService({ database, clock, submitter, keeperName: () => 'int_1' }),
  errors: platformErrors,
  callerOf: () => ({ keeper: 'keeper' }),
  keeperName: () => 'int_1',
  checkUrl: '',
  keyFolder: '',
});
afterAll(async () => {
  await app.close();
  await closed.close();
});

const journal = {
  id: randomUUID(),
  book,
  module: 'shop',
  object: 'order',
  command: 'pay',
  transfers: [
    {
      kind: 'posted',
      debit: { code: 1001, owner: 'bank' },
      credit: { code: 2001, owner: 'wallet' },
      amount: { amount: 1, currency: 'CNY' },
    },
  ],
};

it.each([
  ['busy', '5'],
  ['expired', '2'],
  ['unknown', '2'],
] as const)('a ledger that is %s says when to send the same again', async (reason, seconds) => {
  thrown = reason;
  const calls = [
    ['journals', journal],
    ['journals/bulk', { journals: [journal] }],
    ['journals/linked', { journals: [journal] }],
  ] as const;
  for (const [path, payload] of calls) {
    const answer = await app.inject({ method: 'POST', url: `/v1/ledger/${path}`, payload });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe(seconds);
    expect(answer.json()).toMatchObject({ code: 'unavailable', retryable: true });
    expect(answer.json().detail).toContain(reason);
  }
});
