import { randomUUID } from 'node:crypto';
import { decodeId } from '@keyturn/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  account,
  book,
  checker,
  createWorld,
  day,
  fine,
  type Line,
  maker,
  statement,
  type World,
} from './test/world.ts';

let world: World;
const item = { book, code: 2101, owner: 'item' } as const;
const transit = { book, code: 2201, owner: account.id } as const;
const asset = { book, code: 1003, owner: account.id } as const;

beforeEach(async () => {
  world = await createWorld();
  await world.notice(funds);
});
afterEach(() => world.close());

const funds: Line = { reference: 'B1', amount: 10_000n };
const debit: Line = { reference: 'D1', amount: -300n, endToEndId: 'PAYOUT1' };

/**
 * A pay-out of 300 that was sent, as payouts would have it; `paidAt` when we have booked it as
 * paid.
 */
async function sent(paid: { readonly at: string; readonly on: string } | undefined): Promise<void> {
  const id = randomUUID();
  const hold = randomUUID();
  const suspense = { book, code: 2301, owner: account.id } as const;
  const cause = { module: 'payouts', object: id, command: 'test' };
  await world.post({
    id: hold,
    book,
    cause,
    transfers: [
      { kind: 'posted', debit: suspense, credit: item, amount: 10_000n },
      { kind: 'posted', debit: item, credit: transit, amount: 300n },
    ],
  });
  await world.database.query(
    `insert into payouts.payout (id, number, source_book, source_code, source_owner,
      custody_account_id, custody_code, payee_kind, payee_id, payee_shown, amount_minor,
      currency, purpose, remittance, state, maker, checker, hold_journal, hold_leg, submissions,
      queries, events, created_at, paid_at, paid_on)
     values ($1, 'PAYOUT1', $2, 2101, 'item', $3, 1003, 'bank_account', 'x', 'x', 300, 'CNY',
      'p', 'r', $4, 'a', 'b', $5, 0, 1, 0, 1, $6, $7, $8)`,
    [
      id,
      book,
      account.id,
      paid ? 'paid' : 'in_transit',
      hold,
      world.clock.now().toString(),
      paid?.at ?? null,
      paid?.on ?? null,
    ],
  );
  if (!paid) return;
  const before = world.clock.now();
  world.clock.set(paid.at);
  await world.post({
    id: randomUUID(),
    book,
    cause,
    transfers: [{ kind: 'posted', debit: transit, credit: asset, amount: 300n }],
  });
  if (Temporal.Instant.compare(before, paid.at) > 0) world.clock.set(before);
}

function statements(first: readonly Line[], second?: readonly Line[]): void {
  const closing = first.reduce((sum, { amount }) => sum + amount, 0n);
  world.statements.set('2026-11-20', statement({ day: '2026-11-20', opening: 0n, lines: first }));
  if (!second) return;
  const next = { day: '2026-11-21', opening: closing, lines: second };
  world.statements.set('2026-11-21', statement(next));
}

test('a pay-out that bank and ledger booked on one day is matched by its number', async () => {
  await sent({ at: '2026-11-20T03:00:00Z', on: '2026-11-20' });
  statements([funds, debit]);
  world.clock.set('2026-11-20T17:50:00Z');
  const { proof, statements: found } = fine(await world.service.reconcile(day));
  expect(found).toMatchObject([{ matched: 2, exceptions: 0 }]);
  expect(proof).toMatchObject({ balanced: true, totals: { bank: 9_700n, in_transit: 0n } });
});

test('a pay-out that the bank debited before we booked it is in transit', async () => {
  await sent({ at: '2026-11-20T16:00:30Z', on: '2026-11-20' });
  statements([funds, debit]);
  world.clock.set('2026-11-20T17:50:00Z');
  const { proof } = fine(await world.service.reconcile(day));
  expect(proof).toMatchObject({
    balanced: true,
    totals: { bank: 9_700n, ledger: 10_000n, in_transit: -300n },
  });
});

