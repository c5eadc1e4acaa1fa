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
  pain001,
  startBankWorld,
  type TransferFields,
  textAt,
} from './bank-party.ts';

const group = 'CstmrPmtStsRpt/OrgnlGrpInfAndSts';
const transaction = 'CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts';
const tx = 'BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls';

describe('payments', () => {
  let bank: BankWorld;
  let client: BankClient;
  let ear: Ear;
  let virtual: string;
  const own = '6225880100000002';

  const pay = (transfers: TransferFields[], fields = {}) =>
    client.call('POST', '/v1/payments', pain001(transfers, fields));
  const statusOf = async (id: string) => {
    const { xml } = await client.call('GET', `/v1/payments/${id}`);
    return textAt(xml, `${transaction}/TxSts`);
  };
  const advance = (duration: string) =>
    adminCall(bank.admin, 'POST', '/clock/advance', { duration });
  const readAccount = (account: string) =>
    adminCall(bank.admin, 'GET', `/bank/accounts/${account}`);
  const readPayment = (id: string) => adminCall(bank.admin, 'GET', `/bank/payments/${id}`);

  beforeAll(async () => {
    bank = await startBankWorld();
    await adminCall(bank.admin, 'POST', '/clock/set', { now: monday });
    ear = await openEar();
    client = await enrol(bank, 'KT01', ear);
    const body = { client_id: 'KT01', name: '户', currency: 'CNY' };
    await adminCall(bank.admin, 'POST', '/bank/accounts', {
      ...body,
      account: masterAccount,
      kind: 'escrow_master',
      opening_balance: 100_000_000,
    });
    await adminCall(bank.admin, 'POST', '/bank/accounts', { ...body, account: own, kind: 'own' });
    const opened = await client.call('POST', `/v1/accounts/${masterAccount}/virtual-accounts`, {
      request_id: 'r1',
      name: '购房人',
      reference: 'deal 1',
    });
    virtual = String(opened.json['virtual_account']);
    await adminCall(bank.admin, 'POST', '/bank/transfers', {
      to_account: virtual,
      amount: 10_000,
      debtor_name: '王五',
      debtor_account: '6217000010001234',
    });
  });
  afterAll(async () => {
    await client.close();
    await bank.stop();
    await ear.close();
  });

  test('a payment is taken in, held, debited after two seconds and notified', async () => {
    const before = await readAccount(masterAccount);
    const answer = await pay([{ endToEndId: 'P1', amount: '12.34', remittance: '佣金' }]);
    expect(answer).toMatchObject({ status: 200, signatureIsGood: true });
    expect(textAt(answer.xml, `${group}/GrpSts`)).toBe('ACTC');
    expect(textAt(answer.xml, `${transaction}/OrgnlEndToEndId`)).toBe('P1');
    expect(textAt(answer.xml, `${transaction}/TxSts`)).toBe('ACTC');
    const held = await readAccount(masterAccount);
    expect(held['booked']).toBe(before['booked']);
    expect(held['available']).toBe(Number(before['available']) - 1_234);
    await advance('PT1S');
    expect(await statusOf('P1')).toMatch(/ACSP|ACSC/);
    await advance('PT1S');
    const status = await client.call('GET', '/v1/payments/P1');
    expect(textAt(status.xml, `${transaction}/TxSts`)).toBe('ACSC');
    const reference = textAt(status.xml, `${transaction}/AcctSvcrRef`);
    const after = await readAccount(masterAccount);
    expect(after['booked']).toBe(Number(before['booked']) - 1_234);
    expect(after['available']).toBe(Number(before['available']) - 1_234);
    const notice = await ear.hear(reference);
    expect(notice.signatureIsGood).toBe(true);
    expect(textAt(notice.xml, `${tx}/Refs/EndToEndId`)).toBe('P1');
    expect(textAt(notice.xml, `${tx}/CdtDbtInd`)).toBe('DBIT');
    expect(textAt(notice.xml, `${tx}/RltdPties/CdtrAcct/Id/Othr/Id`)).toBe('6222020200112233');
    expect(textAt(notice.xml, `${tx}/RltdAgts/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId`)).toBe(
      '102100099996',
    );
  });

  test('the same message again gives the same bytes and pays once', async () => {
    const body = pain001([{ endToEndId: 'P2', amount: '1.00' }], { messageId: 'M2' });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => client.call('POST', '/v1/payments', body)),
    );
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    const before = await readAccount(masterAccount);
    await advance('PT3S');
    expect((await client.call('POST', '/v1/payments', body)).body).toBe(answers[0]?.body);
    const after = await readAccount(masterAccount);
    expect(after['booked']).toBe(Number(before['booked']) - 100);
  });

  test('another message under the same message id is refused with DU01', async () => {
    const answer = await pay([{ endToEndId: 'P2b', amount: '1.00' }], { messageId: 'M2' });
    expect(textAt(answer.xml, `${group}/GrpSts`)).toBe('RJCT');
    expect(textAt(answer.xml, `${group}/StsRsnInf/Rsn/Cd`)).toBe('DU01');
    expect((await client.call('GET', '/v1/payments/P2b')).json['code']).toBe('PAYMENT_UNKNOWN');
  });

  test('an end-to-end id stands for one payment for ever', async () => {
    const same = await pay([{ endToEndId: 'P2', amount: '1.00' }], { messageId: 'M3' });
    expect(textAt(same.xml, `${transaction}/TxSts`)).toBe('ACSC');
    const other = await pay([{ endToEndId: 'P2', amount: '2.00' }], { messageId: 'M4' });
    expect(textAt(other.xml, `${group}/GrpSts`)).toBe('RJCT');
    expect(textAt(other.xml, `${transaction}/StsRsnInf/Rsn/Cd`)).toBe('AM05');
    expect(await statusOf('P2')).toBe('ACSC');
    const twice = await pay([
      { endToEndId: 'P3', amount: '1.00' },
      { endToEndId: 'P3', amount: '1.00' },
    ]);
    expect(textAt(twice.xml, `${group}/StsRsnInf/Rsn/Cd`)).toBe('AM05');
    expect((await client.call('GET', '/v1/payments/P3')).status).toBe(404);
  });

  test('another client may use the same end-to-end id', async () => {
    const other = await enrol(bank, 'KT02');
    expect((await other.call('GET', '/v1/payments/P2')).json['code']).toBe('PAYMENT_UNKNOWN');
    const answer = await other.call(
      'POST',
      '/v1/payments',
      pain001([{ endToEndId: 'P2', amount: '1.00' }]),
    );
    expect(textAt(answer.xml, `${transaction}/StsRsnInf/Rsn/Cd`)).toBe('AC02');
    await other.close();
  });

  test.each<[string, Partial<TransferFields>, object, string]>([
    ['a payee account that does not exist', { payee: '6222020200110000' }, {}, 'AC01'],
    ["a payer account that is not the client's", {}, { debtorAccount: '6225880199999999' }, 'AC02'],
    ['a virtual account that is not there', { virtualAccount: '622588' }, {}, 'AC02'],
    ['more money than there is', { amount: '99999999.00' }, {}, 'AM04'],
    ['a missing CNAPS code', { cnaps: null }, {}, 'RC01'],
    ['a CNAPS code that is none', { cnaps: '12' }, {}, 'RC01'],
    ['another currency', { currency: 'USD' }, {}, 'AM03'],
    ['the payer as payee', { payee: masterAccount }, {}, 'AC01'],
    ['a day in the far future', {}, { executionDate: '2032-03-03' }, 'DT01'],
  ])('%s is refused with its reason, and stays refused', async (what, change, fields, code) => {
    const before = await readAccount(masterAccount);
    const transfer = {
      endToEndId: `R ${what}`.slice(0, 25).replaceAll(' ', '-'),
      amount: '1.00',
      ...change,
    };
    const answer = await pay([transfer], fields);
    expect(textAt(answer.xml, `${group}/GrpSts`)).toBe('RJCT');
    expect(textAt(answer.xml, `${group}/StsRsnInf/Rsn/Cd`)).toBe(code);
    expect(textAt(answer.xml, `${transaction}/StsRsnInf/Rsn/Cd`)).toBe(code);
    const id = encodeURIComponent(transfer.endToEndId);
    expect(await statusOf(id)).toBe('RJCT');
    expect((await readAccount(masterAccount))['available']).toBe(before['available']);
  });

  test('a message that breaks the schema is refused with FF01 and leaves no trace', async () => {
    const answer = await pay([{ endToEndId: 'F1', amount: '1.00' }], { numberOfTransactions: '3' });
    expect(answer.status).toBe(200);
    expect(textAt(answer.xml, `${group}/GrpSts`)).toBe('RJCT');
    expect(textAt(answer.xml, `${group}/StsRsnInf/Rsn/Cd`)).toBe('FF01');
    expect((await client.call('GET', '/v1/payments/F1')).status).toBe(404);
  });

  test('a body in another encoding is refused, since its names would change', async () => {
    const order = pain001([{ endToEndId: 'G1', amount: '1.00', payeeName: 'Z' }]);
    const [head = '', tail = ''] = order.split('<Nm>Z<');
    // "张三" in GBK.
    const name = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]);
    const body = Buffer.concat([Buffer.from(`${head}<Nm>`), name, Buffer.from(`<${tail}`)]);
    const answer = await client.call('POST', '/v1/payments', body);
    expect(answer).toMatchObject({ status: 400, json: { code: 'FORMAT_INVALID' } });
  });

  test('in a message of several, the good ones go and the bad ones are told', async () => {
    const answer = await pay([
      { endToEndId: 'S1', amount: '1.00' },
      { endToEndId: 'S2', amount: '1.00', payee: '10000' },
    ]);
    expect(textAt(answer.xml, `${group}/GrpSts`)).toBe('PART');
    await advance('PT3S');
    expect(await statusOf('S1')).toBe('ACSC');
    expect(await statusOf('S2')).toBe('RJCT');
  });

  test('a virtual account pays what lies on it and not a fen more', async () => {
    const more = await pay([{ endToEndId: 'V1', amount: '100.01', virtualAccount: virtual }]);
    expect(textAt(more.xml, `${transaction}/StsRsnInf/Rsn/Cd`)).toBe('AM04');
    const both = await pay([
      { endToEndId: 'V2', amount: '60.00', virtualAccount: virtual },
      { endToEndId: 'V3', amount: '60.00', virtualAccount: virtual },
    ]);
    expect(textAt(both.xml, `${group}/GrpSts`)).toBe('PART');
    await advance('PT3S');
    expect(await readAccount(virtual)).toMatchObject({ booked: 4_000, available: 4_000 });
    const { bank_reference } = await readPayment('V2');
    const notice = await ear.hear(bank_reference);
    expect(textAt(notice.xml, `${tx}/RltdPties/DbtrAcct/Id/Othr/Id`)).toBe(virtual);
    expect(textAt(notice.xml, `${tx}/Refs/Prtry/Ref`)).toBe(virtual);
  });

  test('a payee at the same bank is credited in the same moment', async () => {
    const before = await readAccount(own);
    await pay([{ endToEndId: 'I1', amount: '5.00', payee: own, cnaps: null }]);
    await advance('PT3S');
    expect((await readAccount(own))['booked']).toBe(Number(before['booked']) + 500);
    const back = await pay([{ endToEndId: 'I2', amount: '2.00', payee: virtual }], {
      debtorAccount: own,
    });
    expect(textAt(back.xml, `${group}/GrpSts`)).toBe('ACTC');
    await advance('PT3S');
    expect(await readAccount(virtual)).toMatchObject({ booked: 4_200 });
  });

  test('a large payment waits for the opening, a small one does not', async () => {
    await adminCall(bank.admin, 'POST', '/clock/set', { now: '2031-03-07T17:30:00+08:00' });
    const large = await pay([{ endToEndId: 'L1', amount: '50000.01' }]);
    expect(textAt(large.xml, `${transaction}/TxSts`)).toBe('ACTC');
    await pay([{ endToEndId: 'L2', amount: '50000.00' }]);
    await advance('PT3S');
    expect(await statusOf('L1')).toBe('PDNG');
    expect(await statusOf('L2')).toBe('ACSC');
    await adminCall(bank.admin, 'POST', '/clock/set', { now: '2031-03-10T08:59:59+08:00' });
    expect(await statusOf('L1')).toBe('PDNG');
    await advance('PT3S');
    expect(await statusOf('L1')).toBe('ACSC');
    expect((await readPayment('L1'))['settled_at']).toBe('2031-03-10T09:00:01+08:00');
  });

  test('a payment for a later day waits for it', async () => {
    await pay([{ endToEndId: 'D1', amount: '1.00' }], { executionDate: '2031-03-12' });
    expect(await statusOf('D1')).toBe('PDNG');
    await adminCall(bank.admin, 'POST', '/clock/set', { now: '2031-03-12T00:00:05+08:00' });
    expect(await statusOf('D1')).toBe('ACSC');
  });

  test('money for an account ending in 9999 comes back after two hours', async () => {
    await pay([
      { endToEndId: 'B1', amount: '3.00', payee: '6222020200119999', virtualAccount: virtual },
    ]);
    await advance('PT3S');
    const paid = await readPayment('B1');
    expect(paid).toMatchObject({ status: 'ACSC', return_reference: null });
    const before = await readAccount(virtual);
    await advance('PT1H59M');
    expect((await readPayment('B1'))['return_reference']).toBeNull();
    await advance('PT2M');
    const returned = await readPayment('B1');
    expect((await readAccount(virtual))['booked']).toBe(Number(before['booked']) + 300);
    const notice = await ear.hear(returned['return_reference']);
    expect(textAt(notice.xml, `${tx}/CdtDbtInd`)).toBe('CRDT');
    expect(textAt(notice.xml, `${tx}/RtrInf/Rsn/Cd`)).toBe('AC04');
    expect(textAt(notice.xml, `${tx}/Refs/EndToEndId`)).toBe('B1');
    expect(notice.body).toContain(String(paid['bank_reference']));
    expect(await statusOf('B1')).toBe('ACSC');
  });

  test('a payment that the bank never got is unknown', async () => {
    const answer = await client.call('GET', '/v1/payments/NEVER');
    expect(answer).toMatchObject({ status: 404, json: { code: 'PAYMENT_UNKNOWN' } });
  });

  test('all entries sum to the balance, and nothing is held at the end', async () => {
    for (const account of [masterAccount, own]) {
      const { totals } = await adminCall(bank.admin, 'GET', `/bank/accounts/${account}/entries`);
      const read = await readAccount(account);
      expect(totals).toMatchObject({ net: read['booked'] });
      expect(read['available']).toBe(read['booked']);
    }
  });
});
