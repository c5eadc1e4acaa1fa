import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Contract } from '../../banks/channels/index.ts';
import { bill, book, createWorld, day, fine, type World } from './test/world.ts';

const contract: Contract = {
  id: 'wx-escrow',
  version: 1,
  adapter: 'wechat_pay_v3',
  book,
  settlesTo: 'escrow-main',
  feeBps: 60,
  secretRef: 'wx-escrow',
  state: 'enabled',
  effectiveFrom: Temporal.Instant.from('2026-01-01T00:00:00Z'),
  createdBy: 'a',
  approvedBy: 'b',
  config: {
    base_url: 'http://127.0.0.1:1',
    notify_url: 'http://127.0.0.1:2/x',
    mchid: '1900000001',
    appid: 'wx1',
    certificate_serial: 'AB',
  },
};

let world: World;

beforeEach(async () => {
  world = await createWorld({ contracts: [contract] });
});
afterEach(() => world.close());

/** A payment that the acquirer confirmed now, as payments would have it. */
async function paid(number: string, amount: bigint, fee: bigint): Promise<void> {
  const order = randomUUID();
  const now = world.clock.now().toString();
  await world.database.query(
    `insert into payments.order (id, number, integrator_id, purpose, subject, description,
      amount_minor, currency, paid_minor, refunding_minor, refunded_minor, state, late_success,
      destination_book, destination_code, destination_owner, methods, contract_id, expires_at,
      attempts, events, created_at)
     values ($1, $2, 'i', 'p', 's', 'd', $3, 'CNY', $3, 0, 0, 'succeeded', 'settle', $4, 2101, $5,
      '["wechat_native"]', 'wx-escrow', $6, 1, 1, $6)`,
    [order, `ord${number}`, amount, book, order, now],
  );
  await world.database.query(
    `insert into payments.attempt (id, number, order_id, method, contract_id, fee_bps, amount_minor,
      state, fee_minor, fee_returned_minor, paid_at, paid_on, placed_minor, suspense_minor,
      refunding_minor, refunded_minor, queries, submissions, submitted_at, created_at, final_at,
      channel_number)
     values ($1, $2, $3, 'wechat_native', 'wx-escrow', 60, $4, 'succeeded', $5, 0, $6, '2026-11-20',
      $4, 0, 0, 0, 0, 1, $6, $6, $6, $7)`,
    [randomUUID(), number, order, amount, fee, now, `42${number}`],
  );
  const id = randomUUID();
  await world.post({
    id,
    book,
    cause: { module: 'payments', object: order, command: `test:${number}` },
    transfers: [
      {
        kind: 'posted',
        debit: { book, code: 1101, owner: 'wx-escrow' },
        credit: { book, code: 2101, owner: order },
        amount,
      },
    ],
  });
}

const row = (number: string, yuan: string, fee: string, channel = `42${number}`) =>
  `\`2026-11-20 10:00:00,\`wx1,\`1900000001,\`0,\`,\`${channel},\`${number},\`o,\`NATIVE,\`SUCCESS,\`X,` +
  `\`CNY,\`${yuan},\`0.00,\`0,\`0,\`0.00,\`0.00,\`,\`,\`x,\`,\`${fee},\`0.60%,\`${yuan},\`0.00,\``;
const totals = (count: number, sum: string, fee: string) =>
  `\`${count},\`${sum},\`0.00,\`0.00,\`${fee},\`${sum},\`0.00`;

async function kinds() {
  const page = fine(await world.service.exceptions({ limit: 100 }));
  return page.items
    .filter(({ contract_id }) => contract_id === 'wx-escrow')
    .map(({ kind, subject, amount }) => ({ kind, subject, amount }));
}

/** After both files are due. */
function nextNoon(): void {
  world.clock.set('2026-11-21T04:30:00Z');
}

test('payments that the bill has are matched, and the money at the acquirer is proven', async () => {
  await paid('PAY001', 10_000n, 60n);
  world.bills.set(
    '2026-11-20',
    bill([row('PAY001', '100.00', '0.60000')], totals(1, '100.00', '0.60000')),
  );
  nextNoon();
  const report = fine(await world.service.reconcile(day));
  expect(report.bills).toEqual([
    { contract_id: 'wx-escrow', status: 'compared', lines: 1, classes: { matched: 1 } },
  ]);
  expect(await kinds()).toEqual([]);
  expect(report.proof.channels).toMatchObject([
    { contract_id: 'wx-escrow', bank: 10_000n, ledger: 10_000n, difference: 0n, balanced: true },
  ]);
  const custody = report.proof.accounts[0];
  // Its liability lies at the channel, and not at the bank.
  expect(custody).toMatchObject({ ledger: 0n, liabilities: 0n });
  expect(custody?.items).toContainEqual(
    expect.objectContaining({ kind: 'at_channel', amount: -10_000n }),
  );
});

