import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bankDate } from '@keyturn/kernel';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type BankNotification,
  type BankPaymentRequest,
  createCredentialStore,
  readBankEntries,
} from '../index.ts';
import {
  type ChannelsWorld,
  createChannelsWorld,
  enrolBoth,
  masterAccount,
  newNumber,
  ownAccount,
} from '../test/channels-world.ts';
import { eventually } from '../test/outside-world.ts';
import { requestText, signText } from './signing.ts';

const contractId = 'bank-escrow';
let its: ChannelsWorld;
let told: BankNotification[] = [];

beforeAll(async () => {
  its = await createChannelsWorld();
  its.channels.onBankNotification(async (notification) => {
    told.push(notification);
  });
  await enrolBoth(its);
});

afterAll(() => its.close());

beforeEach(() => {
  told = [];
});

afterEach(() => its.world.clearFaults());

async function open(requestId = newNumber('V')): Promise<string> {
  const answer = await its.channels.bank.openVirtualAccount({
    ...{ contractId, account: masterAccount, requestId },
    name: '王府井 3-501',
    reference: 'order 1',
  });
  if (answer.outcome !== 'ok') throw new Error(JSON.stringify(answer));
  return answer.value.number;
}

/** Somebody transfers money; resolves when we were told of it. */
async function transfer(to_account: string, amount: number, remittance: string): Promise<string> {
  const { bank_reference } = await its.world.admin(
    '/bank/transfers',
    Type.Object({ bank_reference: Type.String() }),
    { to_account, amount, debtor_name: '李四', debtor_account: '6222020200112233', remittance },
  );
  await eventually(() =>
    told.find(({ entries }) => entries.some((e) => e.bankReference === bank_reference)),
  );
  return bank_reference;
}

function payment(change: Partial<BankPaymentRequest> = {}): BankPaymentRequest {
  return {
    contractId,
    messageId: newNumber('M'),
    endToEndId: newNumber('P'),
    account: ownAccount,
    amount: 100n,
    currency: 'CNY',
    payee: { number: '6225880137001234', name: '张三', bankCode: '308100005019' },
    remittance: 'Auszahlung 房款',
    now: its.platform.clock.now(),
    ...change,
  };
}

test('a virtual account is opened once per request id, also when the first answer was lost', async () => {
  const requestId = newNumber('V');
  await its.world.fault('bank.request', 'timeout_after_effect');
  const request = { contractId, account: masterAccount, requestId, name: 'N', reference: 'R' };
  expect(await its.channels.bank.openVirtualAccount(request)).toMatchObject({ outcome: 'unknown' });
  const answer = await its.channels.bank.openVirtualAccount(request);
  expect(answer).toMatchObject({ outcome: 'ok' });
  expect(await its.channels.bank.openVirtualAccount(request)).toEqual(answer);
});

test('an account that cannot have virtual accounts refuses, and says what to do', async () => {
  const requestId = newNumber('V');
  const request = { contractId, account: ownAccount, requestId, name: 'N', reference: 'R' };
  expect(await its.channels.bank.openVirtualAccount(request)).toMatchObject({
    outcome: 'refused',
    code: 'ACCOUNT_KIND_UNFIT',
    nextStep: expect.stringContaining('master'),
  });
});

test('a virtual account closes when it is empty, and not before', async () => {
  const number = await open();
  await transfer(number, 500, '房款');
  const request = { contractId, account: masterAccount, number };
  expect(await its.channels.bank.closeVirtualAccount(request)).toMatchObject({
    outcome: 'refused',
    code: 'VIRTUAL_ACCOUNT_NOT_EMPTY',
  });
  expect(await its.channels.bank.virtualAccount(request)).toEqual({
    outcome: 'ok',
    value: { number, state: 'open', balance: 500n },
  });
  const other = await open();
  const closed = await its.channels.bank.closeVirtualAccount({ ...request, number: other });
  expect(closed).toMatchObject({ outcome: 'ok', value: { number: other, state: 'closed' } });
});

