import { newId, present } from '@keyturn/kernel';
import { checkLedger } from '@keyturn/ledger';
import { Type } from 'typebox';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readBankEntries } from '../channels/index.ts';
import {
  book,
  type ChannelsWorld,
  createChannelsWorld,
  enrolBoth,
  masterAccount,
  newNumber,
} from '../channels/test/channels-world.ts';
import { eventually } from '../channels/test/outside-world.ts';
import {
  type CustodyService,
  createCustodyService,
  custodyErrors,
  type Receipt,
  registerCustodyRoutes,
} from './index.ts';

/** Custody on the real channels, with the bank and the acquirer as processes of their own. */

const accountId = 'escrow-main';
let its: ChannelsWorld;
let custody: CustodyService;

beforeAll(async () => {
  its = await createChannelsWorld({
    errors: [custodyErrors],
    routes: (app, { platform, channels, sealer }) => {
      custody = createCustodyService({ ...platform, channels, sealer });
      registerCustodyRoutes(app, custody);
      channels.onBankNotification(custody.handleBankNotification);
      channels.onAcquirerNotification(async () => undefined);
    },
  });
  const seeded = await custody.seedAccounts([
    {
      id: accountId,
      book,
      contractId: 'bank-escrow',
      number: masterAccount,
      ledgerCode: 1003,
      name: 'Keyturn',
      bankCode: '999290000018',
      bankName: 'Sandbox Escrow Bank',
      currency: 'CNY',
      state: 'open',
    },
  ]);
  expect(seeded.ok).toBe(true);
  await enrolBoth(its);
});

afterAll(async () => {
  const check = await checkLedger(its.platform.database);
  await its.close();
  expect(check.findings).toEqual([]);
});

beforeEach(() => its.world.clearFaults());

async function receiptOf(bankReference: string): Promise<Receipt> {
  return eventually(async () => {
    const [row] = await its.platform.database.query<{ id: string }>(
      'select id from custody.receipt where account_id = $1 and bank_reference = $2',
      [accountId, bankReference],
    );
    const receipt = row && (await custody.receipt(row.id));
    return receipt?.ok ? receipt.value : undefined;
  });
}

async function transfer(to_account: string, amount: number): Promise<string> {
  const { bank_reference } = await its.world.admin(
    '/bank/transfers',
    Type.Object({ bank_reference: Type.String() }),
    {
      ...{ to_account, amount, remittance: '房款' },
      ...{ debtor_name: '李四', debtor_account: '6222020200112233' },
    },
  );
  return bank_reference;
}

async function openFor(ownerId: string): Promise<string> {
  const opened = await custody.requestVirtualAccount({
    ...{ accountId, ownerKind: 'order', ownerId },
    name: '王府井 3-501',
  });
  if (!opened.ok) throw new Error(opened.error.code);
  return present(opened.value.number ?? undefined, 'a number');
}

test('a transfer to the virtual account of an order is booked and names the order', async () => {
  const ownerId = newId(its.platform.clock.now(), 'test');
  const bankReference = await transfer(await openFor(ownerId), 5_000_000);
  const receipt = await receiptOf(bankReference);
  expect(receipt).toMatchObject({
    kind: 'transfer',
    ownerKind: 'order',
    ownerId,
    source: 'notification',
  });
});

test('an opening whose answer was lost is found again with the same number', async () => {
  await its.world.fault('bank.request', 'timeout_after_effect');
  const ownerId = newId(its.platform.clock.now(), 'test');
  const request = { accountId, ownerKind: 'deal', ownerId, name: 'N' } as const;
  expect(await custody.requestVirtualAccount(request)).toMatchObject({
    value: { state: 'requested' },
  });
  its.platform.clock.advance({ seconds: 3 });
  expect(await custody.askAgain()).toBe(1);
  const found = present(await custody.virtualAccountOf(ownerId), 'the account');
  expect(found).toMatchObject({ state: 'open', number: expect.stringContaining(masterAccount) });
});

