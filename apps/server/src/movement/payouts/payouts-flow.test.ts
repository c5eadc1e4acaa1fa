import { decodeId, present } from '@keyturn/kernel';
import { createLedgerUnit } from '@keyturn/ledger';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  approver,
  bankAccountId,
  book,
  createMovementWorld,
  finance,
  integrator,
  type MovementWorld,
  merchantId,
  otherMerchantId,
} from '../payments/test/world.ts';
import { createPayoutsUnit, type NewPayout, type PayoutRequest, type PayoutView } from './index.ts';

let world: MovementWorld;
let serial = 0;

const available = { book, code: 2003, owner: merchantId } as const;
const transit = { code: 2201, owner: 'reserve-main' } as const;
const asset = { code: 1002, owner: 'reserve-main' } as const;
const suspense = { code: 2301, owner: 'reserve-main' } as const;

beforeEach(async () => {
  world = await createMovementWorld();
  await world.endow(available, 100_000n);
});

afterEach(async () => {
  expect(await world.close()).toEqual([]);
});

function key(): string {
  serial += 1;
  return `test:${serial}`;
}

function value<T>(outcome: { readonly ok: boolean } & ({ value: T } | { error: unknown })): T {
  if ('value' in outcome) return outcome.value;
  throw new Error(JSON.stringify(outcome.error));
}

const withdrawal = {
  source: { kind: 'merchant', id: merchantId },
  bankAccountId,
  amount: { amount: 60_000n, currency: 'CNY' },
  purpose: 'withdrawal',
  remittance: 'Withdrawal',
} as const satisfies NewPayout;

async function create(change: Partial<NewPayout> = {}): Promise<{ id: string; view: PayoutView }> {
  const view = value(await world.payouts.create(key(), finance, { ...withdrawal, ...change }));
  return { id: present(decodeId('pyt', view.id), 'a uuid'), view };
}

async function submitted(
  change: Partial<NewPayout> = {},
): Promise<{ id: string; view: PayoutView }> {
  const made = await create(change);
  value(await world.payouts.approve(key(), approver, made.id));
  await world.work();
  return made;
}

async function payout(id: string): Promise<PayoutView> {
  return value(await world.payouts.payout(id));
}

function debit(number: string, amount = 60_000n) {
  return world.banks({ direction: 'debit', amount, endToEndId: number });
}

test('a pay-out holds the money, waits for a second person, and is paid when the bank has booked it', async () => {
  const { id, view } = await create();
  expect(view).toMatchObject({ state: 'pending_approval', payee: { number: '6222****1234' } });
  expect(await world.available(available)).toBe(40_000n);
  expect(await world.posted(available)).toBe(100_000n);
  await world.work();
  expect(world.scripted.calls).toEqual([]);
  value(await world.payouts.approve(key(), approver, id));
  await world.work();
  expect(await payout(id)).toMatchObject({ state: 'in_transit', submissions: 1 });
  expect(await world.posted(available)).toBe(40_000n);
  expect(await world.posted(transit)).toBe(60_000n);
  await debit(view.number);
  expect(await payout(id)).toMatchObject({
    state: 'paid',
    bank_reference: expect.stringMatching(/^B/),
  });
  expect(await world.posted(transit)).toBe(0n);
  expect(await world.posted(asset)).toBe(40_000n);
  expect(await world.told(id)).toEqual([
    'payouts.created',
    'payouts.approved',
    'payouts.submitted',
    'payouts.paid',
  ]);
});

test('whoever made a pay-out does not approve it, nor does anybody who is no approver', async () => {
  const { id } = await create();
  expect(await world.payouts.approve(key(), finance, id)).toMatchObject({
    error: { code: 'approver_is_maker' },
  });
  expect(await world.payouts.approve(key(), integrator, id)).toMatchObject({
    error: { code: 'approver_role_missing' },
  });
  expect((await payout(id)).state).toBe('pending_approval');
});

test('a rejected or canceled pay-out lifts its hold, and what is submitted cannot be canceled', async () => {
  const first = await create();
  value(await world.payouts.reject(key(), approver, first.id, 'wrong account'));
  expect(await payout(first.id)).toMatchObject({
    state: 'canceled',
    failure: { code: 'rejected', message: 'wrong account' },
  });
  const second = await create();
  value(await world.payouts.cancel(key(), finance, second.id));
  expect(await world.available(available)).toBe(100_000n);
  const third = await submitted();
  expect(await world.payouts.cancel(key(), finance, third.id)).toMatchObject({
    error: { code: 'payout_state_conflict' },
  });
  expect(world.scripted.calls.filter((call) => call.startsWith('pay '))).toHaveLength(1);
});

