import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { type BrowserContext, chromium, type Page, type Route } from 'playwright-core';

/**
 * The built pages, served as the platform serves them, in Debian's Chromium with answers of our
 * own.
 */

const dist = join(import.meta.dirname, '..', 'dist');
const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** Why pages cannot be opened here; undefined when they can. */
export const missing =
  program === undefined
    ? 'Chromium is not installed'
    : existsSync(join(dist, 'index.html'))
      ? undefined
      : 'the pages are not built';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Serves files under /assets/cashier/ and the page itself at /pay/* and /deal/*. */
async function serve(): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://site').pathname);
    const asset = path.startsWith('/assets/cashier/') ? path : undefined;
    const page = /^\/(pay|deal)(\/|$)/.test(path) ? '/index.html' : undefined;
    const file = join(dist, asset ?? page ?? 'nothing');
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type }).end(await readFile(file));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

/** One visit's looks, in an order that changes one thing at a time. */
export const looks = [
  { language: 'zh-CN', width: 360 },
  { language: 'en', width: 360 },
  { language: 'en', width: 1280 },
  { language: 'zh-CN', width: 1280 },
] as const;

/** Looks again in another width or language, as a reader would: by the window and the switch. */
export async function lookAgain(page: Page, { language, width }: Look): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.getByRole('button', { name: language === 'en' ? 'English' : '中文' }).click();
}

export interface Look {
  readonly language: 'zh-CN' | 'en';
  readonly width: number;
  /** A phone's finger instead of a mouse. */
  readonly touch?: boolean;
}

/** What the platform answers; the last answer of a list is given for ever. */
export type Answer = (route: Route, call: number) => Promise<void> | void;

export function json(body: unknown, status = 200): Answer {
  return (route) =>
    route.fulfill({
      status,
      contentType: status < 400 ? 'application/json' : 'application/problem+json',
      body: JSON.stringify(body),
    });
}

export interface Site {
  readonly origin: string;
  /** A fresh visitor. `answer` stands for everything under /v1/. */
  visit(path: string, look: Look, answer: Answer): Promise<Page>;
  /** Ends all visits. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openSite(): Promise<Site> {
  const served = await serve();
  const profile = await mkdtemp(join(tmpdir(), 'keyturn-cashier-'));
  const first = await chromium.launchPersistentContext(profile, {
    executablePath: program ?? '',
    args: quiet,
  });
  const browser = first.browser();
  if (browser === null) throw new Error('Chromium runs');
  const visits: BrowserContext[] = [];
  const leave = async () => {
    for (const context of visits.splice(0)) await context.close();
  };
  const complaints: string[] = [];
  return {
    origin: served.origin,
    visit: async (path, look, answer) => {
      const context = await browser.newContext({
        locale: look.language,
        viewport: { width: look.width, height: look.width < 700 ? 740 : 900 },
        hasTouch: look.touch ?? false,
        isMobile: look.touch ?? false,
        permissions: ['clipboard-read', 'clipboard-write'],
        reducedMotion: 'reduce',
      });
      visits.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      let call = 0;
      await page.route('**/v1/**', (route) => answer(route, call++));
      await page.goto(`${served.origin}${path}`);
      return page;
    },
    leave,
    close: async () => {
      await leave();
      await first.close();
      await served.close();
      await rm(profile, { recursive: true, force: true });
      if (complaints.length > 0) throw new Error(`errors on pages: ${complaints.join('; ')}`);
    },
  };
}