test('a notice that was dropped is booked from the statement, and the others are not booked again', async () => {
  const ownerId = newId(its.platform.clock.now(), 'test');
  const number = await openFor(ownerId);
  const told = await transfer(number, 100);
  await receiptOf(told);
  await its.world.fault('bank.notify', 'drop', { match: { virtual_account: number } });
  const dropped = await transfer(number, 200);
  const { clock } = its.platform;
  const date = clock.now().toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
  await its.world.advance(clock, 'P1DT1H');
  const request = { contractId: 'bank-escrow', account: masterAccount, date };
  const statement = await its.channels.bank.statement(request);
  if (statement.outcome !== 'ok') throw new Error(JSON.stringify(statement));
  const accounts = readBankEntries(statement.value, 'statement');
  const entries = accounts.ok ? accounts.value.flatMap((each) => each.entries) : [];
  const recorded = await custody.recordEntries(accountId, 'statement', entries);
  if (!recorded.ok) throw new Error(recorded.error.code);
  expect(recorded.value.filter((each) => each.recorded)).toHaveLength(1);
  expect(recorded.value.every((each) => each.differs.length === 0)).toBe(true);
  expect(await receiptOf(dropped)).toMatchObject({ source: 'statement', amount: 200n });
  const again = await custody.recordEntries(accountId, 'statement', entries);
  expect(again.ok && again.value.some((each) => each.recorded)).toBe(false);
});

test("the acquirer's settlement is known as one, with its contract and day", async () => {
  const number = newNumber('A');
  const { clock } = its.platform;
  const now = clock.now();
  const prepaid = await its.channels.acquirer.prepay({
    ...{ contractId: 'wx-escrow', number, amount: 1_000_000n, currency: 'CNY', scene: 'native' },
    ...{ description: '意向金', expiresAt: now.add({ minutes: 15 }), now },
  });
  expect(prepaid.outcome).toBe('ok');
  await its.world.tell(`/payer/${number}/pay`, {});
  const day = now.toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
  await its.world.advance(clock, 'P1DT12H');
  const settled = await eventually(async () => {
    const page = await custody.receipts({ state: 'booked', limit: 100 });
    return page.ok
      ? page.value.items.find((each) => each.kind === 'channel_settlement')
      : undefined;
  });
  expect(settled).toMatchObject({
    settled_contract: 'wx-escrow',
    settled_date: day.toString(),
    amount: { amount: 994_000n, currency: 'CNY' },
  });
});

test('the edge lists receipts by state and shows one, masked', async () => {
  const listed = await its.app.inject({ url: '/v1/receipts?state=booked&limit=1' });
  expect(listed.statusCode).toBe(200);
  const [item] = listed.json().items;
  const one = await its.app.inject({ url: `/v1/receipts/${item.id}` });
  expect(one.json()).toEqual(item);
  expect(listed.payload).not.toContain('李四');
  const accounts = await its.app.inject({ url: '/v1/custody-accounts' });
  expect(accounts.json()).toMatchObject({ items: [{ id: accountId, ledger_code: 1003 }] });
  expect((await its.app.inject({ url: '/v1/receipts' })).statusCode).toBe(400);
  const wrong = await its.app.inject({ url: '/v1/receipts/rcp_1' });
  expect(wrong.json()).toMatchObject({ status: 400, code: 'id_invalid' });
});

test('the edge lists the channels with their health, and the log of a reference', async () => {
  const channels = await its.app.inject({ url: '/v1/channels' });
  const items: { id: string; health: { circuit: string } }[] = channels.json().items;
  expect(items.map((item) => item.id)).toEqual(['bank-escrow', 'wx-escrow']);
  expect(items.every((item) => item.health.circuit === 'closed')).toBe(true);
  expect(channels.payload).not.toContain('api_v3');
  const log = await its.app.inject({ url: '/v1/channels/bank-escrow/messages?reference=nothing' });
  expect(log.json()).toEqual({ items: [] });
  const missing = await its.app.inject({ url: '/v1/channels/nobody/messages?reference=x' });
  expect(missing.json()).toMatchObject({ status: 404, code: 'contract_unknown' });
});
