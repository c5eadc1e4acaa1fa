import { createHash, generateKeyPairSync } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolMerchant, type SignedAnswer, type TestMerchant } from './merchant.ts';
import { type NotifyReceiver, startNotifyReceiver } from './notify-receiver.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

let sandbox: SandboxProcess;
let receiver: NotifyReceiver;
let merchant: TestMerchant;
let day: Temporal.PlainDate;

const zone = 'Asia/Shanghai';
const account = '6225880000000100001';

/** Moves the world to a wall-clock time so many days after the first day of the story. */
async function moveTo(days: number, time: string): Promise<void> {
  const instant = day
    .add({ days })
    .toZonedDateTime({ timeZone: zone, plainTime: time })
    .toInstant();
  const moved = await sandbox.call('POST', '/clock/set', { now: instant.toString() });
  expect(moved.status).toBe(200);
}

async function download(path: string): Promise<{ lines: string[]; answer: SignedAnswer }> {
  const bill = await merchant.send('GET', path);
  expect(bill.status).toBe(200);
  const { pathname, search } = new URL(String(bill.body['download_url']));
  const answer = await merchant.send('GET', `${pathname}${search}`);
  const sha1 = createHash('sha1').update(answer.text, 'utf8').digest('hex');
  expect(bill.body).toMatchObject({ hash_type: 'SHA1', hash_value: sha1 });
  return { lines: answer.text.replace('\ufeff', '').trimEnd().split('\r\n'), answer };
}

/** The settlements of the story's days, the newest first. */
async function settlements(): Promise<{ day: string }[]> {
  const answer = await sandbox.call('GET', `/acquirer/settlements?mchid=${merchant.mchid}`);
  const list: { day: string }[] = JSON.parse(JSON.stringify(answer.body['settlements']));
  return list.filter((each) => each.day >= day.toString());
}

async function bookedAtBank(): Promise<unknown> {
  const answer = await sandbox.call('GET', `/bank/accounts/${account}`);
  return answer.body['booked'];
}

beforeAll(async () => {
  sandbox = await startSandbox();
  receiver = await startNotifyReceiver();
  merchant = await enrolMerchant(sandbox, { notifyUrl: receiver.url, settlementAccount: account });
  await enrolBankAccount();
  const clock = await sandbox.call('GET', '/clock');
  const now = Temporal.Instant.from(String(clock.body['now'])).toZonedDateTimeISO(zone);
  day = now.toPlainDate().add({ days: 1 });
  await moveTo(0, '12:00');
});

afterAll(async () => {
  await receiver.close();
  await sandbox.stop();
});

async function enrolBankAccount(): Promise<void> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const client = await sandbox.call('POST', '/bank/clients', {
    ...{ client_id: 'KT01', name: 'Keyturn', notify_url: null },
    public_key_pem: publicKey.export({ type: 'spki', format: 'pem' }),
  });
  expect(client.status).toBeLessThan(300);
  const opened = await sandbox.call('POST', '/bank/accounts', {
    ...{ client_id: 'KT01', account, name: 'Keyturn reserve', kind: 'reserve', currency: 'CNY' },
    opening_balance: 0,
  });
  expect(opened.status).toBeLessThan(300);
}

