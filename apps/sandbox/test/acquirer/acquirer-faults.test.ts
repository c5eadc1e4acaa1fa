import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enrolMerchant, type TestMerchant } from './merchant.ts';
import { type NotifyReceiver, type Received, startNotifyReceiver } from './notify-receiver.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

let sandbox: SandboxProcess;
let receiver: NotifyReceiver;
let merchant: TestMerchant;
let orderCount = 0;
let forged: Received | undefined;

beforeAll(async () => {
  sandbox = await startSandbox();
  receiver = await startNotifyReceiver();
  merchant = await enrolMerchant(sandbox, { notifyUrl: receiver.url });
});

afterAll(async () => {
  await receiver.close();
  await sandbox.stop();
});

afterEach(async () => {
  await sandbox.call('DELETE', '/faults');
});

function newOrder(): string {
  orderCount += 1;
  return `FAULT${String(orderCount).padStart(5, '0')}`;
}

async function fault(point: string, kind: string, more: Record<string, unknown> = {}) {
  const added = await sandbox.call('POST', '/faults', { point, kind, ...more });
  expect(added.status).toBe(201);
}

const query = (order: string) =>
  merchant.send('GET', `/v3/pay/transactions/out-trade-no/${order}?mchid=${merchant.mchid}`);

describe('faults of requests', () => {
  it('close the connection before anything happened', async () => {
    const order = newOrder();
    await fault('acquirer.request', 'timeout_before_effect', { match: { out_trade_no: order } });
    await expect(merchant.prepay(order, 100)).rejects.toThrow();
    expect((await query(order)).body).toMatchObject({ code: 'ORDER_NOT_EXIST' });
  });

  it('close the connection after it happened', async () => {
    const order = newOrder();
    await fault('acquirer.request', 'timeout_after_effect', { match: { out_trade_no: order } });
    await expect(merchant.prepay(order, 100)).rejects.toThrow();
    expect((await query(order)).body).toMatchObject({ trade_state: 'NOTPAY' });
  });

  it('answer with an error and have no effect', async () => {
    const order = newOrder();
    await fault('acquirer.request', 'error', { code: 'FREQUENCY_LIMITED', status: 429 });
    const answer = await query(order);
    expect(answer.status).toBe(429);
    expect(answer.body).toMatchObject({ code: 'FREQUENCY_LIMITED' });
    expect((await query(order)).body).toMatchObject({ code: 'ORDER_NOT_EXIST' });
  });

  it('sign the answer wrongly', async () => {
    await fault('acquirer.request', 'bad_signature');
    expect((await merchant.send('GET', '/v3/certificates')).isSigned).toBe(false);
    expect((await merchant.send('GET', '/v3/certificates')).isSigned).toBe(true);
  });

  it('delay the answer, and hit only what they are aimed at', async () => {
    await fault('acquirer.request', 'delay', { delay_ms: 50, match: { mchid: '1900000009' } });
    await fault('acquirer.request', 'delay', { delay_ms: 50, match: { mchid: merchant.mchid } });
    expect((await merchant.send('GET', '/v3/certificates')).status).toBe(200);
    const left = await sandbox.call('GET', '/faults');
    expect(left.body['faults']).toMatchObject([{ match: { mchid: '1900000009' } }]);
  });
});

describe('faults of notifications', () => {
  const content = async (count: number) => merchant.open(await receiver.nth(count)).content;

  it('drop one for good, and not the next', async () => {
    const before = receiver.received().length;
    const [dropped, told] = [newOrder(), newOrder()];
    await fault('acquirer.notify', 'drop', { match: { out_trade_no: dropped } });
    await merchant.paidOrder(dropped, 100);
    await merchant.paidOrder(told, 100);
    expect(await content(before + 1)).toMatchObject({ out_trade_no: told });
    // In this order, since what is waiting in the first answer may have arrived in the second.
    const waiting = await sandbox.call('GET', '/deliveries?state=pending');
    const arrived = await sandbox.call('GET', '/deliveries?state=delivered');
    const all = JSON.stringify([waiting.body['deliveries'], arrived.body['deliveries']]);
    expect(all).toContain(told);
    expect(all).not.toContain(dropped);
    expect((await query(dropped)).body).toMatchObject({ trade_state: 'SUCCESS' });
  });

  it('send one twice', async () => {
    const before = receiver.received().length;
    const order = newOrder();
    await fault('acquirer.notify', 'duplicate');
    await merchant.paidOrder(order, 100);
    const first = await receiver.nth(before + 1);
    const second = await receiver.nth(before + 2);
    expect(JSON.parse(second.body)['id']).toBe(JSON.parse(first.body)['id']);
    expect(merchant.open(second).content).toMatchObject({ out_trade_no: order });
  });

  it.each(['delay', 'out_of_order'])(
    'hold one back so that a later one overtakes it: %s',
    async (kind) => {
      const before = receiver.received().length;
      const [late, quick] = [newOrder(), newOrder()];
      await fault('acquirer.notify', kind, { delay_ms: 60_000, match: { out_trade_no: late } });
      await merchant.paidOrder(late, 100);
      await merchant.paidOrder(quick, 100);
      expect(await content(before + 1)).toMatchObject({ out_trade_no: quick });
      await sandbox.call('POST', '/clock/advance', { duration: 'PT1M' });
      expect(await content(before + 2)).toMatchObject({ out_trade_no: late });
    },
  );

  it('sign one wrongly', async () => {
    const before = receiver.received().length;
    await fault('acquirer.notify', 'bad_signature');
    await merchant.paidOrder(newOrder(), 100);
    const received = await receiver.nth(before + 1);
    forged = received;
    expect(() => merchant.open(received)).toThrow('not signed');
  });

  it('let one arrive before the answer of the payment', async () => {
    const before = receiver.received().length;
    const order = newOrder();
    const token = await merchant.prepay(order, 100);
    await fault('acquirer.notify', 'early', { match: { out_trade_no: order } });
    await sandbox.call('POST', `/payer/${token}/pay`);
    expect(receiver.received()).toHaveLength(before + 1);
  });

  it('let one arrive before the answer of the prepay, since the payer was quicker', async () => {
    const before = receiver.received().length;
    const order = newOrder();
    await fault('acquirer.notify', 'early', { match: { out_trade_no: order } });
    const token = await merchant.prepay(order, 100);
    expect(receiver.received()).toHaveLength(before + 1);
    expect((await sandbox.call('GET', `/payer/${token}`)).body).toMatchObject({ state: 'paid' });
  });

  it('are not needed for a receiver that refuses: it is asked again until it agrees', async () => {
    const before = receiver.received().length;
    receiver.answerWith(500);
    await merchant.paidOrder(newOrder(), 100);
    const first = await receiver.nth(before + 1);
    receiver.answerWith(204);
    await sandbox.call('POST', '/clock/advance', { duration: 'PT1S' });
    const second = await receiver.nth(before + 2);
    expect(second.body).toBe(first.body);
    expect(second.headers['wechatpay-nonce']).not.toBe(first.headers['wechatpay-nonce']);
    expect(merchant.open(second).eventType).toBe('TRANSACTION.SUCCESS');
    receiver.answerWith(200);
  });
});

