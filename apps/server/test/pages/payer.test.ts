import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../src/main/demo/world.ts';
import { dealLink, newDeal, newOrder, type Stage, setStage } from './stage.ts';
import {
  desk,
  expectToFit,
  missing,
  phone,
  says,
  startVisitors,
  type Visitors,
} from './visitors.ts';

const name = `the payer’s pages on the whole platform${missing ? ` (${missing})` : ''}`;

describe.skipIf(missing !== undefined)(name, { timeout: 240_000 }, () => {
  let stage: Stage;
  let visitors: Visitors;

  beforeAll(async () => {
    stage = await setStage();
    visitors = await startVisitors(stage.world.url, [stage.acquirer]);
  });
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors?.close();
    await stage?.world.close();
  });

  const order = (id: string) => stage.cast.api.get(`/v1/orders/${id}`);

  /** What a phone finds when it scans the code: the acquirer's page of the payer. */
  async function scanned(id: string): Promise<string> {
    const codeUrl = await until('the order has a code', async () => {
      const { attempts } = await order(id);
      return attempts.find((one: { code_url?: string }) => one.code_url)?.code_url;
    });
    return `${stage.acquirer}/pay/${new URL(codeUrl).searchParams.get('pr')}`;
  }

  async function begin(page: Page, url: string, method: RegExp, pay: RegExp): Promise<void> {
    await page.goto(url);
    await page.getByRole('radio', { name: method }).check();
    await page.getByRole('button', { name: pay }).click();
  }

  it('let a payer pay in WeChat on a phone, and show that it has arrived', async () => {
    const { order: id, url } = await newOrder(stage, 'phone');
    const page = await visitors.arrive(phone);
    await page.goto(url);
    await says(page, /购房定金 phone[\s\S]*¥12,500\.00[\s\S]*签约后不退/);
    await expectToFit(page);
    await begin(page, url, /微信支付/, /支付 ¥12,500\.00/);
    await page.getByRole('link', { name: '打开微信支付' }).click();
    await page.waitForURL(`${stage.acquirer}/**`);
    await page.getByRole('button', { name: /确认支付|¥12,500\.00/ }).click();
    await page.getByRole('heading', { name: '支付成功' }).waitFor();
    await page.goto(url);
    await says(page, /付款成功[\s\S]*款项已足额收到[\s\S]*微信支付/);
    await expectToFit(page);
    expect((await order(id)).state).toBe('succeeded');
    visitors.expectNoComplaints();
  });

  it('let a payer try again after the bank declined, and say when the time is over', async () => {
    const now = await stage.cast.world.now();
    const end = now.add({ minutes: 20 });
    const expires = { expires_at: end.toInstant().toString() };
    const { order: id, url } = await newOrder(stage, 'declined', expires);
    const page = await visitors.arrive(phone);
    await begin(page, url, /扫码/, /支付 ¥12,500\.00/);
    await says(page, /请用微信扫码付款/);
    const scan = await page.context().newPage();
    await scan.goto(await scanned(id));
    await scan.getByRole('button', { name: '模拟银行拒付' }).click();
    await scan.getByRole('heading', { name: '支付被拒绝' }).waitFor();
    await scan.close();
    await says(page, /购房定金 declined/);
    expect(await page.getByText('付款成功').count()).toBe(0);
    // The payer walks away, and the time runs out.
    await stage.cast.world.advanceTo(end.add({ minutes: 1 }));
    await says(page, /订单已过期[\s\S]*未收到款项/);
    await expectToFit(page);
    visitors.expectNoComplaints();
  });

  it('say that a result is not known, and how it ended', async () => {
    const { order: id, url } = await newOrder(stage, 'unknown');
    const path = '/v3/pay/transactions/native';
    // The acquirer takes the order, and its answer is lost; so are the answers to our questions.
    const lost = { point: 'acquirer.request', kind: 'timeout_after_effect', times: 1 };
    await stage.cast.world.fault({ ...lost, match: { path } });
    const { id: fault } = await failing(stage, 'acquirer.query');
    const page = await visitors.arrive(desk);
    await begin(page, url, /WeChat/, /Pay ¥12,500\.00/);
    await says(page, /Waiting for the result[\s\S]*do not pay again/);
    expect((await order(id)).attempts[0].state).toBe('unknown');
    await fetch(`${stage.world.sandboxAdmin}/faults/${fault}`, { method: 'DELETE' });
    // The channel is asked again in time, and knows of no payment: it can be paid anew.
    await until(
      'the channel says what became of it',
      async () => ((await order(id)).attempts[0].state === 'unknown' ? undefined : true),
      { world: stage.cast.world, step: { minutes: 1 }, steps: 60 },
    );
    await says(page, /Choose how to pay|Scan with WeChat/);
    visitors.expectNoComplaints();
  });

  it('show each transfer that arrives and what is still missing', async () => {
    const { order: id, url } = await newOrder(stage, 'transfer');
    const page = await visitors.arrive(desk);
    await begin(page, url, /Bank transfer/, /Pay ¥12,500\.00/);
    await says(page, /Account number\s*[\d ]+/);
    const { bank_transfer: place } = await until('the account is open', async () => {
      const { attempts } = await order(id);
      const ready = attempts[0]?.bank_transfer?.account_number;
      return ready === undefined ? undefined : attempts[0];
    });
    const from = { name: '王小明', account: '6222020200112233445' };
    const to = { toAccount: place.account_number, from };
    const first = { ...to, amount: 500_000n, remittance: '定金 1/2', endToEndId: 'pages-1' };
    await stage.cast.world.transfers(first);
    await says(page, /¥5,000\.00 of ¥12,500\.00 received/);
    await says(page, /Still to transfer[\s\S]*¥7,500\.00[\s\S]*Transfers that have arrived/);
    const rest = { ...to, amount: 750_000n, remittance: '定金 2/2', endToEndId: 'pages-2' };
    await stage.cast.world.transfers(rest);
    await says(page, /Payment received[\s\S]*Deposit transfer[\s\S]*Bank transfer/);
    const list = page.getByRole('region', { name: 'Transfers that have arrived' });
    expect(await list.getByRole('listitem').count()).toBe(2);
    visitors.expectNoComplaints();
  });

  it('lead a party from its deal to paying what it owes, and back', async () => {
    const deal = await newDeal(stage, '7-702');
    const url = await dealLink(stage, deal, 'buyer');
    const page = await visitors.arrive(phone);
    await page.goto(url);
    await says(page, /7-702[\s\S]*您是本交易的买方[\s\S]*需要您[\s\S]*您支付定金/);
    await expectToFit(page);
    await page.getByRole('button', { name: '去支付定金' }).click();
    await says(page, /定金[\s\S]*¥50,000\.00[\s\S]*交易编号/);
    await page.getByRole('radio', { name: /扫码/ }).check();
    await page.getByRole('button', { name: /支付 ¥50,000\.00/ }).click();
    await says(page, /请用微信扫码付款/);
    const { items } = await stage.cast.api.get(`/v1/deals/${deal}/money`);
    const item = items.find((one: { key: string }) => one.key === 'deposit');
    const scan = await page.context().newPage();
    await scan.goto(await scanned(item.order.id));
    await scan.getByRole('button', { name: /确认支付|¥50,000\.00/ }).click();
    await scan.getByRole('heading', { name: '支付成功' }).waitFor();
    await scan.close();
    await says(page, /付款成功/);
    await page.getByRole('link', { name: '返回交易' }).click();
    await says(page, /存管账户中的资金[\s\S]*¥50,000\.00/);
    await says(page, /买方支付了定金/);
    await expectToFit(page);
    visitors.expectNoComplaints();
  });

  it('show the other party the same deal in English, with nothing to pay', async () => {
    const deal = await newDeal(stage, '8-801');
    const page = await visitors.arrive(desk);
    await page.goto(await dealLink(stage, deal, 'seller'));
    await says(page, /You are the Seller in this deal[\s\S]*Buyer: pay Deposit/);
    expect(await page.getByRole('button', { name: /^Pay/ }).count()).toBe(0);
    await page.goto(`${stage.world.url}/deal/${'x'.repeat(43)}`);
    await says(page, /link is not valid/i);
    visitors.expectNoComplaints(/status of 404/);
  });
});

/** From now on the acquirer answers no such question, until the fault is taken away. */
async function failing({ world }: Stage, point: string): Promise<{ readonly id: string }> {
  const fault = { point, kind: 'error', status: 500, code: 'SYSTEM_ERROR', times: null };
  const answer = await fetch(`${world.sandboxAdmin}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  return (await answer.json()) as { id: string };
}
