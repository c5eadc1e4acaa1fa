import { newId, ok, present } from '@keyturn/kernel';
import {
  accountId,
  balanceOf,
  bookTable,
  checkLedger,
  createLedgerUnit,
  type LedgerUnit,
  readAccounts,
} from '@keyturn/ledger';
import { insertRows } from '@keyturn/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { createCommandRunner } from '../../platform/index.ts';
import { createSealer } from '../../platform/secrets/sealer.ts';
import type { BankEntry, ChannelAnswer, ChannelsService, Contract } from '../channels/index.ts';
import {
  assetOf,
  type CustodyAccount,
  type CustodyService,
  createCustodyService,
  createReceiptsUnit,
  custodyErrors,
  type ReceiptsUnit,
  suspenseOf,
} from './index.ts';

const book = 'kt-escrow/escrow/CNY';
const account: CustodyAccount = {
  id: 'escrow-main',
  book,
  contractId: 'bank-escrow',
  number: '6225000100001001',
  ledgerCode: 1003,
  name: 'Keyturn',
  bankCode: '999290000018',
  bankName: 'Escrow Bank',
  currency: 'CNY',
  state: 'open',
};
const today = Temporal.PlainDate.from('2026-11-20');
let platform: TestPlatform;
let custody: CustodyService;
let opens: (requestId: string) => ChannelAnswer<{ number: string }>;
let asked: string[] = [];

/**
 * A bank that answers as the test says; what it really says is proven in the adapter's own tests.
 */
const bank: Pick<ChannelsService, 'bank' | 'contracts'> = {
  contracts: async (): Promise<readonly Contract[]> => [],
  bank: {
    openVirtualAccount: async ({ requestId }) => {
      asked.push(requestId);
      return opens(requestId);
    },
    closeVirtualAccount: async ({ number }) => ({
      outcome: 'ok',
      value: { number, state: 'closed' },
    }),
    virtualAccount: async ({ number }) => ({ outcome: 'ok', value: { number, state: 'open' } }),
    balance: async () => ({ outcome: 'ok', value: { booked: 5n, available: 4n } }),
    pay: async () => ({ outcome: 'unknown', reason: 'not asked here' }),
    paymentStatus: async () => ({ outcome: 'unknown', reason: 'not asked here' }),
    statement: async () => ({ outcome: 'unknown', reason: 'not asked here' }),
  },
};

beforeAll(async () => {
  platform = await createTestPlatform(custodyErrors);
  custody = serviceOn(platform.commands);
  await platform.database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-escrow', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
  expect(await custody.seedAccounts([account])).toEqual(ok(undefined));
});

afterAll(async () => {
  const check = await checkLedger(platform.database);
  await platform.close();
  expect(check.findings).toEqual([]);
});

function serviceOn(commands: TestPlatform['commands']): CustodyService {
  const { database, clock, logger } = platform;
  const sealer = createSealer(Buffer.alloc(32, 7));
  return createCustodyService({ database, clock, logger, commands, channels: bank, sealer });
}

let serial = 0;
function entry(change: Partial<BankEntry> = {}): BankEntry {
  serial += 1;
  return {
    bankReference: `B${serial}`,
    amount: 1_000n,
    currency: 'CNY',
    direction: 'credit',
    bookedOn: today,
    valueOn: today,
    counterpartyName: '李四',
    counterpartyAccount: '6222020200112233',
    remittance: '房款',
    ...change,
  };
}

async function record(each: BankEntry, source: 'notification' | 'statement' = 'notification') {
  const recorded = await custody.recordEntries(account.id, source, [each]);
  if (!recorded.ok) throw new Error(recorded.error.code);
  return present(recorded.value[0], 'the recorded entry');
}

async function balances(): Promise<{ asset: bigint; suspense: bigint }> {
  const specs = [assetOf(account), suspenseOf({ book, accountId: account.id })];
  const rows = await readAccounts(platform.database, specs.map(accountId));
  const posted = specs.map((spec) => {
    const row = rows.find((each) => each.id === accountId(spec));
    return row === undefined ? 0n : balanceOf(row).posted;
  });
  return { asset: present(posted[0], 'asset'), suspense: present(posted[1], 'suspense') };
}

