import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** People at a real browser who look at the pages that the platform itself serves. */

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const built = ['cashier', 'console'].every((app) =>
  existsSync(fileURLToPath(new URL(`../../../${app}/dist/index.html`, import.meta.url))),
);

/** Why nobody can look at pages here; undefined when they can. */
export const missing =
  program === undefined
    ? 'Chromium is not installed'
    : built
      ? undefined
      : 'the pages are not built';

/** Waiting ends when something comes about, not when a slow machine takes its time. */
const patienceMs = 60_000;

export interface Look {
  readonly language: 'zh-CN' | 'en';
  readonly width: number;
  /** A phone's finger instead of a mouse. */
  readonly touch?: boolean;
}

export const phone: Look = { language: 'zh-CN', width: 360, touch: true };
export const desk: Look = { language: 'en', width: 1280 };

export interface Visitors {
  /** Somebody with a browser of their own: nothing is shared with the others. */
  arrive(look: Look): Promise<Page>;
  /**
   * Nothing was complained about on any page: no error in the browser's console but those of the
   * refusals that are named, and no request to another host.
   */
  expectNoComplaints(...allowed: readonly RegExp[]): void;
  leave(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param url where the platform answers
 * @param elsewhere pages of the outside world that people are sent to
 */
export async function startVisitors(
  url: string,
  elsewhere: readonly string[] = [],
): Promise<Visitors> {
  const browser = await chromium.launch({
    executablePath: program ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const complaints: string[] = [];
  const contexts: BrowserContext[] = [];
  return {
    arrive: async ({ language, width, touch = false }) => {
      const context = await browser.newContext({
        locale: language,
        viewport: { width, height: width < 500 ? 740 : 900 },
        hasTouch: touch,
        isMobile: touch,
        reducedMotion: 'reduce',
      });
      contexts.push(context);
      context.setDefaultTimeout(patienceMs);
      const page = await context.newPage();
      watch(page, [url, ...elsewhere], complaints);
      return page;
    },
    expectNoComplaints: (...allowed) => {
      const heard = complaints.splice(0);
      expect(heard.filter((text) => !allowed.some((one) => one.test(text)))).toEqual([]);
    },
    leave: async () => {
      for (const context of contexts.splice(0)) await context.close();
    },
    close: () => browser.close(),
  };
}

function watch(page: Page, hosts: readonly string[], complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(`${line.text()} ${line.location().url}`);
  });
  page.on('request', (request) => {
    const known = hosts.some((host) => request.url().startsWith(host));
    if (!known && !/^(data|blob):/.test(request.url())) complaints.push(`asked ${request.url()}`);
  });
}

/** Waits until the page says something, wherever on it. */
export async function says(page: Page, text: RegExp): Promise<void> {
  const said = () => page.locator('main').innerText();
  await expect.poll(said, { timeout: patienceMs }).toMatch(text);
}

/** Nothing stands outside of the screen to the right. */
export async function expectToFit(page: Page): Promise<void> {
  const over = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  expect(await page.evaluate(over), `${page.url()} is too wide`).toBeLessThanOrEqual(0);
}