test('both directions are told: what only the bill has, what only we have, and other amounts and fees', async () => {
  await paid('PAY001', 10_000n, 60n);
  await paid('PAY002', 20_000n, 120n);
  await paid('PAY003', 30_000n, 180n);
  world.bills.set(
    '2026-11-20',
    bill(
      [
        row('PAY001', '100.01', '0.60000'),
        row('PAY002', '200.00', '1.30000'),
        row('OTHER1', '5.00', '0.03000'),
      ],
      totals(3, '305.01', '1.93000'),
    ),
  );
  nextNoon();
  const report = fine(await world.service.reconcile(day));
  expect(report.bills[0]?.classes).toEqual({
    amount_mismatch: 1,
    fee_mismatch: 1,
    channel_only: 1,
    pending_next_day: 1,
  });
  expect(await kinds()).toEqual(
    expect.arrayContaining([
      { kind: 'channel_amount_differs', subject: 'PAY001', amount: 1n },
      { kind: 'channel_fee_differs', subject: 'PAY002', amount: 0n },
      { kind: 'unknown_at_channel', subject: 'OTHER1', amount: 500n },
    ]),
  );
  // What the day's bill lacks waits for the next one, which is the same bytes as any bill without
  // trades.
  world.bills.set('2026-11-21', bill());
  world.clock.set('2026-11-22T04:30:00Z');
  fine(await world.service.reconcile(day.add({ days: 1 })));
  expect(await kinds()).toContainEqual({
    kind: 'missing_at_channel',
    subject: 'PAY003',
    amount: -30_000n,
  });
});

test('bills without trades are the same bytes, and each counts for its day', async () => {
  for (const date of [20, 21]) {
    world.bills.set(`2026-11-${date}`, bill());
    world.clock.set(`2026-11-${date + 1}T04:30:00Z`);
    const report = fine(await world.service.reconcile(Temporal.PlainDate.from(`2026-11-${date}`)));
    expect(report.bills).toMatchObject([{ status: 'compared', lines: 0 }]);
  }
  const { items } = fine(await world.service.bills({ contractId: 'wx-escrow' }));
  expect(items.map((one) => one.day)).toEqual(['2026-11-21', '2026-11-20']);
});

test('a bill that lost a line contradicts its totals; one that does not come is an exception', async () => {
  await paid('PAY001', 10_000n, 60n);
  nextNoon();
  fine(await world.service.reconcile(day));
  expect((await kinds()).map(({ kind }) => kind)).toEqual(['missing_bill']);
  world.bills.set('2026-11-20', bill([], totals(1, '100.00', '0.60000')));
  fine(await world.service.reconcile(day));
  const after = await kinds();
  expect(after.map(({ kind }) => kind)).toContain('bill_contradicts_itself');
});

test('a day without trades needs no bill; until one could come, it is waited for', async () => {
  world.clock.set('2026-11-21T01:00:00Z');
  expect(fine(await world.service.reconcile(day)).bills).toMatchObject([{ status: 'missing' }]);
  nextNoon();
  expect(fine(await world.service.reconcile(day)).bills).toMatchObject([{ status: 'no_trades' }]);
  expect(await kinds()).toEqual([]);
});

test('money in the ledger at the acquirer that no payment explains is a difference', async () => {
  await world.post({
    id: randomUUID(),
    book,
    cause: { module: 'test', object: 'x', command: 'x' },
    transfers: [
      {
        kind: 'posted',
        debit: { book, code: 1101, owner: 'wx-escrow' },
        credit: { book, code: 2101, owner: randomUUID() },
        amount: 7n,
      },
    ],
  });
  world.bills.set('2026-11-20', bill());
  nextNoon();
  const { proof } = fine(await world.service.reconcile(day));
  expect(proof.channels[0]).toMatchObject({
    ledger: 7n,
    bank: 0n,
    difference: -7n,
    balanced: false,
  });
  expect(await kinds()).toContainEqual({
    kind: 'proof_difference',
    subject: 'proof of 2026-11-20',
    amount: -7n,
  });
});

