import { bookId, bookTable } from '@keyturn/ledger';
import { insertRows } from '@keyturn/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import type { ContractDraft } from './contract.ts';
import { type Contracts, createContracts } from './contracts.ts';
import { channelsErrors } from './errors.ts';

const book = bookId('kt-escrow', 'escrow', 'CNY');
let platform: TestPlatform;
let contracts: Contracts;

beforeAll(async () => {
  platform = await createTestPlatform(channelsErrors);
  contracts = createContracts(platform);
  await platform.database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-escrow', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
});

afterAll(() => platform.close());

function draft(id: string, feeBps = 60): ContractDraft {
  return {
    id,
    adapter: 'wechat_pay_v3',
    book,
    settlesTo: 'escrow-main',
    feeBps,
    secretRef: id,
    state: 'enabled',
    effectiveFrom: platform.clock.now(),
    createdBy: 'anna',
    approvedBy: 'bert',
    config: {
      base_url: 'https://acquirer.example',
      notify_url: 'https://us.example/v1/notifications/wx',
      mchid: '1900000001',
      appid: 'wx1',
      certificate_serial: 'ABCDEF',
    },
  };
}

test('a contract that did not change keeps its version; one that did gets the next', async () => {
  const first = await contracts.upsert(draft('wx-a'));
  expect(first).toMatchObject({ ok: true, value: { version: 1, feeBps: 60 } });
  expect(await contracts.upsert(draft('wx-a'))).toMatchObject({ value: { version: 1 } });
  expect(await contracts.upsert(draft('wx-a', 55))).toMatchObject({ value: { version: 2 } });
  expect(await contracts.find('wx-a')).toMatchObject({ value: { version: 2, feeBps: 55 } });
});

test('writers of the same contract at once all succeed with one version', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => contracts.upsert(draft('wx-b'))));
  expect(all.map((each) => each.ok && each.value.version)).toEqual([1, 1, 1, 1, 1]);
});

test('a version counts only from its day on', async () => {
  await contracts.upsert(draft('wx-c'));
  const later = platform.clock.now().add({ hours: 24 });
  await contracts.upsert({ ...draft('wx-c', 40), effectiveFrom: later });
  expect(await createContracts(platform).find('wx-c')).toMatchObject({ value: { feeBps: 60 } });
  platform.clock.advance({ hours: 25 });
  expect(await createContracts(platform).find('wx-c')).toMatchObject({ value: { feeBps: 40 } });
});

test('nobody makes and approves a contract alone, but for the first set-up', async () => {
  const alone = { ...draft('wx-d'), approvedBy: 'anna' };
  expect(await contracts.upsert(alone)).toMatchObject({
    error: { code: 'contract_approval_missing' },
  });
  const seeded = { ...draft('wx-d'), createdBy: 'seed', approvedBy: 'seed' };
  expect((await contracts.upsert(seeded)).ok).toBe(true);
});

test('a contract that cannot work is refused with what is wrong', async () => {
  const good = draft('wx-e');
  const cases: readonly [ContractDraft, RegExp][] = [
    [{ ...good, id: 'WX E' }, /id/],
    [{ ...good, secretRef: '../x' }, /secret_ref/],
    [{ ...good, feeBps: 10_001 }, /fee/],
    [{ ...good, settlesTo: null }, /settles/],
    [
      { ...draft('wx-e'), config: { ...configOf(good), base_url: 'ftp://x' } } as ContractDraft,
      /base_url/,
    ],
  ];
  for (const [bad, problem] of cases) {
    const answer = await contracts.upsert(bad);
    expect(answer).toMatchObject({ ok: false, error: { code: 'contract_invalid' } });
    expect(!answer.ok && answer.error.values?.['problem']).toMatch(problem);
  }
  expect(await contracts.find('wx-e')).toMatchObject({ error: { code: 'contract_unknown' } });
});

function configOf(of: ContractDraft) {
  return of.config;
}

test('the running role cannot change what was agreed or said', async () => {
  await contracts.upsert(draft('wx-f'));
  for (const sql of [
    'update channels.contract set fee_bps = 0',
    'delete from channels.contract',
    'delete from channels.message',
    'truncate channels.notification',
    "update channels.notification set body_sealed = ''",
  ]) {
    await expect(platform.database.query(sql), sql).rejects.toThrow(/permission denied|never/);
  }
});