async function events(type: string, objectId: string) {
  return platform.database.query<{ payload: Record<string, unknown> }>(
    'select payload from platform.event where type = $1 and object_id = $2',
    [type, objectId],
  );
}

test('a credit is booked to suspense and told once, with nobody named', async () => {
  const before = await balances();
  const each = entry({ amount: 250n });
  const { receiptId, recorded } = await record(each);
  expect(recorded).toBe(true);
  expect(await balances()).toEqual({
    asset: before.asset + 250n,
    suspense: before.suspense + 250n,
  });
  const [event, ...more] = await events('custody.receipt_recorded', receiptId);
  expect(more).toEqual([]);
  expect(event?.payload).toMatchObject({
    receipt_id: receiptId,
    kind: 'transfer',
    amount: 250n,
    bank_reference: each.bankReference,
    book,
    value_date: '2026-11-20',
  });
  expect(JSON.stringify(event?.payload['remittance'])).toContain('房款');
  const receipt = await custody.receipt(receiptId);
  expect(receipt).toMatchObject({
    value: { state: 'booked', counterpartyMasked: '李** ****2233', journalId: expect.any(String) },
  });
  expect(receipt.ok && receipt.value.counterpartySealed).not.toContain('李四');
  expect(await custody.counterparty(receiptId)).toEqual(
    ok({ name: '李四', account: '6222020200112233' }),
  );
});

test('a notice and the statement of the same entry book it once', async () => {
  const each = entry();
  const before = await balances();
  const first = await record(each, 'notification');
  const second = await record({ ...each, counterpartyName: 'LI SI' }, 'statement');
  expect(second).toEqual({ receiptId: first.receiptId, recorded: false, differs: [] });
  expect((await balances()).asset).toBe(before.asset + each.amount);
});

test('a repeat of the very same notice changes nothing either', async () => {
  const each = entry();
  const first = await record(each);
  const second = await record(each);
  expect(second).toMatchObject({ receiptId: first.receiptId, recorded: false });
});

test('an entry that contradicts its receipt is reported and does not change it', async () => {
  const each = entry({ amount: 700n, endToEndId: 'E1' });
  const { receiptId } = await record(each);
  const valueOn = today.add({ days: 1 });
  const again = await record({ ...each, amount: 701n, valueOn, endToEndId: 'E2' }, 'statement');
  expect(again).toEqual({
    receiptId,
    recorded: false,
    differs: ['amount', 'value_date', 'end_to_end_id'],
  });
  expect(await custody.receipt(receiptId)).toMatchObject({ value: { amount: 700n } });
});

test('many callers at once, in two processes, book each entry once', async () => {
  const { database, clock, logger, errors } = platform;
  const options = { database, clock, logger, errors, onEvents: () => undefined };
  const other = createCommandRunner(options);
  const second = serviceOn(other);
  const entries = Array.from({ length: 40 }, () => entry({ amount: 3n }));
  const before = await balances();
  const answers = await Promise.all(
    [custody, second, custody, second].map((service, index) =>
      service.recordEntries(account.id, index < 2 ? 'notification' : 'statement', entries),
    ),
  );
  const recorded = answers.flatMap((answer) => (answer.ok ? answer.value : []));
  expect(recorded).toHaveLength(160);
  expect(recorded.filter((each) => each.recorded)).toHaveLength(40);
  expect(new Set(recorded.map((each) => each.receiptId)).size).toBe(40);
  expect((await balances()).asset).toBe(before.asset + 120n);
  await other.close();
});

test('a debit is noted and told, and books nothing: who ordered it books it', async () => {
  const before = await balances();
  const { receiptId } = await record(entry({ direction: 'debit', endToEndId: 'P1' }));
  expect(await balances()).toEqual(before);
  expect(await custody.receipt(receiptId)).toMatchObject({
    value: { state: 'noted', kind: 'debit', journalId: null },
  });
  const [event] = await events('custody.debit_seen', receiptId);
  expect(event?.payload).toMatchObject({ end_to_end_id: 'P1', amount: 1_000n });
});

test('a credit and a debit under one bank reference are two entries', async () => {
  const credit = entry();
  const first = await record(credit);
  const second = await record({ ...credit, direction: 'debit' });
  expect(second.recorded).toBe(true);
  expect(second.receiptId).not.toBe(first.receiptId);
});

