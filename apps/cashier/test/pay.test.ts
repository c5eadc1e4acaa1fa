import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accountNumber, type CashierAnswer, cashierAnswers, codeUrl } from './cashier-answers.ts';
import { json, type Look, lookAgain, looks, missing, openSite, type Site } from './site.ts';

const path = `/pay/${'A'.repeat(43)}`;
const name = missing === undefined ? 'the payer’s page' : `the payer’s page (${missing})`;

const phone: Look = { language: 'zh-CN', width: 360, touch: true };
const desk: Look = { language: 'en', width: 1280 };

/** What each state has to say, in both languages. */
const sayings: readonly (readonly [CashierAnswer, zh: RegExp, en: RegExp])[] = [
  ['choose', /选择付款方式[\s\S]*支付 ¥50,000\.00/, /Choose how to pay[\s\S]*Pay ¥50,000\.00/],
  ['chooseInTime', /剩余 03:0\d[\s\S]*即将截止/, /03:0\d left[\s\S]*Little time is left/],
  ['chooseDays', /剩余 3 天 01:04:0\d/, /3 d 01:04:0\d left/],
  ['failed', /上一次支付未成功，未收到款项/, /last payment did not succeed and no money came/],
  ['closedAttempt', /上一次支付已关闭/, /last payment was closed/],
  ['preparing', /正在发起支付/, /Preparing your payment/],
  ['code', /请用微信扫码付款/, /Scan with WeChat to pay/],
  ['phone', /打开微信支付/, /Open WeChat Pay/],
  ['opening', /正在为您开立专用收款账户/, /An account for this payment is being opened/],
  ['bank', /收款账号[\s\S]*6228[\s\S]*联行号[\s\S]*325290000012/, /Account number[\s\S]*6228/],
  [
    'part',
    /还需支付[\s\S]*已收到 ¥20,000\.00，共 ¥50,000\.00/,
    /¥20,000\.00 of ¥50,000\.00 received/,
  ],
  ['unknown', /正在确认结果[\s\S]*请勿重复付款/, /Waiting for the result[\s\S]*do not pay again/],
  ['closing', /订单正在关闭/, /The order is being closed/],
  ['paid', /付款成功[\s\S]*2026年11月20日 09:59/, /Payment received[\s\S]*20 Nov 2026, 09:59/],
  ['partlyRefunded', /付款成功[\s\S]*其中 ¥10,000\.00 已退回/, /¥10,000\.00 of it has gone back/],
  ['refunded', /已退款[\s\S]*款项已退回/, /Refunded[\s\S]*The money has gone back/],
  [
    'expired',
    /订单已过期[\s\S]*款项不会丢失/,
    /The order has expired[\s\S]*your money is not lost/,
  ],
  ['expiredPart', /已收到的 ¥20,000\.00 将按约定/, /The ¥20,000\.00 that came will be given back/],
  ['canceled', /订单已取消，不再接受付款/, /It takes no more payment/],
];

