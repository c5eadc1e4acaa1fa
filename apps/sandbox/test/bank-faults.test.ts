import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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
  textAt,
} from './bank-party.ts';

const transaction = 'CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts';

describe('faults of the bank', () => {
  let bank: BankWorld;
  let client: BankClient;
  let ear: Ear;

  const plant = (point: string, kind: string, parameters: object = {}) =>
    adminCall(bank.admin, 'POST', '/faults', { point, kind, ...parameters });
  const pay = (endToEndId: string) =>
    client.call('POST', '/v1/payments', pain001([{ endToEndId, amount: '1.00' }]));
  const advance = (duration: string) =>
    adminCall(bank.admin, 'POST', '/clock/advance', { duration });
  const statusOf = async (id: string) => {
    const { xml } = await client.call('GET', `/v1/payments/${id}`);
    return textAt(xml, `${transaction}/TxSts`);
  };
  const readPayment = (id: string) => adminCall(bank.admin, 'GET', `/bank/payments/${id}`);
  const booked = async () =>
    Number((await adminCall(bank.admin, 'GET', `/bank/accounts/${masterAccount}`))['booked']);
  const transfer = (amount: number) =>
    adminCall(bank.admin, 'POST', '/bank/transfers', {
      to_account: masterAccount,
      amount,
      debtor_name: '王五',
      debtor_account: '6217000010001234',
    });

  beforeAll(async () => {
    bank = await startBankWorld();
    await adminCall(bank.admin, 'POST', '/clock/set', { now: monday });
    ear = await openEar();
    client = await enrol(bank, 'KT01', ear);
    await adminCall(bank.admin, 'POST', '/bank/accounts', {
      client_id: 'KT01',
      account: masterAccount,
      name: '存管专户',
      kind: 'escrow_master',
      currency: 'CNY',
      opening_balance: 1_000_000,
    });
  });
  afterEach(async () => {
    await adminCall(bank.admin, 'DELETE', '/faults');
  });
  afterAll(async () => {
    await client.close();
    await bank.stop();
    await ear.close();
  });

  describe('in a request', () => {
    test('a connection lost before the effect leaves nothing behind', async () => {
      await plant('bank.request', 'timeout_before_effect', { match: { method: 'POST' } });
      await expect(pay('Q1')).rejects.toThrow();
      expect((await client.call('GET', '/v1/payments/Q1')).json['code']).toBe('PAYMENT_UNKNOWN');
    });

    test('a connection lost after the effect has paid, and the same message finds it', async () => {
      await plant('bank.request', 'timeout_after_effect', {
        match: { operation: 'POST /v1/payments' },
      });
      await expect(pay('Q2')).rejects.toThrow();
      const before = await booked();
      const again = await pay('Q2');
      expect(textAt(again.xml, `${transaction}/TxSts`)).toBe('ACTC');
      await advance('PT3S');
      expect(await booked()).toBe(before - 100);
    });

    test('an error is answered with the status and code asked for, without effect', async () => {
      await plant('bank.request', 'error', { status: 503, code: 'BUSY' });
      const answer = await pay('Q3');
      expect(answer).toMatchObject({ status: 503, json: { code: 'BUSY' }, signatureIsGood: true });
      await expect(readPayment('Q3')).rejects.toThrow('404');
    });

    test('a bad signature spoils the answer only', async () => {
      await plant('bank.request', 'bad_signature');
      expect((await pay('Q4')).signatureIsGood).toBe(false);
      expect((await pay('Q4')).signatureIsGood).toBe(true);
      expect((await readPayment('Q4'))['status']).toMatch(/^AC/);
    });

    test('a delayed answer comes all the same', async () => {
      await plant('bank.request', 'delay', { delay_ms: 30 });
      expect((await pay('Q5')).status).toBe(200);
    });

    test('a fault leaves others alone, and refused requests do not use it up', async () => {
      const path = `/v1/accounts/${masterAccount}/balance`;
      await plant('bank.request', 'error', { match: { account: masterAccount } });
      const forged = await client.call('GET', path, undefined, { 'x-bank-signature': 'AAAA' });
      expect(forged.status).toBe(401);
      expect((await pay('Q6')).status).toBe(200);
      expect((await client.call('GET', path)).status).toBe(500);
      expect((await client.call('GET', path)).status).toBe(200);
    });
  });

  describe('in a payment', () => {
    test('a refusal comes in processing and gives the held money back', async () => {
      await plant('bank.payment', 'refuse', { reason: 'AC06', match: { end_to_end_id: 'F1' } });
      // What other tests have under way shall not move the balance.
      await advance('PT3S');
      const before = await booked();
      expect(textAt((await pay('F1')).xml, `${transaction}/TxSts`)).toBe('ACTC');
      await advance('PT3S');
      const { xml } = await client.call('GET', '/v1/payments/F1');
      expect(textAt(xml, `${transaction}/TxSts`)).toBe('RJCT');
      expect(textAt(xml, `${transaction}/StsRsnInf/Rsn/Cd`)).toBe('AC06');
      const account = await adminCall(bank.admin, 'GET', `/bank/accounts/${masterAccount}`);
      expect(account).toMatchObject({ booked: before, available: before });
    });

    test('a stuck payment stays pending, then is paid by itself', async () => {
      await plant('bank.payment', 'stay_pending', { after: 'PT6H' });
      await pay('F2');
      await advance('PT5H');
      expect(await statusOf('F2')).toBe('PDNG');
      await advance('PT2H');
      expect(await statusOf('F2')).toBe('ACSC');
    });

    test('a payment stuck for ever is ended by hand, either way, once', async () => {
      await plant('bank.payment', 'stay_pending', { after: 'never', times: 2 });
      await pay('F3');
      await pay('F4');
      await advance('P2D');
      expect(await statusOf('F3')).toBe('PDNG');
      const decide = (id: string, outcome: string) =>
        adminCall(bank.admin, 'POST', `/bank/payments/${id}/decide`, { outcome });
      await decide('F3', 'pay');
      await decide('F4', 'reject');
      expect([await statusOf('F3'), await statusOf('F4')]).toEqual(['ACSC', 'RJCT']);
      await expect(decide('F3', 'reject')).rejects.toThrow('cannot be changed');
    });

    test('a payment said to be rejected is paid later nevertheless', async () => {
      await plant('bank.payment', 'say_rejected_then_pay', { after: 'PT10M' });
      await pay('F5');
      await advance('PT3S');
      const before = await booked();
      expect(await statusOf('F5')).toBe('RJCT');
      await advance('PT10M');
      expect(await statusOf('F5')).toBe('ACSC');
      expect(await booked()).toBe(before - 100);
      expect((await ear.hear((await readPayment('F5'))['bank_reference'])).body).toContain('F5');
    });

    test('a payment said to be paid is rejected later nevertheless, and moves nothing', async () => {
      const bank_reference = 'SEB0X';
      await plant('bank.payment', 'say_paid_then_reject', { after: 'PT10M', bank_reference });
      const before = await booked();
      await pay('F8');
      await advance('PT3S');
      const { xml } = await client.call('GET', '/v1/payments/F8');
      expect(textAt(xml, `${transaction}/TxSts`)).toBe('ACSC');
      expect(textAt(xml, `${transaction}/AcctSvcrRef`)).toBe('SEB0X');
      await advance('PT10M');
      expect(await statusOf('F8')).toBe('RJCT');
      expect(await readPayment('F8')).toMatchObject({ reason: 'AC04', bank_reference: null });
      const account = await adminCall(bank.admin, 'GET', `/bank/accounts/${masterAccount}`);
      expect(account).toMatchObject({ booked: before, available: before });
    });

    test('a payment to a good account is returned', async () => {
      await plant('bank.payment', 'return', { after: 'PT30M', reason: 'AC01' });
      await pay('F6');
      await advance('PT31M');
      const { return_reference } = await readPayment('F6');
      expect((await ear.hear(return_reference)).body).toContain('<Rsn><Cd>AC01</Cd></Rsn>');
    });

    test('a silent payment is paid, but its status is never answered', async () => {
      await plant('bank.payment', 'silence');
      await pay('F7');
      await advance('PT3S');
      await expect(client.call('GET', '/v1/payments/F7')).rejects.toThrow();
      await expect(client.call('GET', '/v1/payments/F7')).rejects.toThrow();
      expect((await readPayment('F7'))['status']).toBe('ACSC');
    });
  });

  describe('in a status answer', () => {
    test.each([
      ['not_found', undefined],
      ['accepted', 'ACTC'],
      ['contradict', 'RJCT'],
      ['error', undefined],
    ])('%s hides the truth once', async (kind, said) => {
      await pay(`T${kind}`);
      await advance('PT3S');
      await plant('bank.status', kind);
      const id = `T${kind}`;
      expect(await statusOf(id)).toBe(said);
      expect(await statusOf(id)).toBe('ACSC');
    });

    test('under way and refused are said as they were asked for', async () => {
      await pay('T10');
      await advance('PT3S');
      await plant('bank.status', 'accepted', { status: 'ACSP' });
      expect(await statusOf('T10')).toBe('ACSP');
      await plant('bank.status', 'contradict', { reason: 'AC04' });
      const { xml } = await client.call('GET', '/v1/payments/T10');
      expect(textAt(xml, `${transaction}/StsRsnInf/Rsn/Cd`)).toBe('AC04');
    });

    test('the truth is told as if it were of another payment', async () => {
      await pay('T11');
      await advance('PT3S');
      await plant('bank.status', 'another_payment');
      const { xml } = await client.call('GET', '/v1/payments/T11');
      expect(textAt(xml, `${transaction}/OrgnlEndToEndId`)).not.toBe('T11');
      expect(textAt(xml, `${transaction}/TxSts`)).toBe('ACSC');
    });

    test('a refused payment is contradicted as paid', async () => {
      await client.call(
        'POST',
        '/v1/payments',
        pain001([{ endToEndId: 'T9', amount: '1.00', payee: '60000' }]),
      );
      await plant('bank.status', 'contradict');
      expect(await statusOf('T9')).toBe('ACSC');
      expect(await statusOf('T9')).toBe('RJCT');
    });
  });

  describe('in a notification', () => {
    test('a dropped one never comes, while the entry stands', async () => {
      await plant('bank.notify', 'drop');
      const dropped = await transfer(11);
      const next = await transfer(12);
      await ear.hear(next['bank_reference']);
      const heard = ear.received.map(({ bankReference }) => bankReference);
      expect(heard).not.toContain(dropped['bank_reference']);
    });

    test('a duplicated one comes twice with the same message id', async () => {
      await plant('bank.notify', 'duplicate');
      const { bank_reference } = await transfer(13);
      const [first, second] = await ear.hearAll(bank_reference, 2);
      expect(second?.messageId).toBe(first?.messageId);
    });

    test("a delayed one comes after its delay in the world's time", async () => {
      await plant('bank.notify', 'delay', { delay_ms: 3_600_000 });
      const late = await transfer(14);
      const next = await transfer(15);
      await ear.hear(next['bank_reference']);
      expect(ear.received.some((each) => each.bankReference === late['bank_reference'])).toBe(
        false,
      );
      await advance('PT61M');
      await ear.hear(late['bank_reference']);
    });

    test('one can tell another amount than was booked', async () => {
      await plant('bank.notify', 'change_amount', { by: 5 });
      const before = await booked();
      const { bank_reference } = await transfer(18);
      expect((await ear.hear(bank_reference)).body).toContain('>0.23</Amt>');
      expect(await booked()).toBe(before + 18);
    });

    test('a badly signed one can be told', async () => {
      await plant('bank.notify', 'bad_signature');
      const { bank_reference } = await transfer(16);
      expect((await ear.hear(bank_reference)).signatureIsGood).toBe(false);
    });

    test('an early one arrives before the answer to the transfer that caused it', async () => {
      await plant('bank.notify', 'early', { match: { kind: 'incoming' } });
      const { bank_reference } = await transfer(17);
      expect(ear.received.map((each) => each.bankReference)).toContain(bank_reference);
    });

    test('an early one arrives before the answer to the payment that caused it', async () => {
      await plant('bank.notify', 'early', { match: { end_to_end_id: 'N1' } });
      const heardBefore = ear.received.length;
      const answer = await pay('N1');
      // No waiting: it must have arrived when the answer has.
      const early = ear.received.slice(heardBefore).find(({ body }) => body.includes('N1'));
      expect(early).toMatchObject({ signatureIsGood: true });
      expect(textAt(answer.xml, `${transaction}/TxSts`)).toBe('ACTC');
      expect(await statusOf('N1')).toBe('ACSC');
    });
  });

  test('closing a virtual account is refused once', async () => {
    const base = `/v1/accounts/${masterAccount}/virtual-accounts`;
    const body = { request_id: 'c1', name: 'x', reference: 'x' };
    const { json } = await client.call('POST', base, body);
    const close = () => client.call('POST', `${base}/${json['virtual_account']}/close`);
    await plant('bank.close_virtual_account', 'refuse');
    expect((await close()).json['code']).toBe('CLOSE_REFUSED');
    expect((await close()).json['state']).toBe('closed');
  });

  test('an unknown point, kind or parameter is refused with what there is', async () => {
    await expect(plant('bank.nothing', 'drop')).rejects.toThrow('bank.notify');
    await expect(plant('bank.notify', 'explode')).rejects.toThrow('duplicate');
    await expect(plant('bank.payment', 'refuse', { because: 'x' })).rejects.toThrow('reason');
  });

  test('after all this trouble the entries still sum to the balance', async () => {
    const url = `/bank/accounts/${masterAccount}/entries`;
    const { totals } = await adminCall(bank.admin, 'GET', url);
    expect(totals).toMatchObject({ net: await booked() });
  });
});