/** The acquirer paid for the 20th, as settlement would have it: `received` of `owed`, fee kept. */
async function settled(received: bigint, fee: bigint, owed: bigint): Promise<void> {
  const id = randomUUID();
  await world.database.query(
    `insert into settlement.channel_settlement (id, contract_id, trade_date, book,
      custody_account_id, receipt_id, currency, covers_from, gross_minor, refunds_minor, fees_minor,
      fees_returned_minor, carried_minor, expected_minor, received_minor, settled_minor,
      difference_minor, owed_minor, state, at, events)
     values ($1, 'wx-escrow', '2026-11-20', $2, 'escrow-main', $3, 'CNY', '2026-11-20', 0, 0, 0, 0,
      0, 0, $4, $4, 0, $5, 'matched', $6, 1)`,
    [id, book, randomUUID(), received, owed, world.clock.now().toString()],
  );
  const receivable = { book, code: 1101, owner: 'wx-escrow' } as const;
  const leg = (code: 2301 | 1301, owner: string, amount: bigint) =>
    ({ kind: 'posted', debit: { book, code, owner }, credit: receivable, amount }) as const;
  await world.notice({ reference: `S${id}`, amount: received });
  await world.post({
    id: randomUUID(),
    book,
    cause: { module: 'settlement', object: id, command: 'test' },
    transfers: [leg(2301, 'escrow-main', received), leg(1301, 'kt-pay/own/CNY', fee)],
  });
}

test('what the acquirer has paid is no longer there; what it still owes, and what came late, is', async () => {
  await paid('PAY001', 10_000n, 60n);
  world.clock.set('2026-11-21T01:00:00Z');
  await settled(9_840n, 60n, 100n);
  world.clock.advance({ minutes: 10 });
  await paid('LATE01', 500n, 3n);
  world.clock.set('2026-11-22T04:30:00Z');
  const before = fine(await world.service.proof(day));
  expect(before.channels[0]).toMatchObject({ ledger: 10_000n, bank: 10_000n, balanced: true });
  const after = fine(await world.service.proof(day.add({ days: 1 })));
  expect(after.channels[0]).toMatchObject({ ledger: 600n, bank: 600n, balanced: true });
  expect(after.channels[0]?.items.map(({ kind, amount }) => [kind, amount])).toEqual([
    ['payments_unsettled', 500n],
    ['owed_by_channel', 100n],
  ]);
  // The fee is the own book's debt: it stands among what lies elsewhere.
  expect(after.accounts[0]?.items).toContainEqual(
    expect.objectContaining({ kind: 'due_from_book', amount: -60n }),
  );
});

test('what settlement tells of a channel is an exception, once', async () => {
  const event = {
    id: randomUUID(),
    type: 'settlement.channel_difference',
    objectId: randomUUID(),
    objectSequence: 2n,
    occurredAt: world.clock.now(),
    payload: {
      channel_settlement_id: randomUUID(),
      contract_id: 'wx-escrow',
      trade_date: '2026-11-19',
      book,
      receipt_id: randomUUID(),
      expected_minor: 500n,
      received_minor: 400n,
      difference_minor: -100n,
      currency: 'CNY',
    },
  };
  await world.service.onEvent(event);
  await world.service.onEvent(event);
  expect(await kinds()).toEqual([
    { kind: 'channel_difference', subject: 'settlement of 2026-11-19', amount: -100n },
  ]);
});

test('what the bill has done and we have not is asked about, before it is told as different', async () => {
  await paid('PAY001', 10_000n, 60n);
  await paid('PAY002', 20_000n, 120n);
  const proof = '{"kind":"channel_state","state":"closed","at":"2026-11-20T04:00:00Z"}';
  await world.database.query(
    `update payments.attempt set state = 'closed', paid_on = null, paid_at = null,
      proof = $1 where number = 'PAY002'`,
    [proof],
  );
  const rows = [row('PAY001', '100.00', '0.60000'), row('PAY002', '200.00', '1.20000')];
  world.bills.set('2026-11-20', bill(rows, totals(2, '300.00', '1.80000')));
  nextNoon();
  fine(await world.service.reconcile(day));
  expect(world.lookedAgain).toEqual([{ contractId: 'wx-escrow', kind: 'pay', number: 'PAY002' }]);
  const told = (await kinds()).filter(({ subject }) => subject === 'PAY002');
  expect(told).toEqual([{ kind: 'channel_status_differs', subject: 'PAY002', amount: 20_000n }]);
});
