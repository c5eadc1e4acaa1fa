import { checkLedger } from '@keyturn/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBusiness, type Move } from './business.ts';
import { book, type OldWorld, startOldWorld, takeover } from './old-world.ts';

/**
 * The whole way from an old ledger to this one and back, each step a command of its own, on
 * thousands of movements with every fault that the old ledger can have. After each step both
 * have the same to the fen, account by account, but for what is listed.
 */

const begin = Temporal.Instant.from('2026-03-02T01:00:00Z');
const business = createBusiness(20_260_302);
let world: OldWorld;
/** Movements on one wallet each, so that each fault has an account of its own. */
const faulty = (id: string, account: string, amount: number): Move => {
  return { id, account, subject: '2201', amount, order: `O-${id}` };
};

beforeAll(async () => {
  world = await startOldWorld(begin);
});
afterAll(async () => {
  await world?.close();
});

async function bookOld(moves: readonly Move[]): Promise<void> {
  for (let next = 0; next < moves.length; next += 1_000) {
    const movements = moves.slice(next, next + 1_000);
    await world.admin('POST', '/old-ledger/movements', { movements });
  }
}

async function plant(kind: string, id: string, more: object = {}): Promise<void> {
  await world.admin('POST', '/faults', {
    point: 'old_ledger.row',
    kind,
    match: { id },
    ...more,
  });
}

async function plantRequest(kind: string, operation: string, more: object = {}): Promise<void> {
  const fault = { point: 'old_ledger.request', kind, match: { operation } };
  await world.admin('POST', '/faults', { ...fault, ...more });
}

/** With the old sign: wallets and shops are liabilities, and 1122 has its sign turned. */
const balancesSql = `select t.number, a.credits_posted - a.debits_posted as balance
  from takeover.account t join ledger.account a on a.id = t.account_id order by t.number`;

/** Accounts whose balances differ, with old less new; and what the check of the ledger finds. */
async function differing(): Promise<Readonly<Record<string, bigint>>> {
  const found = await world.admin('GET', '/old-ledger/accounts');
  const { accounts } = found as { accounts: { account: string; balance: number }[] };
  const rows = await world.database.query<{ number: string; balance: bigint }>(balancesSql);
  const ours = new Map(rows.map((row) => [row.number, row.balance]));
  const check = await checkLedger(world.database);
  expect(check.findings).toEqual([]);
  const all = accounts.map(({ account, balance }) => {
    return [account, BigInt(balance) - (ours.get(account) ?? 0n)] as const;
  });
  return Object.fromEntries(all.filter(([, by]) => by !== 0n));
}

async function ok(...words: readonly string[]): Promise<unknown> {
  const { code, said, errors } = await world.run(...words);
  expect({ code, errors, words }).toEqual({ code: 0, errors: '', words });
  return said;
}

/** Settles all that is open of a subject: one person proposes, another approves. */
async function settleAll(subject: string): Promise<void> {
  const settling = ['settle', takeover, '--subject', subject];
  const proposed = await ok(...settling, '--by', 'Anna', '--why', 'rows that are lost for good');
  const { settlement } = proposed as { settlement: string };
  const alone = await world.run('approve', takeover, settlement, '--by', 'Anna');
  expect(alone).toMatchObject({ code: 1, said: { error: { code: 'takeover_same_person' } } });
  await ok('approve', takeover, settlement, '--by', 'Ben');
}

async function differences(): Promise<unknown> {
  const said = await ok('differences', takeover);
  const all = said as { account: string; class: string; amount: number }[];
  return all.map((one) => [one.account, one.class, one.amount]);
}