test('an entry in another currency is refused', async () => {
  expect(
    await custody.recordEntries(account.id, 'statement', [entry({ currency: 'USD' })]),
  ).toMatchObject({ ok: false, error: { code: 'entry_currency_mismatch' } });
});

test('a return carries the end-to-end id of the payment that came back', async () => {
  const returned = { endToEndId: 'PO-77', reason: 'AC04' };
  const { receiptId } = await record(entry({ endToEndId: 'X', returned }));
  const [event] = await events('custody.receipt_recorded', receiptId);
  expect(event?.payload).toMatchObject({
    kind: 'return',
    end_to_end_id: 'PO-77',
    return_reason: 'AC04',
  });
});

function owner(): string {
  return newId(platform.clock.now(), 'test');
}

function request(ownerId: string) {
  return { accountId: account.id, ownerKind: 'order', ownerId, name: '3-501' } as const;
}

let numbers = 0;
function nextNumber(): string {
  numbers += 1;
  return `${account.number}${String(numbers).padStart(6, '0')}`;
}

test('a virtual account is opened once for its owner, and money on it names the owner', async () => {
  opens = () => ({ outcome: 'ok', value: { number: nextNumber() } });
  const ownerId = owner();
  const [first, second] = await Promise.all([
    custody.requestVirtualAccount(request(ownerId)),
    custody.requestVirtualAccount(request(ownerId)),
  ]);
  expect(first.ok && second.ok && first.value.id === second.value.id).toBe(true);
  const found = present(await custody.virtualAccountOf(ownerId), 'the account');
  expect(found).toMatchObject({ state: 'open', number: expect.any(String), dueAt: null });
  const virtualAccount = present(found.number ?? undefined, 'a number');
  const { receiptId } = await record(entry({ virtualAccount }));
  const [event] = await events('custody.receipt_recorded', receiptId);
  expect(event?.payload).toMatchObject({
    virtual_account_id: found.id,
    owner_kind: 'order',
    owner_id: ownerId,
  });
});

test('an opening whose answer is lost is asked again with the same request id, until it is known', async () => {
  asked = [];
  opens = () => ({ outcome: 'unknown', reason: 'no answer' });
  const ownerId = owner();
  const waiting = await custody.requestVirtualAccount(request(ownerId));
  expect(waiting).toMatchObject({ value: { state: 'requested', number: null } });
  expect(await custody.askAgain()).toBe(0);
  platform.clock.advance({ seconds: 3 });
  expect(await custody.askAgain()).toBe(1);
  opens = () => ({ outcome: 'ok', value: { number: nextNumber() } });
  expect(await custody.askAgain()).toBe(0);
  platform.clock.advance({ seconds: 6 });
  expect(await custody.askAgain()).toBe(1);
  expect(new Set(asked).size).toBe(1);
  const found = present(await custody.virtualAccountOf(ownerId), 'the account');
  expect(found).toMatchObject({ state: 'open', dueAt: null });
  expect(await events('custody.virtual_account_opened', found.id)).toHaveLength(1);
});

test('a refused opening is told, is not asked about again, and can be requested anew', async () => {
  asked = [];
  opens = () => ({ outcome: 'refused', code: 'FULL', message: 'none left', nextStep: 'call' });
  const ownerId = owner();
  const first = await custody.requestVirtualAccount(request(ownerId));
  expect(first).toMatchObject({
    value: { state: 'refused', refusal: { code: 'FULL' }, dueAt: null },
  });
  platform.clock.advance({ hours: 2 });
  expect(await custody.askAgain()).toBe(0);
  opens = () => ({ outcome: 'ok', value: { number: nextNumber() } });
  const second = await custody.requestVirtualAccount(request(ownerId));
  expect(second).toMatchObject({ value: { state: 'open', refusal: null } });
  expect(new Set(asked).size).toBe(2);
});

test('an open virtual account is closed at the bank; one that is not open is not', async () => {
  opens = () => ({ outcome: 'unknown', reason: 'no answer' });
  const waiting = await custody.requestVirtualAccount(request(owner()));
  const waitingId = waiting.ok ? waiting.value.id : '';
  expect(await custody.closeVirtualAccount(waitingId)).toMatchObject({
    error: { code: 'virtual_account_not_open' },
  });
  opens = () => ({ outcome: 'ok', value: { number: nextNumber() } });
  const opened = await custody.requestVirtualAccount(request(owner()));
  const id = opened.ok ? opened.value.id : '';
  expect(await custody.closeVirtualAccount(id)).toMatchObject({ value: { state: 'closed' } });
  expect(await custody.closeVirtualAccount(owner())).toMatchObject({
    error: { code: 'virtual_account_unknown' },
  });
});

