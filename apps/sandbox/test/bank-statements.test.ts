import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseYuan } from '../src/bank/fen.ts';
import type { XmlElement } from '../src/bank/xml/read.ts';
import {
  adminCall,
  allAt,
  type BankClient,
  type BankWorld,
  enrol,
  masterAccount,
  monday,
  pain001,
  startBankWorld,
  textAt,
} from './bank-party.ts';

const stmt = 'BkToCstmrStmt/Stmt';

/** What a statement says, in fen. */
export function readStatement(xml: XmlElement) {
  const fen = (element: XmlElement | undefined) => {
    const amount = parseYuan(textAt(element, 'Amt') ?? '') ?? 0n;
    return textAt(element, 'CdtDbtInd') === 'DBIT' ? -amount : amount;
  };
  const balance = (code: string) =>
    fen(allAt(xml, `${stmt}/Bal`).find((each) => textAt(each, 'Tp/CdOrPrtry/Cd') === code));
  const entries = allAt(xml, `${stmt}/Ntry`);
  const amounts = entries.map(fen);
  return {
    opening: balance('OPBD'),
    closing: balance('CLBD'),
    amounts,
    sum: amounts.reduce((total, amount) => total + amount, 0n),
    references: entries.map((each) => textAt(each, 'AcctSvcrRef')),
    sequence: textAt(xml, `${stmt}/LglSeqNb`),
    count: textAt(xml, `${stmt}/TxsSummry/TtlNtries/NbOfNtries`),
  };
}