test('history with every fault is imported, though the process is killed in the middle', async () => {
  await ok('plan', 'PLAN', '--by', 'Anna', '--why', 'as agreed');
  const faults = [
    ['late', 'F-late', 'X-late'],
    ['missing', 'F-missing', 'X-missing'],
    ['repeat', 'F-repeat', 'X-repeat'],
    ['duplicate', 'F-duplicate', 'X-duplicate'],
    ['wrong_amount', 'F-amount', 'X-amount'],
    ['wrong_sign', 'F-sign', 'X-sign'],
  ] as const;
  for (const [kind, id] of faults) await plant(kind, id, kind === 'late' ? { after: 'P2D' } : {});
  const from = begin.subtract({ hours: 24 * 30 });
  const booked_at = from.toString();
  await bookOld(
    faults.map(([, , account]) => ({
      ...faulty(`B-${account}`, account, 10_000),
      booked_at,
    })),
  );
  await bookOld(business.history(4_500, from, 500_000));
  await bookOld(faults.map(([, id, account]) => faulty(id, account, 700)));
  await world.advance('PT1M');

  for (const kind of ['timeout_before_effect', 'timeout_after_effect', 'error']) {
    await plantRequest(kind, 'GET /v1/history');
    const failed = await world.run('import', takeover);
    expect(failed).toMatchObject({
      code: 1,
      said: { error: { code: 'takeover_old_unavailable', retryable: true } },
    });
  }
  await plantRequest('delay', 'GET /v1/history', { delay_ms: 200, times: null });
  const pieces = 'select count(*) as count from takeover.piece where imported_at is not null';
  await world.kill(
    async () => {
      const [row] = await world.database.query<{ count: bigint }>(pieces);
      return row !== undefined && row.count >= 2n;
    },
    'import',
    takeover,
  );
  expect(await ok('status', takeover)).toMatchObject({ takeover: { importedAt: null } });
  await world.admin('DELETE', '/faults');
  expect(await ok('import', takeover)).toMatchObject({
    complete: true,
    verified: { differing: 5 },
  });
  expect(await differing()).toEqual({
    'X-late': 700n,
    'X-missing': 700n,
    'X-duplicate': -700n,
    'X-amount': -1n,
    'X-sign': 1_400n,
  });
  expect(await differences()).toEqual([
    ['X-amount', 'late_row', -1],
    ['X-duplicate', 'duplicate', -700],
    ['X-late', 'late_row', 700],
    ['X-missing', 'late_row', 700],
    ['X-sign', 'late_row', 1_400],
  ]);
});

test('what heals disappears, and what does not is settled by two people', async () => {
  await world.advance('PT3H');
  const { said } = await world.run('compare', takeover);
  expect(said).toMatchObject({ kind: 'shadow', differing: 5 });
  expect(await differences()).toEqual([
    ['X-amount', 'missing_row', -1],
    ['X-duplicate', 'duplicate', -700],
    ['X-late', 'missing_row', 700],
    ['X-missing', 'missing_row', 700],
    ['X-sign', 'wrong_sign', 1_400],
  ]);
  await world.admin('POST', '/old-ledger/hidden/release', { ids: ['F-missing'] });
  await world.advance('P2D');
  const healed = await world.run('compare', takeover);
  expect(healed).toMatchObject({ code: 1, said: { differing: 3 } });
  await settleAll('2201');
  expect(await differing()).toEqual({});
  expect(await ok('compare', takeover)).toMatchObject({ differing: 0 });
});

test('what is booked meanwhile is booked in the shadow, late and repeated rows too', async () => {
  await plant('late', 'G-late', { after: 'PT1H' });
  await plant('repeat', 'G-repeat');
  await bookOld(business.now(1_500));
  await bookOld([faulty('G-late', 'X-late', 30), faulty('G-repeat', 'X-repeat', 40)]);
  await world.advance('PT1M');
  await plantRequest('timeout_after_effect', 'GET /v1/movements');
  expect(await world.run('shadow', takeover)).toMatchObject({ code: 1 });
  expect(await ok('shadow', takeover)).toMatchObject({ rows: 1_501, repeated: 1 });
  expect(await differing()).toEqual({ 'X-late': 30n });
  await world.admin('POST', '/old-ledger/movements/G-repeat/correct', { amount: 45 });
  expect(await world.run('compare', takeover)).toMatchObject({ code: 1, said: { differing: 2 } });
  expect(await differences()).toEqual([
    ['X-late', 'late_row', 30],
    ['X-repeat', 'amount_differs', 5],
  ]);
  await world.advance('PT1H');
  await world.run('compare', takeover);
  await settleAll('2201');
  expect(await differing()).toEqual({});
});

