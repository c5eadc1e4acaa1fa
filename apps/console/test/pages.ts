import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { type BrowserContext, chromium, type Page, type Route } from 'playwright-core';
import { bodyOf, type World } from './world.ts';

/**
 * The console's built pages in Debian's Chromium; every call to the API is answered by a `World`.
 */

const dist = join(import.meta.dirname, '..', 'dist');
const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
);
export const origin = 'http://console.test';

/** Why the browser's tests cannot run here; undefined when they can. */
export function missing(): string | undefined {
  if (executable === undefined) return 'Chromium is not installed';
  return existsSync(join(dist, 'index.html')) ? undefined : 'the console is not built';
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

export interface Browser {
  /** A fresh page with a language and width; errors on it fail `close`. */
  open(world: World, options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly language?: 'zh-CN' | 'en';
  readonly width?: number;
  readonly height?: number;
}

export async function startBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'keyturn-console-'));
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: executable ?? '',
    args: quiet,
  });
  return {
    open: async (world, { language = 'en', width = 1280, height = 900 } = {}) => {
      const owner = browser.browser();
      if (owner === null) throw new Error('the browser has gone');
      const context = await owner.newContext({
        locale: language === 'en' ? 'en-GB' : 'zh-CN',
        viewport: { width, height },
        reducedMotion: 'reduce',
      });
      contexts.push(context);
      if (world.loggedIn) {
        await context.addInitScript("localStorage.setItem('keyturn.session', 'open')");
      }
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.route(`${origin}/**`, (route) => answer(route, world));
      return page;
    },
    close: async () => {
      for (const context of contexts) await context.close();
      await browser.close();
      await rm(profile, { recursive: true, force: true });
      if (complaints.length > 0) throw new Error(`errors on pages: ${complaints.join('; ')}`);
    },
  };
}

async function answer(route: Route, world: World): Promise<void> {
  const url = new URL(route.request().url());
  if (url.pathname.startsWith('/v1/')) return answerCall(route, url, world);
  const path = normalize(url.pathname.replace(/^\/console\//, ''));
  const file = join(dist, path);
  const found = extname(path) !== '' && file.startsWith(dist) && existsSync(file);
  const body = await readFile(found ? file : join(dist, 'index.html'));
  await route.fulfill({ status: 200, contentType: typeOf(found ? path : 'index.html'), body });
}

function typeOf(path: string): string {
  const types: Readonly<Record<string, string>> = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
  };
  return types[extname(path)] ?? 'application/octet-stream';
}

async function answerCall(route: Route, url: URL, world: World): Promise<void> {
  const request = route.request();
  const call = {
    method: request.method(),
    path: url.pathname,
    query: url.searchParams,
    headers: await request.allHeaders(),
    body: bodyOf(request.postData()),
  };
  const { status, body, problem } = world.answer(call);
  if (status === 0) return route.abort('connectionrefused');
  await route.fulfill({
    status,
    contentType: problem ? 'application/problem+json' : 'application/json',
    body: body === undefined ? '' : JSON.stringify(body),
  });
}
