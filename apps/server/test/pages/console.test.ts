import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { payByWechat, transferInTwoParts } from '../../src/main/demo/acts.ts';
import { until } from '../../src/main/demo/world.ts';
import { newDeal, type Stage, setStage } from './stage.ts';
import {
  desk,
  expectToFit,
  type Look,
  missing,
  says,
  startVisitors,
  type Visitors,
} from './visitors.ts';

const name = `the console on the whole platform${missing ? ` (${missing})` : ''}`;
const chinese: Look = { language: 'zh-CN', width: 1280 };
const narrow: Look = { language: 'zh-CN', width: 360 };

describe.skipIf(missing !== undefined)(name, { timeout: 240_000 }, () => {
  let stage: Stage;
  let visitors: Visitors;
  /** A deal whose money is all there and that waits for its release. */
  let funded: string;

  beforeAll(async () => {
    stage = await setStage();
    visitors = await startVisitors(stage.world.url, [stage.acquirer]);
    funded = await fund(stage);
  }, 240_000);
  afterEach(() => visitors.leave());
  afterAll(async () => {
    await visitors?.close();
    await stage?.world.close();
  });

  const at = (path: string) => `${stage.world.url}/console${path}`;

  async function logIn(username: string, path: string, look = desk): Promise<Page> {
    const page = await visitors.arrive(look);
    await page.goto(at(path));
    await enter(page, username, look);
    return page;
  }

  async function enter(page: Page, username: string, look = desk): Promise<void> {
    const words = look.language === 'en' ? english : zh;
    await page.getByLabel(words.username).fill(username);
    await page.getByLabel(words.password).fill(stage.world.secrets.operators[username] ?? '');
    await page.getByRole('button', { name: words.logIn }).click();
    await page.locator('#content').waitFor();
  }

  it('refuses a wrong password, and says so', async () => {
    const page = await visitors.arrive(chinese);
    await page.goto(at('/deals'));
    await page.getByLabel(zh.username).fill('finance');
    await page.getByLabel(zh.password).fill('not this one');
    await page.getByRole('button', { name: zh.logIn }).click();
    await says(page, /用户名或密码/);
    expect(await page.locator('#content').count()).toBe(0);
    visitors.expectNoComplaints(/status of 401/);
  });

  it('shows deals, where the money of one is, and the journals that it caused', async () => {
    const page = await logIn('finance', '/deals');
    await page.getByRole('link', { name: /9-901/ }).click();
    await says(page, /What is where[\s\S]*Fund items[\s\S]*Parties/);
    const picture = page.getByRole('figure', { name: /way/ });
    await picture.locator('svg').first().waitFor();
    const words = (await picture.getByRole('listitem').allInnerTexts()).join('\n');
    expect(words).toContain('From Buyer to Price: 2,999,999.00');
    await page.getByRole('button', { name: 'Journals', exact: true }).click();
    await says(page, /1101 Channel receivable[\s\S]*¥80,999\.97/);
    await says(page, /2101 Escrowed fund[\s\S]*¥999,999\.66/);
    await page.getByRole('link', { name: /agreement home-sale-pages/ }).click();
    await says(page, /Fund items: who pays[\s\S]*Price\s*Buyer\s*Seller/);
    await says(page, /Release at title transfer[\s\S]*all of Deposit, all of Price/);
    visitors.expectNoComplaints();
  });

  it('makes links for payers and parties', async () => {
    const deal = await newDeal(stage, '6-603');
    const page = await logIn('finance', `/deals/${deal}`);
    await page.getByRole('button', { name: 'Make the order' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make the order' }).click();
    await page.getByRole('button', { name: 'Payment link' }).click();
    const link = await dialog.locator('code').innerText();
    expect(link).toContain(`${stage.world.url}/pay/`);
    await dialog.getByRole('button', { name: 'Close' }).first().click();
    const row = page.getByRole('row', { name: /Seller/ }).filter({ hasText: 'Make a link' });
    await row.getByRole('button', { name: 'Make a link' }).click();
    await expect.poll(() => dialog.locator('code').innerText()).toContain('/deal/');
    await page.goto(await dialog.locator('code').innerText());
    await says(page, /You are the Seller in this deal/);
    await page.goto(link);
    await says(page, /6-603[\s\S]*Choose how to pay/);
    visitors.expectNoComplaints();
  });

  it('lets one person ask for a release and another approve it', async () => {
    const maker = await logIn('finance', `/deals/${funded}`, chinese);
    await maker.getByRole('button', { name: '申请放款' }).click();
    const asking = maker.getByRole('dialog');
    await asking.getByText('¥3,049,999.00').waitFor();
    await asking.getByRole('button', { name: '申请放款' }).click();
    await says(maker, /您是经办人，不能复核自己的操作/);
    const checker = await logIn('approver', '/', chinese);
    const waiting = checker.getByRole('row', { name: /过户放款/ });
    await expect
      .poll(() => waiting.innerText())
      .toMatch(/9-901[\s\S]*¥3,049,999\.00[\s\S]*资金专员/);
    await waiting.getByRole('link').click();
    await checker.getByRole('button', { name: '批准放款' }).first().click();
    const approving = checker.getByRole('dialog');
    await approving.getByText('¥3,049,999.00').waitFor();
    await approving.getByRole('button', { name: '批准放款' }).click();
    await says(checker, /经办人\s*资金专员[\s\S]*复核人\s*您/);
    await until(
      'the seller has the money',
      async () => {
        const { state } = await stage.cast.api.get(`/v1/deals/${funded}`);
        return state === 'released' ? true : undefined;
      },
      { world: stage.cast.world, step: { minutes: 5 }, steps: 60 },
    );
    await checker.getByRole('link', { name: '出金', exact: true }).click();
    await checker.getByRole('button', { name: '已付款' }).click();
    await checker.getByRole('link', { name: /^01/ }).first().click();
    await checker.getByRole('link', { name: /9-901/ }).waitFor();
    visitors.expectNoComplaints();
  });

  it('proves a day, and shows what is wrong with it as exceptions', async () => {
    const day = await leaveTraceWithoutNotice(stage);
    const page = await logIn('finance', `/proof?date=${day}`);
    await page.getByRole('button', { name: /Reconcile/ }).click();
    await says(page, /bank and ledger agree to the fen/);
    await page.getByRole('link', { name: 'Exceptions' }).click();
    await page.getByRole('link', { name: 'Entry without a notification' }).first().click();
    await says(page, /¥123\.45[\s\S]*the platform, reconciliation/);
    await page.getByRole('button', { name: 'Take it' }).click();
    await says(page, /Owner\s*you/);
    visitors.expectNoComplaints(/status of 404/);
  });

  it('says that a session ended, and leads back to where one was', async () => {
    const page = await logIn('approver', '/proof', chinese);
    await says(page, /日终核对/);
    await stage.cast.world.advanceTo((await stage.cast.world.now()).add({ minutes: 31 }));
    const ended = page.getByText('会话已结束');
    const goesOn = page.getByRole('link', { name: '入账认领' }).click({ timeout: 5_000 });
    // The page asks by itself from time to time, and may have said so before its viewer goes on.
    await goesOn.catch(() => ended.waitFor());
    await ended.waitFor();
    const { pathname } = new URL(page.url());
    await page.reload();
    await enter(page, 'approver', chinese);
    await says(page, /入账认领/);
    expect(new URL(page.url()).pathname).toBe(pathname);
    visitors.expectNoComplaints(/status of 401/);
  });

  it('fits on a phone, page by page, with nothing left in another language', async () => {
    const page = await logIn('admin', '/', narrow);
    const { items } = await stage.cast.finance.get('/v1/agreements');
    const paths = [
      ...['/', '/deals', `/deals/${funded}`, `/deals/${funded}?part=releases`, '/payouts'],
      ...[`/deals/${funded}?part=story`, '/refunds', '/receipts', '/exceptions', '/proof'],
      ...['/statements', `/journals?id=${funded}`, '/agreements', `/agreements/${items[0].id}`],
      ...['/channels', '/channels/wx-escrow', '/operators', '/api-keys', '/audit', '/password'],
    ];
    for (const path of paths) {
      await page.goto(at(path));
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await expectToFit(page);
      const words = await page.locator('main').innerText();
      expect(words, path).toMatch(/[一-鿿]{2}/);
      expect(words.match(/\b(?:terms|deals|payouts|proof|today|agreements)\.[a-z]\w+/i)).toBeNull();
    }
    visitors.expectNoComplaints(/status of 404/);
  });
});

const english = { username: 'User name', password: 'Password', logIn: 'Log in' };
const zh = { username: '用户名', password: '密码', logIn: '登录' };

/**
 * Everything is paid, what is to be released by transfer: what acquirers took would wait for them.
 * The evidence for the release is there.
 */
async function fund(stage: Stage): Promise<string> {
  const { cast } = stage;
  const deal = await newDeal(stage, '9-901');
  await transferInTwoParts(cast, deal, 'deposit');
  await transferInTwoParts(cast, deal, 'price');
  await payByWechat(cast, deal, 'commission');
  const evidence = { kind: 'title_transfer', role: 'store', reference: '京(2026)不动产权第1号' };
  await cast.api.post(`/v1/deals/${deal}/evidence`, evidence, 'pages-evidence');
  return deal;
}

/**
 * A transfer arrives of which the bank sends no notice; the next morning its statement is there.
 * Says the day.
 */
async function leaveTraceWithoutNotice({ cast }: Stage): Promise<string> {
  const { items } = await cast.finance.get('/v1/custody-accounts');
  const account = items.find((one: { id: string }) => one.id === 'escrow-main');
  const endToEndId = 'pages-strange';
  // Of this entry alone: an earlier pay-out may still be booked meanwhile.
  const match = { end_to_end_id: endToEndId };
  await cast.world.fault({ point: 'bank.notify', kind: 'drop', times: 1, match });
  await cast.world.transfers({
    toAccount: account.number,
    amount: 12_345n,
    from: { name: '陌生人', account: '6222020200000000001' },
    remittance: '?',
    endToEndId,
  });
  const day = (await cast.world.now()).toPlainDate();
  const next = (await cast.world.now()).add({ days: 1 });
  await cast.world.advanceTo(next.with({ hour: 10, minute: 15, second: 0 }));
  return day.toString();
}