test('a subject is switched when its days were without a difference', async () => {
  const decision = ['--by', 'Anna', '--why', 'two days without a difference'];
  const early = await world.run('switch', takeover, '2201', ...decision);
  expect(early).toMatchObject({ code: 1, said: { error: { code: 'takeover_gate_closed' } } });
  // The next day, and two whole ones.
  await world.advance('P1D');
  for (let day = 0; day < 2; day += 1) {
    await bookOld(business.now(200));
    await world.advance('PT1M');
    await ok('compare', takeover);
    await world.advance('P1D');
  }
  expect(await ok('gate', takeover)).toMatchObject([
    { subject: '2201', open: true, cleanDays: 2 },
    { subject: '2202', open: true },
    { subject: '1122', open: true },
  ]);
  expect(await ok('switch', takeover, '2201', ...decision)).toMatchObject({ leads: 'new' });
  await world.advance('PT1M');
  expect(await differing()).toEqual({});
});

const bank = { book, code: 1002, owner: 'bank' } as const;
const wallet = (owner: string) => ({ book, code: 2001, owner }) as const;

test('writes come here and are mirrored, though the old ledger fails; an old order is refunded', async () => {
  let serial = 0;
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => {
      serial += 1;
      const id = `00000000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`;
      const owner = `W${String((index % 60) + 1).padStart(3, '0')}`;
      const cause = { module: 'test', object: id, command: id };
      const amount = BigInt(index + 1);
      const transfers = [{ kind: 'posted' as const, debit: bank, credit: wallet(owner), amount }];
      return world.takeovers.submit(takeover, { id, book, cause, transfers });
    }),
  );
  expect(answers.filter((answer) => !answer.ok)).toEqual([]);
  const refund = ['refund', takeover, 'O-B-X-late', '4000'];
  expect(await ok(...refund)).toMatchObject({ replayed: false });
  expect(await world.run('refund', takeover, 'O-B-X-late', '6001')).toMatchObject({
    code: 1,
    said: { error: { code: 'takeover_refund_exceeds_paid' } },
  });
  for (const kind of ['timeout_before_effect', 'timeout_after_effect', 'error', 'delay']) {
    await plantRequest(kind, 'POST /v1/mirror', { times: 5, delay_ms: 1 });
  }
  expect(await ok('mirror', takeover)).toMatchObject({ sent: 286, unknown: 15 });
  await world.advance('PT10M');
  expect(await ok('mirror', takeover)).toMatchObject({ sent: 15, unknown: 0 });
  expect(await differing()).toEqual({});
  expect(await ok('compare', takeover)).toMatchObject({ differing: 0 });
});

test('what reaches the old ledger after the switch is listed, and adopted by two people', async () => {
  await bookOld([faulty('H-after', 'W001', 77)]);
  await world.advance('PT1M');
  expect(await world.run('compare', takeover)).toMatchObject({ code: 1, said: { differing: 1 } });
  expect(await differences()).toEqual([['W001', 'written_after_switch', 0]]);
  expect(await differing()).toEqual({ W001: 77n });
  await settleAll('2201');
  expect(await differing()).toEqual({});
});

test('the way back loses nothing', async () => {
  await plantRequest('error', 'POST /v1/mirror', { times: 3 });
  const id = '00000000-0000-7000-8000-00000000ffff';
  const cause = { module: 'test', object: id, command: id };
  const transfers = [
    { kind: 'posted' as const, debit: wallet('W002'), credit: wallet('W003'), amount: 5n },
  ];
  const answer = await world.takeovers.submit(takeover, { id, book, cause, transfers });
  expect(answer.ok).toBe(true);
  const decision = ['--by', 'Ben', '--why', 'to try the way back'];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const early = await world.run('back', takeover, '2201', ...decision);
    expect(early).toMatchObject({ code: 1, said: { error: { code: 'takeover_mirror_lags' } } });
    await world.advance('PT1M');
  }
  expect(await ok('back', takeover, '2201', ...decision)).toMatchObject({ leads: 'old' });
  await world.advance('PT1M');
  expect(await differing()).toEqual({});
  // The old ledger goes on as if nothing had been.
  await bookOld([...business.now(300), faulty('I-old', 'W001', 9)]);
  await world.advance('PT1M');
  expect(await ok('compare', takeover)).toMatchObject({ differing: 0 });
  expect(await differing()).toEqual({});
  expect(await ok('status', takeover)).toMatchObject({
    openDifferences: 0,
    unbookedRows: 0,
    authority: [
      { leads: 'new', decidedBy: 'Anna' },
      { leads: 'old', decidedBy: 'Ben' },
    ],
  });
});
