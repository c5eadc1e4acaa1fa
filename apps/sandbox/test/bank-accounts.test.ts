import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adminCall,
  type BankClient,
  type BankWorld,
  type Ear,
  enrol,
  masterAccount,
  monday,
  openEar,
  startBankWorld,
  textAt,
} from './bank-party.ts';

const ntry = 'BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry';

describe('accounts, virtual accounts and money that arrives', () => {
  let bank: BankWorld;
  let client: BankClient;
  let ear: Ear;

  const open = (request_id: string, name = '购房人') =>
    client.call('POST', `/v1/accounts/${masterAccount}/virtual-accounts`, {
      request_id,
      name,
      reference: `deal ${request_id}`,
    });
  const readAccount = (account: string) =>
    adminCall(bank.admin, 'GET', `/bank/accounts/${account}`);
  const transfer = (to_account: string, amount: number, more: object = {}) =>
    adminCall(bank.admin, 'POST', '/bank/transfers', {
      to_account,
      amount,
      debtor_name: '王五',
      debtor_account: '6217000010001234',
      remittance: '首付款',
      ...more,
    });

  beforeAll(async () => {
    bank = await startBankWorld();
    await adminCall(bank.admin, 'POST', '/clock/set', { now: monday });
    ear = await openEar();
    client = await enrol(bank, 'KT01', ear);
    for (const [account, kind] of [
      [masterAccount, 'escrow_master'],
      ['6225880100000002', 'own'],
    ]) {
      const body = { client_id: 'KT01', account, name: `户 ${kind}`, kind, currency: 'CNY' };
      await adminCall(bank.admin, 'POST', '/bank/accounts', { ...body, opening_balance: 1_000 });
      // Again, with another opening balance: only the first one counts.
      await adminCall(bank.admin, 'POST', '/bank/accounts', { ...body, opening_balance: 9_000 });
    }
  });
  afterAll(async () => {
    await client.close();
    await bank.stop();
    await ear.close();
  });

  test('the opening balance is an entry, booked once and notified', async () => {
    const { entries, totals } = await adminCall(
      bank.admin,
      'GET',
      `/bank/accounts/${masterAccount}/entries?date=2031-03-03`,
    );
    expect(totals).toEqual({ count: 1, credits: 1_000, debits: 0, net: 1_000 });
    expect(entries).toMatchObject([{ kind: 'opening', amount: 1_000, balance_after: 1_000 }]);
    const [first] = await ear.waitFor(2);
    expect(first?.signatureIsGood).toBe(true);
  });

  test('a virtual account is opened once per request id', async () => {
    const first = await open('r1');
    expect(first).toMatchObject({ status: 201, signatureIsGood: true });
    expect(first.json).toMatchObject({
      virtual_account: `${masterAccount}000001`,
      name: '购房人',
      reference: 'deal r1',
      state: 'open',
    });
    expect((await open('r1')).body).toBe(first.body);
    expect((await open('r1', '别人')).json['code']).toBe('REQUEST_ID_REUSED');
    expect((await open('r2')).json['virtual_account']).toBe(`${masterAccount}000002`);
  });

  test('requests at one moment open different accounts, or one for one request id', async () => {
    const answers = await Promise.all(['p1', 'p2', 'p3', 'p3', 'p3'].map((id) => open(id)));
    expect(new Set(answers.map(({ json }) => json['virtual_account'])).size).toBe(3);
  });

  test('clients’ accounts have virtual accounts, own ones have none, and what is asked must fit', async () => {
    const path = '/v1/accounts/6225880100000002/virtual-accounts';
    const body = { request_id: 'x', name: 'x', reference: 'x' };
    expect((await client.call('POST', path, body)).json['code']).toBe('ACCOUNT_KIND_UNFIT');
    const account = '6225880100000003';
    const reserve = {
      client_id: 'KT01',
      account,
      name: '备付金',
      kind: 'reserve',
      currency: 'CNY',
    };
    await adminCall(bank.admin, 'POST', '/bank/accounts', { ...reserve, opening_balance: 0 });
    const opened = await client.call('POST', `/v1/accounts/${account}/virtual-accounts`, body);
    expect(opened.status).toBe(201);
    const master = `/v1/accounts/${masterAccount}/virtual-accounts`;
    expect((await client.call('POST', master, '{')).json['code']).toBe('FORMAT_INVALID');
    const nameless = await client.call('POST', master, { request_id: 'x', reference: 'x' });
    expect(nameless).toMatchObject({ status: 400, json: { code: 'FORMAT_INVALID' } });
    expect(String(nameless.json['message'])).toContain('name');
  });

  test('money for a virtual account lies on it and on its master, and is notified', async () => {
    const before = await readAccount(masterAccount);
    const number = `${masterAccount}000001`;
    const { bank_reference } = await transfer(number, 250_000, { end_to_end_id: 'IN-1' });
    const answer = await client.call(
      'GET',
      `/v1/accounts/${masterAccount}/virtual-accounts/${number}`,
    );
    expect(answer.json).toMatchObject({ balance: 250_000, available: 250_000, state: 'open' });
    const after = await readAccount(masterAccount);
    expect(after['booked']).toBe(Number(before['booked']) + 250_000);
    const notice = await ear.hear(bank_reference);
    expect(notice.signatureIsGood).toBe(true);
    expect(textAt(notice.xml, `${ntry}/Amt`)).toBe('2500.00');
    expect(textAt(notice.xml, `${ntry}/CdtDbtInd`)).toBe('CRDT');
    const details = `${ntry}/NtryDtls/TxDtls`;
    expect(textAt(notice.xml, `${details}/Refs/EndToEndId`)).toBe('IN-1');
    expect(textAt(notice.xml, `${details}/RltdPties/CdtrAcct/Id/Othr/Id`)).toBe(number);
    expect(textAt(notice.xml, `${details}/RltdPties/DbtrAcct/Id/Othr/Id`)).toBe('6217000010001234');
    expect(textAt(notice.xml, `${details}/RmtInf/Ustrd`)).toBe('首付款');
    expect(textAt(notice.xml, 'BkToCstmrDbtCdtNtfctn/Ntfctn/Acct/Id/Othr/Id')).toBe(masterAccount);
  });

  test('the same transfer is the same booking, another one under its id is refused', async () => {
    const first = await transfer(masterAccount, 100, { end_to_end_id: 'IN-2' });
    expect(await transfer(masterAccount, 100, { end_to_end_id: 'IN-2' })).toEqual(first);
    await expect(transfer(masterAccount, 101, { end_to_end_id: 'IN-2' })).rejects.toThrow('409');
    const one = await transfer(masterAccount, 100);
    expect(await transfer(masterAccount, 100)).not.toEqual(one);
  });

  test('money for an unknown virtual number stays on the master, told as such', async () => {
    const before = await readAccount(masterAccount);
    const { bank_reference } = await transfer(`${masterAccount}999999`, 700);
    const after = await readAccount(masterAccount);
    expect(after['booked']).toBe(Number(before['booked']) + 700);
    expect(after['on_virtual_accounts']).toBe(before['on_virtual_accounts']);
    const notice = await ear.hear(bank_reference);
    const text = textAt(notice.xml, `${ntry}/NtryDtls/TxDtls/RmtInf/Ustrd`);
    expect(text).toBe(`${masterAccount}999999 首付款`);
  });

  test('a number that the bank does not have is refused with a sentence', async () => {
    await expect(transfer('1111222233334444', 1)).rejects.toThrow('the bank has no account');
    await expect(transfer(masterAccount, 0)).rejects.toThrow('400');
    await expect(transfer(masterAccount, 1.5)).rejects.toThrow('400');
  });

  test('a virtual account closes when it is empty, once and for all', async () => {
    const close = (number: string) =>
      client.call('POST', `/v1/accounts/${masterAccount}/virtual-accounts/${number}/close`);
    const full = await close(`${masterAccount}000001`);
    expect(full).toMatchObject({ status: 409, json: { code: 'VIRTUAL_ACCOUNT_NOT_EMPTY' } });
    const empty = await close(`${masterAccount}000002`);
    expect(empty).toMatchObject({ status: 200, json: { state: 'closed', balance: 0 } });
    expect((await close(`${masterAccount}000002`)).body).toBe(empty.body);
    const unknown = await close(`${masterAccount}888888`);
    expect(unknown.json['code']).toBe('VIRTUAL_ACCOUNT_UNKNOWN');
    const before = await readAccount(masterAccount);
    await transfer(`${masterAccount}000002`, 5);
    const after = await readAccount(masterAccount);
    expect(after['on_virtual_accounts']).toBe(before['on_virtual_accounts']);
    // What was answered to the opening is answered to its repetition still.
    expect((await open('r2')).json['state']).toBe('open');
  });

  test('an account cannot change hands or lie among virtual numbers', async () => {
    await enrol(bank, 'KT09').then((other) => other.close());
    const body = { name: 'x', kind: 'own', currency: 'CNY', client_id: 'KT09' };
    const open = (account: string) =>
      adminCall(bank.admin, 'POST', '/bank/accounts', { ...body, account });
    await expect(open(masterAccount)).rejects.toThrow('belongs to another client');
    await expect(open(`${masterAccount}000001`)).rejects.toThrow('virtual account');
    await expect(open(`${masterAccount}777777`)).rejects.toThrow('virtual numbers');
    await expect(open('12')).rejects.toThrow('400');
  });

  test('a notification is sent again, the same, until it is taken', async () => {
    ear.answerWith(503);
    const { bank_reference } = await transfer(masterAccount, 42);
    const first = await ear.hear(bank_reference);
    const heard = ear.received.length;
    ear.answerWith(204);
    const second = (await ear.waitFor(heard + 1)).at(heard);
    expect(second?.messageId).toBe(first.messageId);
    expect(second?.body).toBe(first.body);
    expect(second?.signatureIsGood).toBe(true);
  });

  test("the acquirer's settlement is credited in process, once per end-to-end id", async () => {
    const before = await readAccount('6225880100000002');
    const settlement = {
      account: '6225880100000002',
      amount: 8_888n,
      debtorName: '微信支付',
      remittance: 'WXSETTLE 1900000001 20310302',
      endToEndId: 'WXSETTLE 1900000001 20310302',
    };
    const first = bank.bank.credit(settlement);
    expect(bank.bank.credit(settlement)).toEqual(first);
    const after = await readAccount('6225880100000002');
    expect(after['booked']).toBe(Number(before['booked']) + 8_888);
    const lost = { ...settlement, account: '12345678', endToEndId: 'WXSETTLE 2' };
    expect(() => bank.bank.credit(lost)).toThrow('no account');
  });

  test('every notification has its own message id, and every entry was notified', async () => {
    const references = new Set<string>();
    for (const account of [masterAccount, '6225880100000002']) {
      const { entries } = await adminCall(
        bank.admin,
        'GET',
        `/bank/accounts/${account}/entries?limit=1000`,
      );
      for (const entry of Array.isArray(entries) ? entries : [])
        references.add(entry.bank_reference);
    }
    for (const reference of references) await ear.hear(reference);
    const heard = new Set(ear.received.map(({ xml }) => textAt(xml, `${ntry}/AcctSvcrRef`)));
    expect(heard).toEqual(references);
    expect(new Set(ear.received.map(({ messageId }) => messageId)).size).toBe(references.size);
  });
});
