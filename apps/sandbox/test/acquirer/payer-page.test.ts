import { request } from 'undici';
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

async function page(token: string, search = '', language = 'zh-CN,zh;q=0.9') {
  const answer = await request(`${sandbox.acquirer}/pay/${token}${search}`, {
    headers: { 'accept-language': language },
  });
  return { status: answer.statusCode, headers: answer.headers, html: await answer.body.text() };
}

/** What a browser does when a button is pressed. */
async function press(token: string, action: string) {
  const answer = await request(`${sandbox.acquirer}/pay/${token}/${action}?lang=en`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  });
  await answer.body.dump();
  return { status: answer.statusCode, location: answer.headers['location'] };
}

describe('the payer’s page', () => {
  it('shows merchant, description, amount and three buttons in Chinese', async () => {
    const token = await merchant.prepay('PAGE000001', 123_456_789);
    const { status, html, headers } = await page(token);
    expect(status).toBe(200);
    expect(html).toContain('<html lang="zh-CN">');
    for (const text of ['测试商户', '测试商品', '¥1,234,567.89', '待支付', 'PAGE000001']) {
      expect(html).toContain(text);
    }
    for (const action of ['pay', 'decline', 'walk-away']) {
      expect(html).toContain(`action="/pay/${token}/${action}?lang=zh-CN"`);
    }
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('speaks English to an English browser, and to whom asks for it', async () => {
    const token = await merchant.prepay('PAGE000002', 100);
    expect((await page(token, '', 'en-GB,en;q=0.9')).html).toContain('Waiting for payment');
    expect((await page(token, '?lang=en')).html).toContain('<html lang="en">');
    expect((await page(token, '?lang=zh-CN', 'en')).html).toContain('待支付');
  });

  it('pays by its button, and then offers no more buttons', async () => {
    const token = await merchant.prepay('PAGE000003', 100);
    const pressed = await press(token, 'pay');
    expect(pressed).toEqual({ status: 303, location: `/pay/${token}?lang=en` });
    const { html } = await page(token, '?lang=en');
    expect(html).toContain('data-state="paid"');
    expect(html).not.toContain('<form');
    const query = '/v3/pay/transactions/out-trade-no/PAGE000003?mchid=1900000001';
    expect((await merchant.send('GET', query)).body).toMatchObject({ trade_state: 'SUCCESS' });
    // Pressed again in another tab.
    expect((await press(token, 'pay')).status).toBe(303);
    expect((await press(token, 'decline')).status).toBe(303);
    expect((await page(token)).html).toContain('支付成功');
  });

  it('shows a decline, and lets the payer try again', async () => {
    const token = await merchant.prepay('PAGE000004', 100);
    await press(token, 'decline');
    const { html } = await page(token, '?lang=en');
    expect(html).toContain('data-state="declined"');
    expect(html).toContain('Try again ¥1.00');
    await press(token, 'pay');
    expect((await page(token)).html).toContain('data-state="paid"');
  });

  it('remembers that the payer left', async () => {
    const token = await merchant.prepay('PAGE000005', 100);
    await press(token, 'walk-away');
    expect((await page(token, '?lang=en')).html).toContain('You left this page before');
    const seen = await sandbox.call('GET', '/payer/PAGE000005');
    expect(seen.body).toMatchObject({ state: 'waiting', walked_away: true });
  });

  it('shows that the merchant closed the order', async () => {
    const token = await merchant.prepay('PAGE000006', 100);
    const path = '/v3/pay/transactions/out-trade-no/PAGE000006/close';
    await merchant.send('POST', path, { mchid: merchant.mchid });
    const { html } = await page(token, '?lang=en');
    expect(html).toContain('data-state="closed"');
    expect(html).not.toContain('<form');
  });

  it('escapes what merchants write, and takes no script for a way back', async () => {
    const description = '<script>alert("1")</script>&\'';
    const token = await merchant.prepay('PAGE000007', 100, { description });
    await press(token, 'pay');
    const { html } = await page(
      token,
      `?redirect_url=${encodeURIComponent('javascript:alert(1)')}`,
    );
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;');
    expect(html).not.toContain('javascript:');
    const back = await page(
      token,
      `?redirect_url=${encodeURIComponent('https://shop.test/done?a=1')}`,
    );
    expect(back.html).toContain('href="https://shop.test/done?a=1"');
  });

  it('says when there is no such order', async () => {
    const { status, html } = await page('nowhere', '?lang=en');
    expect(status).toBe(404);
    expect(html).toContain('There is no such order');
    expect((await press('nowhere', 'pay')).status).toBe(303);
  });

  it('tells its script the state, and brings style and script along', async () => {
    const token = await merchant.prepay('PAGE000008', 100);
    const state = await request(`${sandbox.acquirer}/pay/${token}/state`);
    expect(await state.body.json()).toEqual({ state: 'waiting' });
    for (const [file, type] of [
      ['page.css', 'text/css'],
      ['page.js', 'text/javascript'],
    ]) {
      const asset = await request(`${sandbox.acquirer}/pay-assets/${file}`);
      expect(asset.headers['content-type']).toContain(type);
      expect((await asset.body.text()).length).toBeGreaterThan(100);
    }
  });

  it('expires with the order', async () => {
    const clock = await sandbox.call('GET', '/clock');
    const soon = Temporal.Instant.from(String(clock.body['now'])).add({ minutes: 2 });
    const token = await merchant.prepay('PAGE000009', 100, { time_expire: soon.toString() });
    await sandbox.call('POST', '/clock/advance', { duration: 'PT3M' });
    const { html } = await page(token);
    expect(html).toContain('订单已过期');
    expect(html).not.toContain('<form');
  });
});
