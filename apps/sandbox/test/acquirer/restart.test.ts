import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolMerchant, type TestMerchant } from './merchant.ts';
import { type NotifyReceiver, startNotifyReceiver } from './notify-receiver.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

let sandbox: SandboxProcess;
let receiver: NotifyReceiver;
let merchant: TestMerchant;

beforeAll(async () => {
  sandbox = await startSandbox();
  receiver = await startNotifyReceiver();
  merchant = await enrolMerchant(sandbox, { notifyUrl: receiver.url });
});

afterAll(async () => {
  await receiver.close();
});

describe('a sandbox that is killed and started again', () => {
  it('still knows orders, keys, faults and its time, and goes on where it was', async () => {
    const token = await merchant.prepay('RESTART001', 100);
    await merchant.paidOrder('RESTART002', 200);
    await receiver.nth(1);
    await merchant.refund('RESTART002', 'RESTART002R', 200, 200);
    await sandbox.call('POST', '/faults', { point: 'acquirer.pay', kind: 'decline', times: 2 });
    await sandbox.call('POST', '/clock/advance', { duration: 'PT1S' });
    const before = await sandbox.call('GET', '/clock');
    await sandbox.killAndRestart();

    const after = await sandbox.call('GET', '/clock');
    expect(after.body['offset_ms']).toBe(before.body['offset_ms']);
    const certificates = await merchant.send('GET', '/v3/certificates');
    expect(certificates.isSigned).toBe(true);
    for (const state of ['declined', 'declined', 'paid']) {
      const answer = await sandbox.call('POST', `/payer/${token}/pay`);
      expect(answer.body).toMatchObject({ state });
    }
    await sandbox.call('POST', '/clock/advance', { duration: 'PT5S' });
    const refund = await merchant.send('GET', '/v3/refund/domestic/refunds/RESTART002R');
    expect(refund.body).toMatchObject({ status: 'SUCCESS' });
  });

  it('delivers what nobody took before', async () => {
    receiver.answerWith(503);
    await merchant.paidOrder('RESTART003', 300);
    const isOurs = (body: string) => body.includes('TRANSACTION.SUCCESS');
    const refused = await receiver.waitFor(
      (each) => isOurs(each.body) && merchant.open(each).content['out_trade_no'] === 'RESTART003',
    );
    await sandbox.killAndRestart();
    const count = receiver.received().length;
    receiver.answerWith(200);
    await sandbox.call('POST', '/clock/advance', { duration: 'PT2M' });
    const again = await receiver.nth(count + 1);
    expect(again.body).toBe(refused.body);
  });

  it('has everything that it answered when it was killed under load', async () => {
    const answered: string[] = [];
    let tellHalf: () => void = () => {};
    const half = new Promise<void>((resolve) => {
      tellHalf = resolve;
    });
    const orders = Array.from({ length: 60 }, (_unused, index) => `LOAD${index + 100_000}`);
    const asked = orders.map(async (order) => {
      await merchant.prepay(order, 100);
      answered.push(order);
      if (answered.length === 10) tellHalf();
    });
    await half;
    const restarted = sandbox.killAndRestart();
    await Promise.allSettled(asked);
    await restarted;
    expect(answered.length).toBeGreaterThanOrEqual(10);
    for (const order of answered) {
      const path = `/v3/pay/transactions/out-trade-no/${order}?mchid=${merchant.mchid}`;
      expect((await merchant.send('GET', path)).body).toMatchObject({ trade_state: 'NOTPAY' });
    }
  });

  it('ends cleanly when it is asked to', async () => {
    expect(await sandbox.stop()).toBe(0);
  });
});