test('a receipt is assigned once, in the command that moves its money', async () => {
  const { receiptId } = await record(entry({ amount: 40n }));
  const object = owner();
  const assign = platform.commands.define<
    { receiptId: string },
    { receipts: ReceiptsUnit; ledger: LedgerUnit },
    string
  >({
    name: 'test.assign',
    units: () => ({ receipts: createReceiptsUnit(), ledger: createLedgerUnit() }),
    load: (tx, units, calls) =>
      units.receipts.lock(
        tx,
        calls.map(({ input }) => input.receiptId),
      ),
    decide: (units, input, context) => {
      const to = { module: 'payments', object };
      const assigned = units.receipts.assign(input.receiptId, to, context.now);
      return assigned.ok ? ok(assigned.value.state) : assigned;
    },
  });
  expect(await assign('test:1', { receiptId })).toMatchObject({ ok: true, value: 'assigned' });
  expect(await assign('test:2', { receiptId })).toMatchObject({
    error: { code: 'receipt_not_assignable' },
  });
  expect(await assign('test:3', { receiptId: owner() })).toMatchObject({
    error: { code: 'receipt_unknown' },
  });
  expect(await custody.receipt(receiptId)).toMatchObject({
    value: { state: 'assigned', assignedModule: 'payments', assignedObject: object },
  });
});

test('receipts are listed by state, page by page, newest first', async () => {
  for (let each = 0; each < 3; each++) {
    platform.clock.advance({ seconds: 1 });
    await record(entry());
  }
  const first = await custody.receipts({ state: 'booked', limit: 2 });
  if (!first.ok) throw new Error(first.error.code);
  const cursor = present(first.value.next_cursor, 'a cursor');
  const second = await custody.receipts({ state: 'booked', limit: 2, cursor });
  if (!second.ok) throw new Error(second.error.code);
  const ids = [...first.value.items, ...second.value.items].map((item) => item.id);
  expect(new Set(ids).size).toBe(4);
  const times = [...first.value.items, ...second.value.items].map((item) => item.recorded_at);
  expect(times).toEqual([...times].sort().reverse());
  expect(await custody.receipts({ state: 'booked', limit: 2, cursor: 'x' })).toMatchObject({
    error: { code: 'cursor_invalid' },
  });
});

test('accounts are found by what they are, and never change', async () => {
  expect(await custody.accountOfBook(book)).toMatchObject({ value: { id: account.id } });
  expect(await custody.accountByNumber('bank-escrow', account.number)).toMatchObject({ ok: true });
  expect(await custody.account('nowhere')).toMatchObject({
    error: { code: 'custody_account_unknown' },
  });
  expect(await custody.balance(account.id)).toEqual(
    ok({ outcome: 'ok', value: { booked: 5n, available: 4n } }),
  );
  expect(await custody.seedAccounts([{ ...account, ledgerCode: 1001 }])).toMatchObject({
    error: { code: 'custody_account_conflict' },
  });
});

test('the number of statements does not grow with the batch', async () => {
  const statements: string[] = [];
  const { clock, logger, errors } = platform;
  const database = platform.testDatabase.open({ onStatement: (text) => statements.push(text) });
  const commands = createCommandRunner({
    ...{ database, clock, logger, errors },
    onEvents: () => undefined,
  });
  const service = serviceOn(commands);
  await service.recordEntries(account.id, 'notification', [entry()]);
  const alone = statements.length;
  statements.length = 0;
  const many = Array.from({ length: 100 }, () => entry());
  await service.recordEntries(account.id, 'notification', many);
  expect(statements.length).toBeLessThanOrEqual(alone);
  await commands.close();
});

test('the running role cannot change what a receipt says', async () => {
  for (const sql of [
    'update custody.receipt set amount = amount + 1',
    'delete from custody.receipt',
    "update custody.account set number = '1'",
    'truncate custody.virtual_account',
  ]) {
    await expect(platform.database.query(sql), sql).rejects.toThrow(/permission denied|never/);
  }
});