describe('faults of queries', () => {
  it.each([
    ['not_found', { code: 'ORDER_NOT_EXIST' }],
    ['stale', { trade_state: 'NOTPAY' }],
    ['error', { code: 'SYSTEM_ERROR' }],
  ])('%s hides a payment once', async (kind, expected) => {
    const order = newOrder();
    await merchant.paidOrder(order, 100);
    await fault('acquirer.query', kind, { match: { out_trade_no: order } });
    const lie = await query(order);
    expect(lie.body).toMatchObject(expected);
    expect(lie.body).not.toHaveProperty('transaction_id');
    expect((await query(order)).body).toMatchObject({ trade_state: 'SUCCESS' });
  });
});

describe('faults of payments and refunds', () => {
  it('decline a payment, which can be tried again', async () => {
    const order = newOrder();
    const token = await merchant.prepay(order, 100);
    await fault('acquirer.pay', 'decline');
    const declined = await sandbox.call('POST', `/payer/${token}/pay`);
    expect(declined.body).toMatchObject({ state: 'declined', trade_state: 'NOTPAY' });
    const paid = await sandbox.call('POST', `/payer/${token}/pay`);
    expect(paid.body).toMatchObject({ state: 'paid' });
  });

  it('refuse a refund with a code', async () => {
    const order = newOrder();
    await merchant.paidOrder(order, 100);
    await fault('acquirer.refund', 'refuse', { code: 'USER_ACCOUNT_ABNORMAL' });
    const refused = await merchant.refund(order, `${order}R`, 100, 100);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'USER_ACCOUNT_ABNORMAL' });
    expect((await merchant.refund(order, `${order}R`, 100, 100)).status).toBe(200);
  });

  it('leave a refund abnormal until a clerk closes it; then it can be asked again', async () => {
    const order = newOrder();
    const told = (eventType: string) =>
      receiver.waitFor((each) => {
        if (each === forged) return false;
        const notice = merchant.open(each);
        return notice.eventType === eventType && notice.content['out_trade_no'] === order;
      });
    await merchant.paidOrder(order, 100);
    await fault('acquirer.refund', 'abnormal');
    await merchant.refund(order, `${order}R`, 100, 100);
    await sandbox.call('POST', '/clock/advance', { duration: 'PT10S' });
    const abnormal = merchant.open(await told('REFUND.ABNORMAL'));
    expect(abnormal.content).toMatchObject({ refund_status: 'ABNORMAL' });
    const blocked = await merchant.refund(order, `${order}S`, 1, 100);
    expect(blocked.body).toMatchObject({ code: 'INVALID_REQUEST' });
    const path = `/acquirer/refunds/${merchant.mchid}/${order}R/resolve`;
    const closed = await sandbox.call('POST', path, { outcome: 'CLOSED' });
    expect(closed.body).toMatchObject({ status: 'CLOSED' });
    expect(merchant.open(await told('REFUND.CLOSED')).content).toMatchObject({
      refund_status: 'CLOSED',
    });
    expect((await merchant.refund(order, `${order}S`, 100, 100)).status).toBe(200);
    expect((await sandbox.call('POST', path, { outcome: 'SUCCESS' })).status).toBe(409);
  });

  it('keep a refund processing until a clerk lets it succeed', async () => {
    const order = newOrder();
    await merchant.paidOrder(order, 100);
    await fault('acquirer.refund', 'stay_processing');
    await merchant.refund(order, `${order}R`, 100, 100);
    await sandbox.call('POST', '/clock/advance', { duration: 'P1D' });
    const path = `/v3/refund/domestic/refunds/${order}R`;
    expect((await merchant.send('GET', path)).body).toMatchObject({ status: 'PROCESSING' });
    await sandbox.call('POST', `/acquirer/refunds/${merchant.mchid}/${order}R/resolve`, {
      outcome: 'SUCCESS',
    });
    expect((await merchant.send('GET', path)).body).toMatchObject({ status: 'SUCCESS' });
  });
});