describe('a merchant’s days, in order', () => {
  it('first: payments and a refund are settled the next morning, net of fees', async () => {
    await merchant.paidOrder('SETTLE0001', 12_345);
    await merchant.paidOrder('SETTLE0002', 100_000);
    await merchant.prepay('SETTLE0003', 77_777);
    await merchant.refund('SETTLE0001', 'SETTLE0001R', 2_345, 12_345);
    await moveTo(1, '08:59');
    expect(await bookedAtBank()).toBe(0);
    await moveTo(1, '09:00');
    // 12,345 at 60 bps is 74.07, so 74; 600 for the other; 2,345 of 12,345 give 14.06 back, so 14.
    const net = 12_345 + 100_000 - 2_345 - (74 + 600 - 14);
    expect(await settlements()).toMatchObject([
      { day: day.toString(), gross: 112_345, refunds: 2_345, fees: 660, paid: net, carried_out: 0 },
    ]);
    expect(await bookedAtBank()).toBe(net);
    const digits = day.toString().replaceAll('-', '');
    const today = day.add({ days: 1 }).toString();
    const entries = await sandbox.call('GET', `/bank/accounts/${account}/entries?date=${today}`);
    expect(JSON.stringify(entries.body)).toContain(`WXSETTLE ${merchant.mchid} ${digits}`);
  });

  it('then: the trade bill of the day agrees with it from ten o’clock on', async () => {
    const path = `/v3/bill/tradebill?bill_date=${day}`;
    const early = await merchant.send('GET', path);
    expect(early.body).toMatchObject({ code: 'NO_STATEMENT_EXIST' });
    await moveTo(1, '10:00');
    const { lines, answer } = await download(path);
    expect(answer.isSigned).toBe(true);
    expect(lines).toHaveLength(6);
    expect(lines.filter((line) => line.includes('`SUCCESS,`OTHERS'))).toHaveLength(2);
    const refund = lines.find((line) => line.includes('`REFUND,'));
    expect(refund).toContain('`SETTLE0001R,`23.45,`0.00,`ORIGINAL,`SUCCESS,');
    expect(refund).toContain('`-0.14000,`0.60%,`0.00,`23.45,`');
    expect(lines.at(-1)).toBe('`3,`1123.45,`23.45,`0.00,`6.60000,`1123.45,`23.45');
    expect((await download(path)).answer.text).toBe(answer.text);
  });

  it('and by type, packed when asked', async () => {
    const success = await download(`/v3/bill/tradebill?bill_date=${day}&bill_type=SUCCESS`);
    expect(success.lines[0]?.split(',')).toHaveLength(20);
    expect(success.lines).toHaveLength(5);
    const refund = await download(`/v3/bill/tradebill?bill_date=${day}&bill_type=REFUND`);
    expect(refund.lines[0]?.split(',')).toHaveLength(29);
    expect(refund.lines).toHaveLength(4);
    const bill = await merchant.send('GET', `/v3/bill/tradebill?bill_date=${day}&tar_type=GZIP`);
    const { pathname, search } = new URL(String(bill.body['download_url']));
    const packed = await merchant.sendForBytes(`${pathname}${search}`);
    const sha1 = createHash('sha1').update(gunzipSync(packed)).digest('hex');
    expect(bill.body['hash_value']).toBe(sha1);
  });

  it('and the fund-flow bill shows the balance after each movement', async () => {
    const { lines } = await download(`/v3/bill/fundflowbill?bill_date=${day}`);
    const rows = lines.slice(1, -2).map((line) => line.split(',').map((cell) => cell.slice(1)));
    expect(rows.map((row) => row[4])).toEqual([
      ...['交易', '扣除交易手续费', '交易', '扣除交易手续费', '退款', '退还交易手续费'],
    ]);
    const balances = rows.map((row) => row[7]);
    expect(balances).toEqual(['123.45', '122.71', '1122.71', '1116.71', '1093.26', '1093.40']);
    expect(lines.at(-1)).toBe('`6,`3,`1123.59,`3,`30.19');
  });

  it('a day on which more was given back than came in is carried over', async () => {
    await merchant.refund('SETTLE0002', 'SETTLE0002R', 50_000, 100_000);
    const before = await bookedAtBank();
    await moveTo(2, '09:00');
    const [second] = await settlements();
    expect(second).toMatchObject({ refunds: 50_000, fees: -300, paid: 0, carried_out: -49_700 });
    expect(await bookedAtBank()).toBe(before);
    await merchant.paidOrder('SETTLE0004', 60_000);
    await moveTo(3, '09:00');
    const [third] = await settlements();
    expect(third).toMatchObject({ carried_in: -49_700, gross: 60_000, fees: 360, paid: 9_940 });
    expect(await bookedAtBank()).toBe(Number(before) + 9_940);
    const merchants = await sandbox.call('GET', '/acquirer/merchants');
    expect(merchants.body['merchants']).toMatchObject([{ unsettled: 0 }]);
  });

  it('a skipped settlement is paid a day later; a short one stays short', async () => {
    await merchant.paidOrder('SETTLE0005', 10_000);
    await sandbox.call('POST', '/faults', { point: 'acquirer.settle', kind: 'skip' });
    await moveTo(4, '09:00');
    expect((await settlements())[0]).toMatchObject({ paid: 0, carried_out: 9_940 });
    const fault = { point: 'acquirer.settle', kind: 'short', amount: 40 };
    expect((await sandbox.call('POST', '/faults', fault)).status).toBe(201);
    await moveTo(5, '09:00');
    expect((await settlements())[0]).toMatchObject({
      ...{ carried_in: 9_940, paid: 9_900, withheld: 40, carried_out: 0 },
    });
  });

  it('a month passes in one step, with a settlement for each day', async () => {
    await moveTo(35, '12:00');
    const days = await settlements();
    expect(days).toHaveLength(35);
    expect(days[0]).toMatchObject({ day: day.add({ days: 34 }).toString(), paid: 0 });
  });

  it('a day without movement has no bill', async () => {
    const answer = await merchant.send(
      'GET',
      `/v3/bill/tradebill?bill_date=${day.add({ days: 9 })}`,
    );
    expect(answer.body).toMatchObject({ code: 'NO_STATEMENT_EXIST' });
    const wrong = await merchant.send('GET', '/v3/bill/tradebill?bill_date=2026-3-1');
    expect(wrong.body).toMatchObject({ code: 'PARAM_ERROR' });
    const type = await merchant.send('GET', `/v3/bill/tradebill?bill_date=${day}&bill_type=X`);
    expect(type.body).toMatchObject({ code: 'PARAM_ERROR' });
  });
});