test('more than the source has is refused, and nobody else’s account is paid to', async () => {
  const more = await world.payouts.create(key(), finance, {
    source: { kind: 'merchant', id: merchantId },
    bankAccountId,
    amount: { amount: 100_001n, currency: 'CNY' },
    purpose: 'withdrawal',
    remittance: 'x',
  });
  expect(more).toMatchObject({ error: { code: 'payout_not_covered' } });
  const foreign = await world.payouts.create(key(), finance, {
    source: { kind: 'merchant', id: otherMerchantId },
    bankAccountId,
    amount: { amount: 1n, currency: 'CNY' },
    purpose: 'withdrawal',
    remittance: 'x',
  });
  expect(foreign).toMatchObject({ error: { code: 'payout_payee_foreign' } });
});

test('two pay-outs that together are too much: one is made', async () => {
  const second = world.another();
  expect(second).toBeDefined();
  const outcomes = await Promise.all(
    [1, 2].map((number) =>
      world.payouts.create(`race:${number}`, finance, {
        source: { kind: 'merchant', id: merchantId },
        bankAccountId,
        amount: { amount: 60_000n, currency: 'CNY' },
        purpose: 'withdrawal',
        remittance: 'x',
      }),
    ),
  );
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await world.available(available)).toBe(40_000n);
});

test('a time-out is unknown: the bank is asked under the same number, and no money moves meanwhile', async () => {
  world.scripted.script('pay', { outcome: 'unknown', reason: 'time-out' }, 'done');
  const { id, view } = await submitted();
  expect((await payout(id)).state).toBe('unknown');
  expect(await world.posted(transit)).toBe(60_000n);
  for (let asked = 0; asked < 8; asked++) {
    world.scripted.script('paymentStatus', { outcome: 'unknown', reason: 'time-out' });
    await world.after({ hours: 2 });
    expect((await payout(id)).state).toBe('unknown');
  }
  world.scripted.payouts.set(view.number, { state: 'paid', bankReference: 'X1' });
  await world.after({ hours: 2 });
  expect(await payout(id)).toMatchObject({ state: 'paid', bank_reference: 'X1' });
  expect(world.scripted.calls.filter((call) => call.startsWith('pay '))).toHaveLength(1);
});

test('what the bank keeps silent about, or does not end, shows as overdue', async () => {
  const counts = async () =>
    Object.fromEntries((await world.payouts.overdue()).map(({ what, count }) => [what, count]));
  world.scripted.script('pay', { outcome: 'unknown', reason: 'time-out' }, 'done');
  const { view } = await submitted();
  expect(await counts()).toEqual({ 'pay-outs unknown': 0n, 'pay-outs in transit': 0n });
  world.scripted.script('paymentStatus', { outcome: 'unknown', reason: 'time-out' });
  await world.after({ minutes: 20 });
  expect(await counts()).toEqual({ 'pay-outs unknown': 1n, 'pay-outs in transit': 0n });
  world.scripted.payouts.set(view.number, { state: 'accepted' });
  await world.after({ hours: 25 });
  expect(await counts()).toEqual({ 'pay-outs unknown': 0n, 'pay-outs in transit': 1n });
});

test('what the bank never got is sent again as the same message, and then paid once', async () => {
  world.scripted.script('pay', { outcome: 'unknown', reason: 'time-out' }, 'nothing');
  const { id, view } = await submitted();
  await world.after({ seconds: 10 });
  expect(await payout(id)).toMatchObject({ state: 'in_transit', submissions: 2 });
  const sent = world.scripted.calls.filter((call) => call.startsWith('pay '));
  expect(new Set(sent)).toEqual(new Set([`pay ${view.number}`]));
});

test('not found proves only late enough and twice; then the money goes back with the proof', async () => {
  for (let sent = 0; sent < 3; sent++) {
    world.scripted.script('pay', { outcome: 'unknown', reason: 'time-out' }, 'nothing');
  }
  const { id } = await submitted();
  for (let step = 0; step < 3; step++) await world.after({ seconds: 16 });
  expect(await payout(id)).toMatchObject({ state: 'unknown', submissions: 3 });
  expect(await world.posted(transit)).toBe(60_000n);
  await world.after({ hours: 1 });
  await world.after({ hours: 1 });
  expect(await payout(id)).toMatchObject({
    state: 'failed',
    failure: { code: 'not_found' },
    proof: { kind: 'not_found', rule: { queriesApartMs: 10_000 } },
  });
  expect(await world.posted(available)).toBe(100_000n);
  expect(await world.told(id)).toContain('payouts.failed');
});

