import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DealAnswer, dealAnswers } from './deal-answers.ts';
import { json, type Look, lookAgain, looks, missing, openSite, type Site } from './site.ts';

const path = `/deal/${'B'.repeat(43)}`;
const name = missing === undefined ? 'the deal’s page' : `the deal’s page (${missing})`;

const desk: Look = { language: 'en', width: 1280 };

const sayings: readonly (readonly [DealAnswer, zh: RegExp, en: RegExp])[] = [
  ['draft', /待签约[\s\S]*您确认协议/, /Draft[\s\S]*You: agree to the terms/],
  ['funding', /您支付房款[\s\S]*门店提供“完成过户”的凭证/, /You: pay Price[\s\S]*Store: bring/],
  [
    'frozen',
    /以下款项已冻结[\s\S]*定金[\s\S]*2026年12月1日/,
    /Frozen[\s\S]*Deposit[\s\S]*1 Dec 2026/,
  ],
  ['releasing', /银行正在将房款付给卖方/, /The bank is paying Price to the Seller/],
  ['refunding', /无责解约[\s\S]*门店需补回佣金/, /Nobody at fault[\s\S]*The Store owes Commission/],
  ['released', /这笔交易的资金已全部处理完毕/, /All money of this deal has reached its end/],
];

describe.skipIf(missing !== undefined)(name, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterEach(() => site.leave());
  afterAll(() => site.close());

  async function says(page: Page, text: RegExp): Promise<void> {
    await expect.poll(() => page.locator('main').innerText(), { timeout: 20_000 }).toMatch(text);
  }

  test.each(sayings)('%s is told at both widths in both languages', async (state, zh, en) => {
    const first: Look = { language: 'zh-CN', width: 360, touch: true };
    const page = await site.visit(path, first, json(dealAnswers[state]));
    for (const look of looks) {
      await lookAgain(page, look);
      await says(page, look.language === 'en' ? en : zh);
      const text = await page.locator('main').innerText();
      expect(text, 'no key without its sentence').not.toMatch(/\b[a-z]+[._][a-z]+[A-Za-z]*\b/);
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(over, `${look.width} px`).toBeLessThanOrEqual(0);
    }
  });

  test('what is where adds up before the reader’s eyes', async () => {
    const page = await site.visit(path, desk, json(dealAnswers.funding));
    const where = page.getByRole('region', { name: 'Where the money is' });
    await where.waitFor();
    const text = await where.innerText();
    expect(text).toMatch(/Held in escrow now\s+¥200,000\.00/);
    expect(text).toMatch(/Not paid yet\s+¥2,880,998\.97/);
  });

  test('what was never paid is not missing from a deal that is over', async () => {
    const [, deposit] = dealAnswers.draft.items;
    const answer = { ...dealAnswers.refunding, items: [...dealAnswers.refunding.items, deposit] };
    const page = await site.visit(path, desk, json(answer));
    await says(page, /Item by item/);
    expect(await page.locator('main').innerText()).not.toContain('Not paid yet');
  });

  test('the picture of the money is a list for who cannot see it', async () => {
    const page = await site.visit(path, desk, json(dealAnswers.funding));
    const picture = page.getByRole('figure', { name: /Picture of the money/ });
    const list = picture.getByRole('listitem');
    await list.first().waitFor({ state: 'attached' });
    const sentences = await list.allTextContents();
    expect(sentences).toContain('From Buyer (pays) to Price: 2,799,999.00 Chinese Yuan (waiting)');
    expect(await picture.locator('svg.kt-flow-picture path.kt-flow-line').count()).toBe(7);
  });

  test('a state says what it means when it is touched', async () => {
    const page = await site.visit(
      path,
      { ...desk, width: 360, touch: true },
      json(dealAnswers.funding),
    );
    await page.getByRole('button', { name: 'Paid in' }).tap();
    await page
      .getByRole('tooltip')
      .getByText('All of it has come in and is kept or settled as agreed.')
      .waitFor();
  });

  test('the page follows the deal by itself', async () => {
    let now: DealAnswer = 'funding';
    const page = await site.visit(path, desk, (route, call) => json(dealAnswers[now])(route, call));
    await says(page, /The money is coming in/);
    now = 'releasing';
    await says(page, /Money is on its way to those whom it is for/);
  });

  test('a newer server’s state, step and line are shown by their keys, not by a broken page', async () => {
    const answer = {
      ...dealAnswers.funding,
      deal: { ...dealAnswers.funding.deal, state: 'evaporated' },
      next: [{ key: 'sing', who: { kind: 'operator' }, mine: false }],
      timeline: [{ at: '2026-11-20T01:00:00Z', key: 'sang', parameters: {} }],
    };
    const page = await site.visit(path, desk, json(answer));
    await says(page, /evaporated[\s\S]*The platform: sing[\s\S]*sang/);
  });

  test('a link that is over says what to do', async () => {
    const gone = { title: 'x', status: 404, detail: 'x', code: 'deal_link_unknown' };
    const page = await site.visit(path, desk, json(gone, 404));
    await page.getByText('This link is not valid or is over').waitFor();
  });
});
