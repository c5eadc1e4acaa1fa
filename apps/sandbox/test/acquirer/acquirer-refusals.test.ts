import { generateKeyPairSync } from 'node:crypto';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolMerchant, type RequestOptions, type TestMerchant } from './merchant.ts';
import { type NotifyReceiver, startNotifyReceiver } from './notify-receiver.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

let sandbox: SandboxProcess;
let receiver: NotifyReceiver;
let merchant: TestMerchant;
let stranger: TestMerchant;

beforeAll(async () => {
  sandbox = await startSandbox();
  receiver = await startNotifyReceiver();
  merchant = await enrolMerchant(sandbox, { notifyUrl: receiver.url });
  stranger = await enrolMerchant(sandbox, {
    ...{ mchid: '1900000002', notifyUrl: receiver.url, refundOverdraft: false },
  });
});

afterAll(async () => {
  await receiver.close();
  await sandbox.stop();
});

const native = '/v3/pay/transactions/native';
const body = (more: Record<string, unknown> = {}) => ({
  ...{
    appid: merchant.appid,
    mchid: merchant.mchid,
    description: '商品',
    out_trade_no: 'REFUSE0001',
  },
  ...{ notify_url: receiver.url, amount: { total: 100, currency: 'CNY' } },
  ...more,
});

