import { randomBytes, randomUUID } from 'node:crypto';
import { createSealKey } from '@keyturn/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPartitionsDesk } from '../partitions.ts';
import { createLedgerApp, type Integrator, type LedgerApp } from '../test/ledger-app.ts';

let world: LedgerApp;
let shop: Integrator;
let hold: string;

const head = () => ({ id: randomUUID(), module: 'shop', object: 'order-1', command: 'resolve' });
const posting = head();

/** A hold that was posted, and taken out with its part. */
beforeAll(async () => {
  world = await createLedgerApp();
  shop = await world.integrator('Shop');
  const wanted = { legal_entity: 'shop', regime: 'own', currency: 'CNY' };
  const book = (await shop.post('/v1/ledger/books', wanted)).body.id;
  hold = randomUUID();
  const held = {
    kind: 'pending',
    debit: { code: 1001, owner: 'bank' },
    credit: { code: 2001, owner: 'wallet' },
    amount: { amount: 100, currency: 'CNY' },
  };
  await shop.post('/v1/ledger/journals', { ...head(), id: hold, book, transfers: [held] });
  expect((await shop.post(`/v1/ledger/holds/${hold}/0/post`, posting)).status).toBe(201);
  const { clock, testDatabase } = world.platform;
  const parts = createPartitionsDesk({
    migrateUrl: testDatabase.superuserUrl,
    clock,
    key: createSealKey(randomBytes(32)),
  });
  expect(await parts.cut()).toMatchObject({ value: { number: 1, cut: true } });
  expect(await parts.detach(1)).toMatchObject({ ok: true });
  await parts.close();
});
afterAll(() => world.close());

it('is told to be detached, with what became of it, to whoever may see it', async () => {
  const { status, body } = await shop.get(`/v1/ledger/holds/${hold}/0`);
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: 'hold_detached' });
  expect(body.detail).toContain('post_pending');
  const other = await world.integrator('Other');
  expect((await other.get(`/v1/ledger/holds/${hold}/0`)).body.code).toBe('hold_unknown');
  expect((await shop.get(`/v1/ledger/holds/${hold}/1`)).body.code).toBe('hold_unknown');
});

it('cannot be resolved again, and what resolved it is a repeat', async () => {
  for (const end of ['post', 'void']) {
    const { body } = await shop.post(`/v1/ledger/holds/${hold}/0/${end}`, head());
    expect(body.code).toBe('hold_already_posted');
  }
  const again = await shop.post(`/v1/ledger/holds/${hold}/0/post`, posting);
  expect(again.status).toBe(201);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
});