test('a definite rejection gives the money back with its proof', async () => {
  world.scripted.script('pay', {
    outcome: 'ok',
    value: { state: 'rejected', reason: 'AC01', reasonText: 'no such account', nextStep: 'ask' },
  });
  const { id } = await submitted();
  expect(await payout(id)).toMatchObject({
    state: 'failed',
    failure: { code: 'AC01' },
    proof: { kind: 'refusal', code: 'AC01' },
  });
  expect(await world.posted(available)).toBe(100_000n);
  expect(await world.posted(transit)).toBe(0n);
});

test('rejected by a status query after it was in transit', async () => {
  const { id, view } = await submitted();
  world.scripted.payouts.set(view.number, { state: 'rejected', reason: 'AC04' });
  await world.after({ seconds: 10 });
  expect(await payout(id)).toMatchObject({ state: 'failed', failure: { code: 'AC04' } });
});

test('a bank that pays what it had rejected is shown, and the money is taken again', async () => {
  world.scripted.script('pay', {
    outcome: 'ok',
    value: { state: 'rejected', reason: 'AC01' },
  });
  const { id, view } = await submitted();
  expect((await payout(id)).state).toBe('failed');
  await debit(view.number);
  expect((await payout(id)).state).toBe('paid');
  expect(await world.posted(available)).toBe(40_000n);
  expect(await world.posted(asset)).toBe(40_000n);
  expect((await world.told(id)).slice(-2)).toEqual(['payouts.contradiction', 'payouts.paid']);
});

test('what was paid out anew since the bank had rejected it is shown, and not booked', async () => {
  world.scripted.script('pay', {
    outcome: 'ok',
    value: { state: 'rejected', reason: 'AC01' },
  });
  const { id, view } = await submitted();
  await submitted();
  await debit(view.number);
  expect((await payout(id)).state).toBe('failed');
  expect(await world.posted(available)).toBe(40_000n);
  expect(await world.told(id)).toContain('payouts.contradiction');
  expect(await world.told(id)).not.toContain('payouts.paid');
});

test('a debit of another amount does not pay a pay-out', async () => {
  const { id, view } = await submitted();
  await debit(view.number, 59_999n);
  expect((await payout(id)).state).toBe('in_transit');
});

test('a pay-out that comes back, also weeks later, is on its source again, once', async () => {
  const { id, view } = await submitted();
  await debit(view.number);
  await world.after({ hours: 24 * 30 });
  const back = {
    amount: 60_000n,
    bankReference: 'R1',
    returned: { endToEndId: view.number, reason: 'AC04' },
  };
  const receipt = await world.banks(back);
  await world.banks(back);
  await world.payouts.onReturn('01990000-0000-7000-8000-00000000aaaa', receipt, view.number);
  expect(await payout(id)).toMatchObject({ state: 'returned', return_reason: 'AC04' });
  expect(await world.posted(available)).toBe(100_000n);
  expect(await world.posted(suspense)).toBe(0n);
  expect(await world.posted(asset)).toBe(100_000n);
  expect((await world.told(id)).filter((type) => type === 'payouts.returned')).toHaveLength(1);
});

test('a return that comes before the debit was told proves that it had been paid', async () => {
  const { id, view } = await submitted();
  const returned = { endToEndId: view.number, reason: 'AC04' };
  await world.banks({ amount: 60_000n, returned });
  expect((await payout(id)).state).toBe('returned');
  await debit(view.number);
  expect(await world.posted(available)).toBe(100_000n);
  expect(await world.posted(transit)).toBe(0n);
  expect((await world.told(id)).slice(-2)).toEqual(['payouts.paid', 'payouts.returned']);
});

test('a return to a source that is frozen waits in suspense until it is free', async () => {
  const { id, view } = await submitted();
  await debit(view.number);
  await world.freeze(available, { in: true, out: true });
  await world.banks({ amount: 60_000n, returned: { endToEndId: view.number, reason: 'AC06' } });
  expect((await payout(id)).state).toBe('paid');
  expect(await world.posted(suspense)).toBe(60_000n);
  await world.after({ minutes: 20 });
  expect(await world.posted(suspense)).toBe(60_000n);
  await world.freeze(available, { in: false, out: false });
  await world.after({ minutes: 20 });
  expect((await payout(id)).state).toBe('returned');
  expect(await world.posted(suspense)).toBe(0n);
});