async function overflow(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth');
}

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
    const page = await site.visit(path, first, json(cashierAnswers[state]));
    for (const look of looks) {
      await lookAgain(page, look);
      await says(page, look.language === 'en' ? en : zh);
      expect(await page.locator('html').getAttribute('lang')).toBe(look.language);
      const text = await page.locator('main').innerText();
      expect(text, 'no key without its sentence').not.toMatch(/\b[a-z]+\.[a-z]+[A-Za-z]*\b/);
      expect(await overflow(page), `${look.width} px`).toBeLessThanOrEqual(0);
      expect(await page.locator('h1').count()).toBe(1);
    }
  });

  test('a payer pays by code: choose, scan, see that it has arrived', async () => {
    const asked: string[] = [];
    let now: CashierAnswer = 'choose';
    const page = await site.visit(path, desk, (route, call) => {
      const request = route.request();
      if (request.method() === 'POST') {
        asked.push(`${request.postData()} ${request.headers()['idempotency-key']?.length}`);
        now = 'code';
        return json(cashierAnswers.code, 201)(route, call);
      }
      return json(cashierAnswers[now])(route, call);
    });
    await page.getByRole('radio', { name: /WeChat Pay by QR code/ }).check();
    await page.getByRole('button', { name: 'Pay ¥50,000.00' }).click();
    await page.getByRole('img', { name: 'QR code for WeChat Pay, ¥50,000.00' }).waitFor();
    expect(asked).toEqual(['{"method":"wechat_native"} 32']);
    now = 'paid';
    await says(page, /Payment received/);
    expect(await page.getByRole('status').first().textContent()).toBe('Payment received');
  });

  test('the code can be read back', async () => {
    const page = await site.visit(path, desk, json(cashierAnswers.code));
    const image = page.getByRole('img', { name: /QR code/ });
    await image.waitFor();
    // Three finder patterns and the size of version 3 or more: a code, not a picture of one.
    const drawn = await image.locator('path').getAttribute('d');
    expect(drawn).toMatch(/^M0 0h1v1h-1zM1 0h1v1h-1z/);
    expect(drawn?.split('M').length).toBeGreaterThan(codeUrl.length * 5);
  });

  test('a call that got no answer is repeated with the same key and never charges twice', async () => {
    const keys: (string | undefined)[] = [];
    const page = await site.visit(path, desk, (route, call) => {
      if (route.request().method() !== 'POST') return json(cashierAnswers.choose)(route, call);
      keys.push(route.request().headers()['idempotency-key']);
      return keys.length === 1 ? route.abort() : json(cashierAnswers.code, 201)(route, call);
    });
    const pay = page.getByRole('button', { name: 'Pay ¥50,000.00' });
    await pay.click();
    await page
      .getByRole('alert')
      .getByText(/never charged twice/)
      .waitFor();
    await pay.click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  test('a refusal is told in the server’s words, which come in the reader’s language', async () => {
    const languages: (string | undefined)[] = [];
    const problem = {
      type: '/docs/errors/attempt_limit_reached',
      title: 'Too many attempts',
      status: 409,
      detail: '订单已有 20 次支付尝试。',
      code: 'attempt_limit_reached',
      request_id: 'req_1',
      retryable: false,
    };
    const page = await site.visit(path, phone, (route, call) => {
      languages.push(route.request().headers()['accept-language']);
      const refused = route.request().method() === 'POST';
      return refused ? json(problem, 409)(route, call) : json(cashierAnswers.choose)(route, call);
    });
    await page.getByRole('button', { name: '支付 ¥50,000.00' }).click();
    await page.getByRole('alert').getByText('订单已有 20 次支付尝试。').waitFor();
    expect(new Set(languages)).toEqual(new Set(['zh-CN']));
  });

  test('the account number is copied as the bank wants it', async () => {
    const page = await site.visit(path, phone, json(cashierAnswers.bank));
    await page.getByRole('button', { name: '复制 收款账号' }).click();
    await page.getByText('已复制').first().waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(accountNumber);
    await page.getByRole('button', { name: '复制 转账金额' }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe('50000.00');
  });

  test('on a phone WeChat is opened by its own address', async () => {
    const page = await site.visit(path, phone, json(cashierAnswers.phone));
    const link = page.getByRole('link', { name: '打开微信支付' });
    expect(await link.getAttribute('href')).toBe('https://pay.example.com/h5/p4lpSuKzz2');
  });

  test('an address that is a script is not taken for one', async () => {
    const [attempt] = cashierAnswers.phone.attempts;
    const attempts = [{ ...attempt, h5_url: 'javascript:alert(1)' }];
    const page = await site.visit(path, desk, json({ ...cashierAnswers.phone, attempts }));
    await page.getByText('The answer cannot be read').waitFor();
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
  });

  test('a payer changes the way of paying, and comes back', async () => {
    const page = await site.visit(path, desk, json(cashierAnswers.code));
    await page.getByRole('button', { name: 'Pay another way' }).click();
    await page.getByRole('heading', { name: 'Choose how to pay' }).waitFor();
    await page.getByRole('button', { name: 'Back to the payment' }).click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
  });

  test('the language is changed and kept for the next visit', async () => {
    const page = await site.visit(path, phone, json(cashierAnswers.choose));
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Choose how to pay' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Choose how to pay' }).waitFor();
    expect(await page.title()).toContain('Pay');
  });

  test('everything is reached by the keyboard', async () => {
    const page = await site.visit(path, desk, json(cashierAnswers.choose));
    await page.getByRole('radio').first().waitFor();
    const reached: string[] = [];
    for (let press = 0; press < 8; press += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        String(
          await page.evaluate('document.activeElement.textContent || document.activeElement.type'),
        ),
      );
    }
    const order = ['Skip to the content', '中文', 'English', 'radio', 'Pay ¥50,000.00'];
    expect(reached.filter((one) => order.includes(one)).slice(0, 5)).toEqual(order);
  });

  test('a link that is not valid says what to do, and is not asked about again', async () => {
    let calls = 0;
    const gone = { title: 'x', status: 404, detail: 'x', code: 'cashier_link_invalid' };
    const page = await site.visit(path, phone, (route, call) => {
      calls += 1;
      return json(gone, 404)(route, call);
    });
    await page.getByText('链接无效或已过期').waitFor();
    expect(calls).toBe(1);
  });

  test('a server that fails is told, and asked again when the payer wishes', async () => {
    let up = false;
    const page = await site.visit(path, desk, (route, call) =>
      up ? json(cashierAnswers.choose)(route, call) : json({ oops: true }, 400 + 22)(route, call),
    );
    await page.getByText('The answer cannot be read').waitFor();
    up = true;
    await page.getByRole('button', { name: 'Try again' }).click();
    await says(page, /Choose how to pay/);
  });

  test('without a network the page keeps what it has and says so', async () => {
    const page = await site.visit(path, desk, json(cashierAnswers.code));
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    await page.context().setOffline(true);
    await page.getByText('You are offline').waitFor();
    expect(await page.getByRole('img', { name: /QR code/ }).count()).toBe(1);
    await page.context().setOffline(false);
    await page.getByText('You are offline').waitFor({ state: 'detached' });
  });

  test('an address that is none of ours says so', async () => {
    const page = await site.visit('/pay/', phone, json({}));
    await page.getByText('链接无效或已过期').waitFor();
  });
});