test('a balance is exact, and an unknown account is refused', async () => {
  const answer = await its.channels.bank.balance({ contractId, account: ownAccount });
  expect(answer).toEqual({ outcome: 'ok', value: { booked: 10_000_000n, available: 10_000_000n } });
  expect(
    await its.channels.bank.balance({ contractId, account: '6225000100009009' }),
  ).toMatchObject({ outcome: 'refused', code: 'ACCOUNT_UNKNOWN' });
});

test('an incoming transfer is told with its virtual account and who sent it', async () => {
  const number = await open();
  const bankReference = await transfer(number, 88_000, '房款 首付');
  const today = bankDate(its.platform.clock.now());
  // The bank tells what its accounts opened with, too.
  const ours = told.filter(({ account }) => account === masterAccount);
  expect(ours).toMatchObject([
    {
      contractId,
      account: masterAccount,
      notificationId: expect.any(String),
      entries: [
        {
          bankReference,
          amount: 88_000n,
          currency: 'CNY',
          direction: 'credit',
          virtualAccount: number,
          counterpartyName: '李四',
          counterpartyAccount: '6222020200112233',
          remittance: '房款 首付',
        },
      ],
    },
  ]);
  expect(ours[0]?.entries[0]?.bookedOn.equals(today)).toBe(true);
});

test('a payment is accepted, then paid with a reference, and told as a debit', async () => {
  const order = payment();
  const first = await its.channels.bank.pay(order);
  expect(first).toMatchObject({ outcome: 'ok', value: { state: 'accepted' } });
  expect(await its.channels.bank.pay(order)).toEqual(first);
  await its.world.advance(its.platform.clock, 'PT30S');
  const { endToEndId } = order;
  const status = await its.channels.bank.paymentStatus({ contractId, endToEndId });
  expect(status).toMatchObject({
    outcome: 'ok',
    value: { state: 'paid', bankReference: expect.any(String) },
  });
  const notice = await eventually(() =>
    told.find(({ entries }) => entries.some((entry) => entry.endToEndId === endToEndId)),
  );
  expect(notice.entries[0]).toMatchObject({
    direction: 'debit',
    amount: 100n,
    counterpartyName: '张三',
    counterpartyAccount: '6225880137001234',
  });
});

test('a payment out of a virtual account is booked on it', async () => {
  const virtualAccount = await open();
  await transfer(virtualAccount, 1_000, '房款');
  const order = payment({ account: masterAccount, virtualAccount, amount: 400n });
  expect(await its.channels.bank.pay(order)).toMatchObject({ value: { state: 'accepted' } });
  await its.world.advance(its.platform.clock, 'PT30S');
  const request = { contractId, account: masterAccount, number: virtualAccount };
  expect(await its.channels.bank.virtualAccount(request)).toMatchObject({
    value: { balance: 600n },
  });
});

test('a payee account that does not exist is a definite rejection with a next step', async () => {
  const payee = { ...payment().payee, number: '6225880137000000' };
  expect(await its.channels.bank.pay(payment({ payee }))).toMatchObject({
    outcome: 'ok',
    value: { state: 'rejected', reason: 'AC01', nextStep: expect.any(String) },
  });
});

test('more than there is, is a definite rejection', async () => {
  const answer = await its.channels.bank.pay(payment({ amount: 99_000_000_000n }));
  expect(answer).toMatchObject({ value: { state: 'rejected', reason: 'AM04' } });
});

test('the same end-to-end id with another amount is unknown: the first one may be paid', async () => {
  const order = payment();
  await its.channels.bank.pay(order);
  const other = { ...order, messageId: newNumber('M'), amount: 101n };
  expect(await its.channels.bank.pay(other)).toMatchObject({ outcome: 'unknown' });
});