describe('statements', () => {
  let bank: BankWorld;
  let client: BankClient;

  const ask = (day: string, account = masterAccount) =>
    client.call('GET', `/v1/statements/${account}/${day}`);
  const setClock = (now: string) => adminCall(bank.admin, 'POST', '/clock/set', { now });
  const transfer = (amount: number) =>
    adminCall(bank.admin, 'POST', '/bank/transfers', {
      to_account: masterAccount,
      amount,
      debtor_name: '王五',
      debtor_account: '6217000010001234',
    });
  const plant = (kind: string, parameters: object = {}) =>
    adminCall(bank.admin, 'POST', '/faults', { point: 'bank.statement', kind, ...parameters });

  beforeAll(async () => {
    bank = await startBankWorld();
    await setClock(monday);
    client = await enrol(bank, 'KT01');
    await adminCall(bank.admin, 'POST', '/bank/accounts', {
      client_id: 'KT01',
      account: masterAccount,
      name: '存管专户',
      kind: 'escrow_master',
      currency: 'CNY',
      opening_balance: 500_000,
    });
    await transfer(1_234);
    await transfer(766);
    const order = pain001([{ endToEndId: 'S1', amount: '10.50', payee: '6222020200119999' }]);
    await client.call('POST', '/v1/payments', order);
  });
  afterAll(async () => {
    await client.close();
    await bank.stop();
  });

  test("a day's statement is not ready before 00:30 of the next", async () => {
    expect((await ask('2031-03-03')).json['code']).toBe('STATEMENT_NOT_READY');
    await setClock('2031-03-04T00:29:30+08:00');
    const early = await ask('2031-03-03');
    expect(early).toMatchObject({ status: 404, json: { code: 'STATEMENT_NOT_READY' } });
    expect(early.json['message']).toContain('2031-03-04 00:30');
    await setClock('2031-03-04T00:30:00+08:00');
    expect((await ask('2031-03-03')).status).toBe(200);
  });

  test('opening plus entries is closing, and all entries are there', async () => {
    const answer = await ask('2031-03-03');
    expect(answer.signatureIsGood).toBe(true);
    const statement = readStatement(answer.xml);
    expect(statement).toMatchObject({ opening: 0n, sequence: '1', count: '5' });
    // Opening balance, two transfers, a payment and its return two hours later.
    expect(statement.amounts).toEqual([500_000n, 1_234n, 766n, -1_050n, 1_050n]);
    expect(statement.closing).toBe(502_000n);
    const url = `/bank/accounts/${masterAccount}/entries?date=2031-03-03`;
    const { entries } = await adminCall(bank.admin, 'GET', url);
    const references = Array.isArray(entries) ? entries.map((each) => each.bank_reference) : [];
    expect(statement.references).toEqual(references);
    expect(answer.body).toContain('<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>');
  });

  test('what was asked for once is given again, byte by byte', async () => {
    const first = await ask('2031-03-03');
    await setClock('2031-03-05T12:00:00+08:00');
    await transfer(1);
    expect((await ask('2031-03-03')).body).toBe(first.body);
  });

  test('a day without entries has a statement with none, that goes on from the last', async () => {
    const statement = readStatement((await ask('2031-03-04')).xml);
    expect(statement).toMatchObject({
      opening: 502_000n,
      closing: 502_000n,
      amounts: [],
      count: '0',
    });
    expect(statement.sequence).toBe('2');
  });

  test('days follow each other without a gap over weeks, weekends included', async () => {
    await setClock('2031-03-20T00:30:00+08:00');
    let closing = 502_000n;
    let day = Temporal.PlainDate.from('2031-03-04');
    while (day.toString() !== '2031-03-20') {
      const statement = readStatement((await ask(day.toString())).xml);
      expect(statement.opening).toBe(closing);
      expect(statement.opening + statement.sum).toBe(statement.closing);
      closing = statement.closing;
      day = day.add({ days: 1 });
    }
    expect(closing).toBe(502_001n);
  });

  test('a day before the account, and what is no day, are refused', async () => {
    expect((await ask('2031-03-02')).json['code']).toBe('STATEMENT_UNKNOWN');
    expect((await ask('2031-02-30')).json['code']).toBe('FORMAT_INVALID');
    expect((await ask('2031-03-03', '6225880100000009')).json['code']).toBe('ACCOUNT_UNKNOWN');
  });

  test('an issued statement stays true when work of its day runs late', async () => {
    await setClock('2031-03-21T00:30:00+08:00');
    const issued = readStatement((await ask('2031-03-20')).xml);
    const late = Temporal.Instant.from('2031-03-20T23:59:00+08:00');
    const transfer = { account: masterAccount, amount: 7n, debtorName: 'x', remittance: '' };
    bank.bank.credit(transfer, late);
    await setClock('2031-03-22T00:30:00+08:00');
    const next = readStatement((await ask('2031-03-21')).xml);
    expect(next.opening).toBe(issued.closing);
    expect(next.amounts).toEqual([7n]);
  });

  describe('with a fault', () => {
    /** Three entries on a day of its own, and its statement issued with the fault. */
    async function issueWith(kind: string, parameters: object = {}) {
      for (const amount of [100, 200, 300]) await transfer(amount);
      const day = bank.world.clock.now().toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
      await setClock(`${day.add({ days: 1 })}T00:30:00+08:00`);
      await plant(kind, parameters);
      const answer = await ask(day.toString());
      return { day: day.toString(), answer, statement: readStatement(answer.xml) };
    }
    const gap = ({ opening, sum, closing }: ReturnType<typeof readStatement>) =>
      closing - opening - sum;

    test('an entry is missing, until the bank withdraws the statement', async () => {
      const { day, answer, statement } = await issueWith('drop_entry', { index: 1 });
      expect(statement.amounts).toEqual([100n, 300n]);
      expect(gap(statement)).toBe(200n);
      expect((await ask(day)).body).toBe(answer.body);
      const path = `/bank/statements/${masterAccount}/${day}`;
      expect(await adminCall(bank.admin, 'GET', path)).toMatchObject({ fault: 'drop_entry' });
      await adminCall(bank.admin, 'DELETE', path);
      const corrected = readStatement((await ask(day)).xml);
      expect(corrected.amounts).toEqual([100n, 200n, 300n]);
      expect(gap(corrected)).toBe(0n);
    });

    test('an amount is changed', async () => {
      const { statement } = await issueWith('change_amount', { by: 5 });
      expect(statement.amounts).toEqual([105n, 200n, 300n]);
      expect(gap(statement)).toBe(-5n);
    });

    test('an entry stands there twice', async () => {
      const { statement } = await issueWith('duplicate_entry', { index: 2 });
      expect(statement.amounts).toEqual([100n, 200n, 300n, 300n]);
      expect(new Set(statement.references).size).toBe(3);
    });

    test('an entry is invented', async () => {
      const { statement } = await issueWith('extra_entry', { amount: -999 });
      expect(statement.amounts).toEqual([100n, 200n, 300n, -999n]);
      expect(gap(statement)).toBe(999n);
    });

    test('the closing balance is wrong', async () => {
      const { statement } = await issueWith('wrong_balance', { by: -1 });
      expect(gap(statement)).toBe(-1n);
    });

    test('the statement is late, then true', async () => {
      const { day, answer } = await issueWith('not_ready');
      expect(answer).toMatchObject({ status: 404, json: { code: 'STATEMENT_NOT_READY' } });
      expect(gap(readStatement((await ask(day)).xml))).toBe(0n);
    });
  });
});
