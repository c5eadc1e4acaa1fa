import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestWorld, type TestWorld } from './world.ts';

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const options = { executablePath: program ?? '', args: ['--no-sandbox'] };

describe.skipIf(program === undefined)('the documents of the API, in a browser', () => {
  let world: TestWorld;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    world = await startTestWorld();
    browser = await chromium.launch(options);
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error') complaints.push(line.text());
    });
    page.on('request', (request) => {
      // Browsers load from us alone; what is in the page itself comes from nowhere.
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(world.url)) {
        complaints.push(`asked ${request.url()}`);
      }
    });
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('show every part of the API at /docs, and what a call takes and answers', async () => {
    const answer = await page.goto(`${world.url}/docs`);
    expect(answer?.headers()['content-security-policy']).toContain("default-src 'self'");
    await page.getByRole('heading', { name: /Keyturn API/ }).waitFor();
    for (const part of ['Deals', 'Orders', 'Payouts', 'Reconciliation', 'Access']) {
      await page.locator(`#operations-tag-${part}`).first().waitFor();
    }
    await page.locator('#operations-Deals-createDeal .opblock-summary-control').click();
    const operation = page.locator('#operations-Deals-createDeal');
    await operation.getByText('Idempotency-Key').first().waitFor();
    await operation.getByText('agreement_id').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('are served as JSON at /docs/json, the same as is committed', async () => {
    const response = await fetch(`${world.url}/docs/json`);
    const { info, paths } = (await response.json()) as { info: object; paths: object };
    expect(info).toMatchObject({ title: 'Keyturn API', license: { identifier: 'Apache-2.0' } });
    expect(Object.keys(paths)).toContain('/v1/deals/{id}/money');
  });

  it('say what each error means, in both languages', async () => {
    await page.goto(`${world.url}/docs/errors/refund_exceeds_paid`);
    await page.locator('p[lang=en]').waitFor();
    await page.locator('p[lang=zh-CN]').waitFor();
    expect(complaints).toEqual([]);
  });
});