test('a pay-out that the bank debited and we do not know as paid yet is in transit', async () => {
  await sent(undefined);
  statements([funds, debit]);
  world.clock.set('2026-11-20T17:50:00Z');
  const { proof } = fine(await world.service.reconcile(day));
  expect(proof).toMatchObject({ balanced: true, totals: { in_transit: -300n } });
  const items = proof.accounts[0]?.items ?? [];
  expect(items).toContainEqual(
    expect.objectContaining({ kind: 'pay_outs_under_way', amount: 300n, group: 'liability' }),
  );
});

test('a debit of a pay-out that only the statement tells of is noted with custody, once', async () => {
  await sent(undefined);
  statements([funds, debit]);
  world.clock.set('2026-11-20T17:50:00Z');
  const first = fine(await world.service.reconcile(day));
  const noted = fine(await world.custody.receipts({ state: 'noted', limit: 10 }));
  expect(noted.items).toMatchObject([
    { bank_reference: 'D1', end_to_end_id: 'PAYOUT1', amount: { amount: 300n } },
  ]);
  // Who ordered the payment hears of it now: the day is looked at again.
  expect(first.complete).toBe(false);
  const again = fine(await world.service.reconcile(day));
  expect(again.complete).toBe(true);
  expect(fine(await world.custody.receipts({ state: 'noted', limit: 10 })).items).toHaveLength(1);
});

test('a debit on a statement that contradicts itself proves nothing', async () => {
  await sent(undefined);
  const lines = [funds, debit];
  world.statements.set(
    '2026-11-20',
    statement({ day: '2026-11-20', opening: 0n, lines, closing: 9_000n }),
  );
  world.clock.set('2026-11-20T17:50:00Z');
  fine(await world.service.reconcile(day));
  expect(fine(await world.custody.receipts({ state: 'noted', limit: 10 })).items).toEqual([]);
});

test('a pay-out that we booked and the bank debits on the next day is in transit, and was missing', async () => {
  await sent({ at: '2026-11-20T15:59:59Z', on: '2026-11-20' });
  statements([funds], [debit]);
  world.clock.set('2026-11-20T17:50:00Z');
  const first = fine(await world.service.reconcile(day));
  expect(first.proof.balanced).toBe(false);
  const page = fine(await world.service.exceptions({}));
  expect(page.items).toMatchObject([
    { kind: 'missing_at_bank', subject: 'PAYOUT1', amount: 300n, state: 'open' },
  ]);
  world.clock.set('2026-11-21T17:50:00Z');
  const next = fine(await world.service.reconcile(day.add({ days: 1 })));
  expect(next.proof.balanced).toBe(true);
  expect(fine(await world.service.proof(day))).toMatchObject({
    balanced: true,
    totals: { bank: 10_000n, ledger: 9_700n, in_transit: 300n },
  });
  expect(fine(await world.service.exceptions({})).items).toMatchObject([{ state: 'proposed' }]);
});

test('what the bank never debited is put right by two people, and then the day is proven', async () => {
  await sent({ at: '2026-11-20T03:00:00Z', on: '2026-11-20' });
  statements([funds]);
  world.clock.set('2026-11-20T17:50:00Z');
  expect(fine(await world.service.reconcile(day)).proof.balanced).toBe(false);
  const [found] = fine(await world.service.exceptions({})).items;
  expect(found).toMatchObject({ kind: 'missing_at_bank', subject: 'PAYOUT1', amount: 300n });
  const id = decodeId('exc', found?.id ?? '') ?? '';
  const journal = {
    debit: { code: 1003, owner: account.id },
    credit: { code: 2301, owner: account.id },
  } as const;
  fine(await world.service.propose('k:1', maker, id, { note: 'never debited', journal }));
  fine(await world.service.approve('k:2', checker, id));
  const { proof } = fine(await world.service.reconcile(day));
  expect(proof).toMatchObject({
    balanced: true,
    totals: { bank: 10_000n, ledger: 9_700n, in_transit: 300n },
  });
  expect(fine(await world.service.exceptions({})).items).toEqual([]);
});