test.each(['timeout_after_effect', 'bad_signature'])(
  'a payment whose answer has %s is unknown, and known by its status',
  async (kind) => {
    const order = payment();
    await its.world.fault('bank.request', kind);
    expect(await its.channels.bank.pay(order)).toMatchObject({ outcome: 'unknown' });
    const { endToEndId } = order;
    expect(await its.channels.bank.paymentStatus({ contractId, endToEndId })).toMatchObject({
      outcome: 'ok',
      value: { state: 'accepted' },
    });
  },
);

test('a payment that the bank never got is not found', async () => {
  const order = payment();
  await its.world.fault('bank.request', 'timeout_before_effect');
  expect(await its.channels.bank.pay(order)).toMatchObject({ outcome: 'unknown' });
  const { endToEndId } = order;
  expect(await its.channels.bank.paymentStatus({ contractId, endToEndId })).toEqual({
    outcome: 'ok',
    value: { state: 'not_found' },
  });
});

test('a bank that says rejected and gives no proof is not believed', async () => {
  const order = payment();
  const { endToEndId } = order;
  await its.world.fault('bank.payment', 'say_rejected_then_pay', {
    match: { end_to_end_id: endToEndId },
  });
  await its.channels.bank.pay(order);
  await its.world.advance(its.platform.clock, 'PT30S');
  const status = () => its.channels.bank.paymentStatus({ contractId, endToEndId });
  expect(await status()).toMatchObject({ outcome: 'unknown' });
  await its.world.advance(its.platform.clock, 'PT20M');
  expect(await status()).toMatchObject({ outcome: 'ok', value: { state: 'paid' } });
});

test('an order that cannot be written is refused before anything is sent', async () => {
  const bankCode = { payee: { ...payment().payee, bankCode: '12' } };
  for (const change of [{ endToEndId: 'X'.repeat(36) }, bankCode]) {
    const answer = await its.channels.bank.pay(payment(change));
    expect(answer).toMatchObject({ outcome: 'refused', code: 'ORDER_INVALID' });
  }
});

test("a statement comes after its day, with the day's entries", async () => {
  const number = await open();
  const bankReference = await transfer(number, 7_700, '房款');
  const { clock } = its.platform;
  const date = bankDate(clock.now());
  const request = { contractId, account: masterAccount, date };
  expect(await its.channels.bank.statement(request)).toMatchObject({
    outcome: 'refused',
    code: 'STATEMENT_NOT_READY',
  });
  await its.world.advance(clock, 'P1DT1H');
  const answer = await its.channels.bank.statement(request);
  if (answer.outcome !== 'ok') throw new Error(JSON.stringify(answer));
  const statements = readBankEntries(answer.value, 'statement');
  if (!statements.ok) throw new Error(statements.error);
  const entries = statements.value.flatMap((statement) => statement.entries);
  const told054 = told.flatMap(({ entries: all }) => all);
  const same = entries.find((entry) => entry.bankReference === bankReference);
  expect(same).toEqual(told054.find((entry) => entry.bankReference === bankReference));
});

test('a returned payment is told as a return with its reason and end-to-end id', async () => {
  const order = payment({ payee: { ...payment().payee, number: '6225880137009999' } });
  await its.channels.bank.pay(order);
  await its.world.advance(its.platform.clock, 'PT3H');
  const entry = await eventually(() =>
    told.flatMap(({ entries }) => entries).find((each) => each.returned !== undefined),
  );
  expect(entry).toMatchObject({
    direction: 'credit',
    amount: 100n,
    returned: { endToEndId: order.endToEndId, reason: 'AC04' },
    counterpartyAccount: '6225880137009999',
  });
});

test('the raw log keeps neither names nor account numbers', async () => {
  const order = payment();
  await its.channels.bank.pay(order);
  const { endToEndId: reference } = order;
  const log = await eventually(async () => {
    const page = await its.channels.messages({ contractId, reference, limit: 10 });
    return page.ok && page.value.items.length > 0 ? page.value.items : undefined;
  });
  const text = JSON.stringify(log);
  expect(text).toContain(reference);
  for (const secret of ['张三', '6225880137001234', '房款', ownAccount]) {
    expect(text).not.toContain(secret);
  }
});

