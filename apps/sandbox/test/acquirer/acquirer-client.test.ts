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
  await sandbox.stop();
});

const order = (outTradeNo: string, total: number) => ({
  description: '第三方客户端',
  out_trade_no: outTradeNo,
  notify_url: receiver.url,
  amount: { total },
});

async function pay(codeUrl: string): Promise<void> {
  const paid = await sandbox.call('POST', `/payer/${encodeURIComponent(codeUrl)}/pay`, {
    bank_type: 'CMB_DEBIT',
  });
  expect(paid.body).toMatchObject({ state: 'paid' });
}

describe('a public third-party client, unchanged but for the address', () => {
  it('fetches and decrypts the platform certificate', async () => {
    const certificates = await merchant.client.get_certificates(merchant.apiV3Key);
    expect(certificates).toHaveLength(1);
    expect(certificates[0]?.publicKey).toContain('BEGIN PUBLIC KEY');
  });

  it('asks for a native payment, is notified, and sees it paid', async () => {
    const before = receiver.received().length;
    const prepaid = await merchant.client.transactions_native(order('CLIENT0001', 12_345));
    expect(prepaid.status).toBe(200);
    const codeUrl = String(prepaid.data.code_url);
    expect(codeUrl).toMatch(/^weixin:\/\/wxpay\/bizpayurl\?pr=[\w-]+$/);
    const unpaid = await merchant.client.query({ out_trade_no: 'CLIENT0001' });
    expect(unpaid.data).toMatchObject({ trade_state: 'NOTPAY', amount: { total: 12_345 } });
    await pay(codeUrl);

    const { headers, body } = await receiver.nth(before + 1);
    const isTrue = await merchant.client.verifySign({
      timestamp: String(headers['wechatpay-timestamp']),
      nonce: String(headers['wechatpay-nonce']),
      signature: String(headers['wechatpay-signature']),
      serial: String(headers['wechatpay-serial']),
      body,
      apiSecret: merchant.apiV3Key,
    });
    expect(isTrue).toBe(true);
    const notice = JSON.parse(body);
    expect(notice).toMatchObject({
      event_type: 'TRANSACTION.SUCCESS',
      resource_type: 'encrypt-resource',
      resource: { algorithm: 'AEAD_AES_256_GCM', original_type: 'transaction' },
    });
    const { ciphertext, associated_data, nonce } = notice.resource;
    const content = merchant.client.decipher_gcm<Record<string, unknown>>(
      ...([ciphertext, associated_data, nonce, merchant.apiV3Key] as const),
    );
    const paid = await merchant.client.query({ out_trade_no: 'CLIENT0001' });
    expect(paid.data).toEqual(content);
    expect(paid.data).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'NATIVE',
      bank_type: 'CMB_DEBIT',
      amount: { total: 12_345, payer_total: 12_345, currency: 'CNY' },
    });
    const byId = await merchant.client.query({ transaction_id: paid.data.transaction_id });
    expect(byId.data).toEqual(paid.data);
  });

  it('asks for an H5 payment and gets the address of the page', async () => {
    const prepaid = await merchant.client.transactions_h5({
      ...order('CLIENT0002', 100),
      scene_info: {
        payer_client_ip: '127.0.0.1',
        h5_info: { type: 'Wap', app_name: 'test' },
      },
    });
    expect(prepaid.data.h5_url).toMatch(new RegExp(`^${sandbox.acquirer}/pay/[\\w-]+$`));
  });

  it('closes an order, which then cannot be paid', async () => {
    const prepaid = await merchant.client.transactions_native(order('CLIENT0003', 100));
    const closed = await merchant.client.close('CLIENT0003');
    expect(closed.status).toBe(204);
    const queried = await merchant.client.query({ out_trade_no: 'CLIENT0003' });
    expect(queried.data).toMatchObject({ trade_state: 'CLOSED' });
    const codeUrl = encodeURIComponent(String(prepaid.data.code_url));
    const paid = await sandbox.call('POST', `/payer/${codeUrl}/pay`);
    expect(paid.status).toBe(409);
    expect(paid.body['error']).toContain('closed');
  });

  it('refunds in parts, is notified of each, and sees them succeed', async () => {
    const prepaid = await merchant.client.transactions_native(order('CLIENT0004', 1_000));
    const before = receiver.received().length;
    await pay(String(prepaid.data.code_url));
    await receiver.nth(before + 1);
    const ask = {
      out_trade_no: 'CLIENT0004',
      out_refund_no: 'CLIENT0004-1',
      notify_url: receiver.url,
      amount: { refund: 400, total: 1_000, currency: 'CNY' },
    };
    const asked = await merchant.client.refunds(ask);
    expect(asked.data).toMatchObject({ status: 'PROCESSING', channel: 'ORIGINAL' });
    const again = await merchant.client.refunds(ask);
    expect(again.data).toEqual(asked.data);
    await sandbox.call('POST', '/clock/advance', { duration: 'PT5S' });
    const found = await merchant.client.find_refunds('CLIENT0004-1');
    expect(found.data).toMatchObject({
      status: 'SUCCESS',
      user_received_account: '招商银行借记卡0403',
      amount: { refund: 400, total: 1_000 },
    });
    const notice = merchant.open(await receiver.nth(before + 2));
    expect(notice).toMatchObject({
      eventType: 'REFUND.SUCCESS',
      content: { out_refund_no: 'CLIENT0004-1', refund_status: 'SUCCESS' },
    });
    const tooMuch = await merchant.client.refunds({
      ...ask,
      out_refund_no: 'CLIENT0004-2',
      amount: { refund: 601, total: 1_000, currency: 'CNY' },
    });
    expect(tooMuch.status).toBe(400);
    expect(JSON.parse(String(tooMuch.error)).code).toBe('INVALID_REQUEST');
  });
});

describe('bills', () => {
  it('are refused to the client before ten of the next day', async () => {
    const clock = await sandbox.call('GET', '/clock');
    const today = Temporal.Instant.from(String(clock.body['now']))
      .toZonedDateTimeISO('Asia/Shanghai')
      .toPlainDate()
      .toString();
    const early = await merchant.client.tradebill({ bill_date: today, bill_type: 'ALL' });
    expect(early.status).toBe(400);
    expect(JSON.parse(String(early.error)).code).toBe('NO_STATEMENT_EXIST');
  });
});