describe('a bill that lies', () => {
  async function lyingBill(name: string, fault: Record<string, unknown>) {
    const other = await enrolMerchant(sandbox, { mchid: name, notifyUrl: receiver.url });
    await other.paidOrder('TRUTH00001', 1_000);
    await other.paidOrder('TRUTH00002', 2_000);
    const clock = await sandbox.call('GET', '/clock');
    const today = Temporal.Instant.from(String(clock.body['now'])).toZonedDateTimeISO(zone);
    await sandbox.call('POST', '/clock/advance', { duration: 'P1D' });
    await sandbox.call('POST', '/faults', {
      ...{ point: 'acquirer.bill', match: { mchid: name, bill_type: 'ALL' } },
      ...fault,
    });
    const path = `/v3/bill/tradebill?bill_date=${today.toPlainDate()}`;
    const bill = await other.send('GET', path);
    const { pathname, search } = new URL(String(bill.body['download_url']));
    const file = await other.send('GET', `${pathname}${search}`);
    return file.text.trimEnd().split('\r\n').slice(1, -2);
  }

  it('drops a line', async () => {
    const lines = await lyingBill('1900000011', { kind: 'drop_line', out_trade_no: 'TRUTH00002' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('TRUTH00001');
  });

  it('changes an amount', async () => {
    const lines = await lyingBill('1900000012', { kind: 'change_amount', by: -1 });
    expect(lines[0]).toContain('`9.99,');
    expect(lines[1]).toContain('`20.00,');
  });

  it('says a line twice', async () => {
    const lines = await lyingBill('1900000013', { kind: 'duplicate_line' });
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(lines[0]);
  });

  it('has a line that no order stands behind', async () => {
    const lines = await lyingBill('1900000014', { kind: 'extra_line' });
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => line.includes('TRUTH'))).toHaveLength(2);
  });
});