describe('the signature of a request', () => {
  const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const cases: [string, RequestOptions][] = [
    ['with no Authorization at all', { authorization: '' }],
    ['of another scheme', { authorization: 'Bearer abc' }],
    ['with a part twice', { authorization: 'WECHATPAY2-SHA256-RSA2048 mchid="1",mchid="2"' }],
    ['by another key', { key: otherKey }],
    ['with the serial number of another certificate', { serial: 'ABCDEF' }],
    ['by a merchant that is not enrolled', { mchid: '1999999999' }],
    ['six minutes old', { timestamp: String(secondsFromNow(-360)) }],
    ['six minutes ahead', { timestamp: String(secondsFromNow(360)) }],
    ['with a time that is no number', { timestamp: 'now' }],
    ['with a nonce longer than 64 characters', { nonce: 'n'.repeat(65) }],
  ];

  function secondsFromNow(seconds: number): number {
    return Math.floor((performance.timeOrigin + performance.now()) / 1_000) + seconds;
  }

  it.each(cases)('is refused %s', async (_name, options) => {
    const answer = await merchant.send('POST', native, body(), options);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'SIGN_ERROR' });
    expect(answer.isSigned).toBe(true);
    const list = await sandbox.call('GET', '/acquirer/transactions?mchid=1900000001');
    expect(list.body['transactions']).toEqual([]);
  });

  it('is refused when its nonce was seen, also after the sandbox was killed', async () => {
    const options = { nonce: 'once-only' };
    const first = await merchant.send('POST', native, body({ amount: { total: 0 } }), options);
    expect(first.status).toBe(400);
    const second = await merchant.send('POST', native, body(), options);
    expect(second.body).toMatchObject({ code: 'SIGN_ERROR' });
    await sandbox.killAndRestart();
    const third = await merchant.send('POST', native, body(), options);
    expect(third.body).toMatchObject({ code: 'SIGN_ERROR' });
    expect((await stranger.send('GET', '/v3/certificates', undefined, options)).status).toBe(200);
  });

  it('must fit the body to the byte', async () => {
    const signed = await merchant.send('POST', native, body());
    expect(signed.status).toBe(200);
    const tampered = await request(`${sandbox.acquirer}${native}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization:
          'WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str="x",signature="AAAA",timestamp="1",serial_no="1"',
      },
      body: '{}',
    });
    expect(tampered.statusCode).toBe(401);
    await tampered.body.dump();
  });
});

describe('a prepay request', () => {
  it.each([
    ['without an amount', { amount: undefined }, '/body'],
    ['with an amount that is no integer', { amount: { total: 1.5 } }, '/body/amount/total'],
    ['with an amount as text', { amount: { total: '100' } }, '/body/amount/total'],
    ['with no fen', { amount: { total: 0 } }, '/body/amount/total'],
    ['in dollars', { amount: { total: 100, currency: 'USD' } }, '/body/amount/currency'],
    ['with a short order number', { out_trade_no: 'A' }, '/body/out_trade_no'],
    ['with an address that is none', { notify_url: 'ftp://x' }, '/body/notify_url'],
    ['with a time that is none', { time_expire: 'tomorrow' }, '/body/time_expire'],
    ['with a time past', { time_expire: '2020-01-01T00:00:00+08:00' }, '/body/time_expire'],
  ])('%s is refused and the field named', async (_name, more, field) => {
    const answer = await merchant.send(
      'POST',
      native,
      body({ out_trade_no: 'REFUSE0002', ...more }),
    );
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'PARAM_ERROR', detail: { field } });
  });

  it('that is no JSON is refused', async () => {
    const answer = await merchant.send('POST', native, '{"appid":');
    expect(answer.body).toMatchObject({ code: 'PARAM_ERROR' });
  });

  it('for another merchant or application is refused', async () => {
    const foreign = await merchant.send('POST', native, body({ mchid: '1900000002' }));
    expect(foreign.body).toMatchObject({ code: 'NO_AUTH' });
    expect(foreign.status).toBe(403);
    const application = await merchant.send('POST', native, body({ appid: 'wx2' }));
    expect(application.body).toMatchObject({ code: 'APPID_MCHID_NOT_MATCH' });
  });

  it('of H5 needs the scene', async () => {
    const answer = await merchant.send('POST', '/v3/pay/transactions/h5', body());
    expect(answer.body).toMatchObject({ code: 'PARAM_ERROR' });
  });

  it('again with the same body gives the same answer, with another one a conflict', async () => {
    const first = await merchant.prepay('REPEAT0001', 100);
    expect(await merchant.prepay('REPEAT0001', 100)).toBe(first);
    await expect(merchant.prepay('REPEAT0001', 101)).rejects.toThrow('INVALID_REQUEST');
    await sandbox.call('POST', `/payer/${first}/pay`);
    await expect(merchant.prepay('REPEAT0001', 100)).rejects.toThrow('ORDERPAID');
    await expect(merchant.prepay('REPEAT0001', 101)).rejects.toThrow('OUT_TRADE_NO_USED');
    await merchant.prepay('REPEAT0002', 100);
    const path = '/v3/pay/transactions/out-trade-no/REPEAT0002/close';
    expect((await merchant.send('POST', path, { mchid: merchant.mchid })).status).toBe(204);
    await expect(merchant.prepay('REPEAT0002', 100)).rejects.toThrow('ORDER_CLOSED');
  });
});

describe('an order', () => {
  it('cannot be paid past its time and is closed then', async () => {
    const clock = await sandbox.call('GET', '/clock');
    const soon = Temporal.Instant.from(String(clock.body['now'])).add({ minutes: 2 });
    const token = await merchant.prepay('EXPIRE0001', 100, { time_expire: soon.toString() });
    await sandbox.call('POST', '/clock/advance', { duration: 'PT3M' });
    const paid = await sandbox.call('POST', `/payer/${token}/pay`);
    expect(paid.status).toBe(409);
    expect((await sandbox.call('GET', `/payer/${token}`)).body).toMatchObject({ state: 'expired' });
    const path = '/v3/pay/transactions/out-trade-no/EXPIRE0001?mchid=1900000001';
    expect((await merchant.send('GET', path)).body).toMatchObject({ trade_state: 'CLOSED' });
  });

  it('is nobody else’s to see, close or refund', async () => {
    await merchant.paidOrder('PRIVATE001', 100);
    const path = '/v3/pay/transactions/out-trade-no/PRIVATE001';
    const seen = await stranger.send('GET', `${path}?mchid=1900000002`);
    expect(seen.body).toMatchObject({ code: 'ORDER_NOT_EXIST' });
    expect(seen.status).toBe(404);
    const closed = await stranger.send('POST', `${path}/close`, { mchid: '1900000002' });
    expect(closed.body).toMatchObject({ code: 'ORDER_NOT_EXIST' });
    const refunded = await stranger.refund('PRIVATE001', 'PRIVATE001R', 1, 100);
    expect(refunded.body).toMatchObject({ code: 'RESOURCE_NOT_EXISTS' });
  });

  it('is asked for with the own merchant number', async () => {
    const path = '/v3/pay/transactions/out-trade-no/PRIVATE001';
    expect((await merchant.send('GET', path)).body).toMatchObject({ code: 'PARAM_ERROR' });
    const foreign = await merchant.send('GET', `${path}?mchid=1900000002`);
    expect(foreign.body).toMatchObject({ code: 'NO_AUTH' });
  });

  it('cannot be closed when it is paid', async () => {
    const path = '/v3/pay/transactions/out-trade-no/PRIVATE001/close';
    const answer = await merchant.send('POST', path, { mchid: merchant.mchid });
    expect(answer.body).toMatchObject({ code: 'ORDERPAID' });
  });
});

describe('a refund', () => {
  it('of an order that is unpaid, of another total, or of too much is refused', async () => {
    await merchant.prepay('UNPAID0001', 100);
    const unpaid = await merchant.refund('UNPAID0001', 'UNPAID0001R', 1, 100);
    expect(unpaid.body).toMatchObject({ code: 'INVALID_REQUEST' });
    await merchant.paidOrder('PAID000001', 100);
    const total = await merchant.refund('PAID000001', 'PAID000001R', 1, 99);
    expect(total.body).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await merchant.refund('PAID000001', 'PAID000001A', 60, 100)).status).toBe(200);
    const more = await merchant.refund('PAID000001', 'PAID000001B', 41, 100);
    expect(more.body).toMatchObject({ code: 'INVALID_REQUEST' });
    const other = await merchant.refund('PAID000001', 'PAID000001A', 40, 100);
    expect(other.body).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await merchant.refund('PAID000001', 'PAID000001C', 40, 100)).status).toBe(200);
    const unknown = '/v3/refund/domestic/refunds/NOWHERE';
    expect((await merchant.send('GET', unknown)).body).toMatchObject({
      code: 'RESOURCE_NOT_EXISTS',
    });
  });

  it('beyond the unsettled balance is refused to a merchant without overdraft', async () => {
    await stranger.paidOrder('SHORT00001', 10_000);
    // Of the 10,000 fen the fee of 60 is not there.
    const answer = await stranger.refund('SHORT00001', 'SHORT00001R', 9_941, 10_000);
    expect(answer.body).toMatchObject({ code: 'NOT_ENOUGH' });
    expect(answer.status).toBe(403);
    const less = await stranger.refund('SHORT00001', 'SHORT00001S', 9_940, 10_000);
    expect(less.body).toMatchObject({ status: 'PROCESSING', funds_account: 'UNSETTLED' });
  });
});

describe('what is not there', () => {
  it('is said in the protocol’s own words', async () => {
    const answer = await merchant.send('GET', '/v3/nothing');
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 'RESOURCE_NOT_EXISTS' });
    expect(answer.isSigned).toBe(true);
  });
});