test('a bank whose certificate comes from somebody else is not spoken to', async () => {
  const keys = its.world.keyDirectory;
  const contract = await its.channels.contract(contractId);
  if (!contract.ok || contract.value.adapter !== 'escrow_bank_v1') throw new Error('no contract');
  for (const kind of ['private.pem', 'peer.pem']) {
    await copyFile(join(keys, `bank-escrow.${kind}`), join(keys, `bank-other.${kind}`));
  }
  const ca = await readFile(join(keys, 'wx-escrow.peer.pem'), 'utf8');
  await writeFile(join(keys, 'bank-other.ca.pem'), ca);
  const draft = { ...contract.value, id: 'bank-other', secretRef: 'bank-other' };
  expect((await its.channels.upsertContract(draft)).ok).toBe(true);
  const answer = await its.channels.bank.balance({ contractId: 'bank-other', account: ownAccount });
  expect(answer).toMatchObject({ outcome: 'unknown' });
});

test('a contract whose keys are gone sends nothing, and works again when they are back', async () => {
  const keys = its.world.keyDirectory;
  const contract = await its.channels.contract(contractId);
  if (!contract.ok || contract.value.adapter !== 'escrow_bank_v1') throw new Error('no contract');
  const draft = { ...contract.value, id: 'bank-late', secretRef: 'bank-late' };
  await its.channels.upsertContract(draft);
  const ask = () => its.channels.bank.balance({ contractId: 'bank-late', account: ownAccount });
  expect(await ask()).toMatchObject({ outcome: 'unknown' });
  for (const kind of ['private.pem', 'peer.pem', 'ca.pem']) {
    await copyFile(join(keys, `bank-escrow.${kind}`), join(keys, 'draft'));
    await rename(join(keys, 'draft'), join(keys, `bank-late.${kind}`));
  }
  expect(await ask()).toMatchObject({ outcome: 'ok' });
});

test('a notification that is signed but cannot be read is refused, and so is one for another client', async () => {
  const keys = createCredentialStore(its.world.keyDirectory);
  const contract = await its.channels.contract(contractId);
  if (!contract.ok || contract.value.adapter !== 'escrow_bank_v1') throw new Error('no contract');
  const theirs = await keys.makeCredentials('bank-theirs');
  await keys.makeCredentials('bank-signed');
  await keys.storePeer('bank-signed', { pem: theirs.publicKeyPem });
  const path = '/v1/notifications/bank-signed';
  const config = { ...contract.value.config, notify_url: `${its.address}${path}` };
  const draft = { ...contract.value, id: 'bank-signed', secretRef: 'bank-signed', config };
  expect((await its.channels.upsertContract(draft)).ok).toBe(true);
  const { privateKey } = await keys.load('bank-theirs');
  const timestamp = String(Math.floor(its.platform.clock.now().epochMilliseconds / 1_000));
  const body = Buffer.from('<Document/>');
  const text = requestText({ method: 'POST', path, body }, timestamp, 'n1');
  const headers = {
    'content-type': 'application/xml',
    'x-bank-client': 'KT01',
    'x-bank-timestamp': timestamp,
    'x-bank-nonce': 'n1',
    'x-bank-signature': await signText(text, privateKey),
  };
  const send = (change: Readonly<Record<string, string>>) =>
    its.app
      .inject({ method: 'POST', url: path, payload: body, headers: { ...headers, ...change } })
      .then((response) => response.json());
  expect(await send({})).toMatchObject({ status: 422, code: 'notification_unreadable' });
  expect(await send({ 'x-bank-client': 'KT02' })).toMatchObject({ status: 401 });
  expect(await send({ 'x-bank-timestamp': String(Number(timestamp) - 400) })).toMatchObject({
    status: 401,
    code: 'notification_unverified',
  });
});