test('what was paid out of suspense and comes back lies in suspense again', async () => {
  await world.banks({ amount: 70_000n, remittance: '?' });
  const { id, view } = await submitted({
    source: { kind: 'suspense', custodyAccountId: 'reserve-main' },
  });
  await debit(view.number);
  expect(await world.posted(suspense)).toBe(10_000n);
  await world.banks({ amount: 60_000n, returned: { endToEndId: view.number, reason: 'AC04' } });
  expect((await payout(id)).state).toBe('returned');
  expect(await world.posted(suspense)).toBe(70_000n);
});

test('nobody says of a pay-out that it is the platform’s own', async () => {
  const reference = { kind: 'deal_item', id: 'x' };
  const made = await world.payouts.create(key(), finance, { ...withdrawal, reference });
  expect(made).toMatchObject({ ok: false, error: { code: 'payout_reference_reserved' } });
});

test('a return of more than was paid stays in suspense and is shown', async () => {
  const { id, view } = await submitted();
  await debit(view.number);
  await world.banks({ amount: 60_001n, returned: { endToEndId: view.number, reason: 'AC04' } });
  expect((await payout(id)).state).toBe('paid');
  expect(await world.posted(suspense)).toBe(60_001n);
  expect(await world.told(id)).toContain('payouts.contradiction');
});

test('a source that is frozen before it is sent keeps the pay-out back until it is free', async () => {
  const { id } = await create();
  await world.freeze(available, { in: false, out: true });
  value(await world.payouts.approve(key(), approver, id));
  await world.work();
  expect((await payout(id)).state).toBe('approved');
  expect(world.scripted.calls).toEqual([]);
  await world.freeze(available, { in: false, out: false });
  await world.after({ hours: 1 });
  expect((await payout(id)).state).toBe('in_transit');
});

test('a crash between the bank and our own record costs nothing: the bank is asked', async () => {
  world.scripted.meanwhile = async (operation) => {
    if (operation === 'pay') throw new Error('the process dies here');
  };
  const { id, view } = await submitted();
  expect((await payout(id)).state).toBe('submitted');
  world.scripted.meanwhile = undefined;
  world.scripted.payouts.set(view.number, { state: 'paid' });
  await world.after({ minutes: 2 });
  expect((await payout(id)).state).toBe('paid');
  expect(world.scripted.calls.filter((call) => call.startsWith('pay '))).toHaveLength(1);
  expect(await world.posted(asset)).toBe(40_000n);
});

test('a payee that cannot be paid any more stops a pay-out before the bank hears of it', async () => {
  await world.close();
  world = await createMovementWorld({
    payee: async () => ({ ok: false, error: { code: 'bank_account_disabled' } }),
  });
  await world.endow(available, 100_000n);
  const { id } = await submitted();
  expect(await payout(id)).toMatchObject({
    state: 'canceled',
    failure: { code: 'payee_unusable', message: 'bank_account_disabled' },
  });
  expect(await world.available(available)).toBe(100_000n);
  expect(world.scripted.calls).toEqual([]);
});

test('another module makes an approved pay-out inside its own command', async () => {
  const request: PayoutRequest = {
    source: available,
    custodyAccount: { id: 'reserve-main', book, ledgerCode: 1002, currency: 'CNY' },
    payee: { kind: 'custody_account', id: 'reserve-main' },
    amount: { amount: 1_000n, currency: 'CNY' },
    purpose: 'release',
    remittance: 'Release',
    reference: { kind: 'release', id: 'r1' },
    maker: 'escrow',
    approval: { kind: 'given', by: approver.id },
  };
  const make = world.platform.commands.define({
    name: 'test.make_payout',
    units: () => {
      const ledger = createLedgerUnit();
      return { payouts: createPayoutsUnit(ledger), ledger };
    },
    load: async (tx, units, calls) => {
      const now = present(calls[0], 'a call').context.now;
      await units.ledger.load(tx, { accounts: units.payouts.accountsOf(request) }, now);
    },
    decide: (units, _input: null, context) => {
      const made = units.payouts.create(request, context);
      return made.ok ? { ok: true as const, value: made.value.id } : made;
    },
  });
  const id = value(await make('test:release', null));
  await world.work();
  expect(await payout(id)).toMatchObject({ state: 'in_transit', maker: { id: 'escrow' } });
  const found = value(await world.payouts.ofReferences(['r1']));
  expect(found.items.map((view) => view.id)).toEqual([(await payout(id)).id]);
});
