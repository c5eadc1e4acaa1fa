import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { payout } from './answers.ts';
import { dealId, dealMoney, maker, releaseId } from './deal-answers.ts';
import { type Browser, missing, origin, type PageOptions, startBrowser } from './pages.ts';
import { balancedProof, exception, faultyFile } from './proof-answers.ts';
import { createWorld, me, myId, ok, problem, type World } from './world.ts';

const why = missing();
const everything = ['finance', 'approver', 'admin'];

describe.skipIf(why !== undefined)(`the console in a browser${why ? ` (${why})` : ''}`, () => {
  let browser: Browser;
  const pages: Page[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
  });
  afterAll(() => browser.close());

  async function visit(world: World, path: string, options: PageOptions = {}): Promise<Page> {
    const page = await browser.open(world, options);
    pages.push(page);
    await page.goto(`${origin}/console${path}`);
    return page;
  }

  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

  describe('logging in', () => {
    test('leads to the page that was asked for, and sends the token with changes', async () => {
      const world = createWorld(undefined);
      const operator = { ...me(['finance']), username: 'wang.min', state: 'active' };
      const session = {
        operator: { ...operator, created_at: '2026-11-01T00:00:00Z' },
        csrf_token: 'csrf-2',
        expires_at: '2026-11-20T14:00:00Z',
      };
      world.on('POST', '/v1/operator-sessions', ok(session, 201));
      world.on('POST', '/v1/ledger/checks', ok({ balanced: true, ...counts, findings: [] }));
      const page = await visit(world, '/journals');
      await heading(page, 'Log in to the console').waitFor();
      await page.getByLabel('User name').fill('wang.min');
      await page.getByLabel('Password').fill('correct horse battery');
      await page.keyboard.press('Enter');
      await heading(page, 'Journals').waitFor();
      await page.getByRole('button', { name: 'Run the check' }).click();
      await page.getByText('The books agree: 12 accounts').waitFor();
      const [logIn, check] = world.changes();
      expect(logIn?.body).toEqual({ username: 'wang.min', password: 'correct horse battery' });
      expect(check?.headers['x-csrf-token']).toBe('csrf-2');
      expect(check?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    });

    test('with a wrong password says what the server says and stays', async () => {
      const world = createWorld(undefined);
      const sentence = 'User name and password do not belong together.';
      world.on('POST', '/v1/operator-sessions', problem(401, 'login_failed', sentence));
      const page = await visit(world, '/');
      await page.getByLabel('User name').fill('wang.min');
      await page.getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Log in' }).click();
      expect(await page.getByRole('alert').innerText()).toContain(sentence);
      expect(await page.getByLabel('User name').inputValue()).toBe('wang.min');
      expect(await page.getByText('Your session has ended').count()).toBe(0);
    });

    test('needs both fields, and says which is missing', async () => {
      const world = createWorld(undefined);
      const page = await visit(world, '/', { language: 'zh-CN' });
      await page.getByLabel('用户名').fill('wang.min');
      await page.getByRole('button', { name: '登录' }).click();
      await page.getByText('请填写密码。').waitFor();
      expect(await page.getByLabel('密码').getAttribute('aria-invalid')).toBe('true');
      expect(world.changes()).toEqual([]);
    });
  });

  test('a session that ends asks to log in again, on the same page', async () => {
    const world = createWorld(everything);
    const page = await visit(world, '/payouts');
    await page.getByText(payout.number).waitFor();
    world.on('GET', '/v1/payouts', problem(401, 'credential_invalid', 'Over.'));
    world.on('GET', '/v1/me', problem(401, 'credential_invalid', 'Over.'));
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.getByText('Your session has ended').waitFor();
    expect(page.url()).toContain('/console/payouts?state=failed');
    expect(await page.getByText(payout.number).count()).toBe(0);
  });

  describe('a deal', () => {
    test('shows what is where as a picture and in words', async () => {
      const page = await visit(createWorld(everything), `/deals/${dealId}`);
      await heading(page, '静安区武定路 12 号 3-502').waitFor();
      const picture = page.getByRole('figure', { name: /way/ });
      await picture.locator('svg').first().waitFor();
      const words = await picture.getByRole('listitem').allInnerTexts();
      expect(words.join('\n')).toContain('From Buyer to Price: 2,978,000.00');
    });

    test('tells its story newest first', async () => {
      const page = await visit(createWorld(everything), `/deals/${dealId}?part=story`);
      const panel = page.getByRole('region', { name: 'Timeline' });
      await panel.getByText('The deal was made').waitFor();
      const lines = await panel.getByRole('listitem').allInnerTexts();
      expect(lines[0]).toContain('A release was asked for');
      expect(lines[0]).toContain('¥2,851,100.00');
      expect(lines.at(-1)).toContain('The deal was made');
      expect(lines).toHaveLength(dealMoney.timeline.length);
    });

    test('lets another approver approve a release after seeing the amount again', async () => {
      const world = createWorld(everything);
      world.on('POST', `/v1/releases/${releaseId}/approve`, ok({ id: releaseId }));
      const page = await visit(world, `/deals/${dealId}`);
      await page.getByRole('button', { name: 'Approve the release' }).click();
      const dialog = page.getByRole('dialog');
      expect(await dialog.innerText()).toContain('¥2,851,100.00');
      await dialog.getByRole('button', { name: 'Approve the release' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(world.changes().map(({ path }) => path)).toEqual([
        `/v1/releases/${releaseId}/approve`,
      ]);
    });

    test('does not let the maker approve, and says why', async () => {
      const world = createWorld(everything);
      const mine = { ...me(everything), id: maker.id };
      world.on('GET', '/v1/me', ok(mine));
      const page = await visit(world, `/deals/${dealId}`);
      const button = page.getByRole('button', { name: 'Approve the release' });
      await button.waitFor();
      expect(await button.isDisabled()).toBe(true);
      await page.getByText('You made this, so you cannot decide on it.').waitFor();
    });

    test('keeps what was typed and shows why when the server refuses to cancel', async () => {
      const world = createWorld(everything);
      const sentence = 'Money of this deal is under way (12.00).';
      const path = `/v1/deals/${dealId}/cancel`;
      world.on('POST', path, problem(409, 'deal_money_moving', sentence));
      const page = await visit(world, `/deals/${dealId}`);
      await page.getByRole('button', { name: 'Cancel the deal' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('buyer withdrew');
      await dialog.getByRole('button', { name: 'Cancel the deal' }).click();
      await dialog.getByText(sentence).waitFor();
      await dialog.getByRole('button', { name: 'Cancel the deal' }).click();
      await expect.poll(() => world.changes().length).toBe(2);
      const [first, second] = world.changes();
      expect(first?.body).toEqual({ reason: 'buyer withdrew', failure: 'no_fault' });
      expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    });
  });

  describe('four eyes', () => {
    test('tell who is no approver that the role is missing', async () => {
      const page = await visit(createWorld(['finance']), `/payouts/${payout.id}`);
      const button = page.getByRole('button', { name: 'Approve' });
      await button.waitFor();
      expect(await button.isDisabled()).toBe(true);
      await page.getByText('Deciding needs the role “approver”').waitFor();
    });

    test('want a reason for a rejection', async () => {
      const world = createWorld(everything);
      world.on('POST', `/v1/payouts/${payout.id}/reject`, ok(payout));
      const page = await visit(world, `/payouts/${payout.id}`, { language: 'zh-CN' });
      await page.getByRole('button', { name: '驳回' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: '驳回' }).click();
      await dialog.getByText('必填').waitFor();
      expect(world.changes()).toEqual([]);
      await dialog.getByLabel('理由').fill('收款人不符');
      await dialog.getByRole('button', { name: '驳回' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(world.changes()[0]?.body).toEqual({ reason: '收款人不符' });
    });
  });

  describe('the proof of a day', () => {
    test('is red with the item that nobody can explain', async () => {
      const page = await visit(createWorld(everything), '/proof');
      const verdict = page.getByRole('region', { name: 'Verdict' });
      await verdict.getByText('19 Nov 2026: bank and ledger do not agree').waitFor();
      await page.getByText('Entry that nobody can explain').waitFor();
      expect(await page.getByText('unknown_entry: ESB2026111900802').isVisible()).toBe(true);
    });

    test('is green when every account agrees to the fen', async () => {
      const page = await visit(createWorld(everything), '/proof?date=2026-11-18');
      await page.getByText('18 Nov 2026: bank and ledger agree to the fen').waitFor();
    });

    test('is never green while one account differs by a fen, whatever the server concludes', async () => {
      const world = createWorld(everything);
      const [account] = balancedProof.accounts;
      const off = { ...balancedProof, accounts: [{ ...account, difference: 1 }] };
      world.on('GET', '/v1/proofs/2026-11-18', ok(off));
      const page = await visit(world, '/proof?date=2026-11-18');
      await page.getByText('18 Nov 2026: bank and ledger do not agree').waitFor();
      expect(await page.getByText('agree to the fen').count()).toBe(0);
    });

    test('is not green while the statement is missing', async () => {
      const world = createWorld(everything);
      const [account] = balancedProof.accounts;
      const waiting = { ...account, bank: null, difference: null, balanced: false };
      const totals = { ...balancedProof.totals, bank: null, difference: null };
      const body = { ...balancedProof, balanced: false, accounts: [waiting], totals };
      world.on('GET', '/v1/proofs/2026-11-18', ok(body));
      const page = await visit(world, '/proof?date=2026-11-18', { language: 'zh-CN' });
      await page.getByText('2026年11月18日 账实不符').waitFor();
      await page.getByText('该日流水尚未到达').waitFor();
    });

    test('of a day without one says how to get it, and runs it', async () => {
      const world = createWorld(everything);
      const path = '/v1/proofs/2026-11-17';
      world.on('GET', path, problem(404, 'proof_not_found', 'None.'));
      world.on('POST', '/v1/reconciliations', () => {
        world.on('GET', path, ok({ ...balancedProof, date: '2026-11-17' }));
        const bill = { contract_id: 'wx-escrow', status: 'missing', reason: 'not ready' };
        return ok({ statements: [], bills: [bill], complete: false });
      });
      const page = await visit(world, '/proof?date=2026-11-17');
      await page.getByText('There is no proof of 17 Nov 2026').waitFor();
      await page.getByRole('button', { name: 'Reconcile and prove again' }).click();
      await page.getByText('17 Nov 2026: bank and ledger agree to the fen').waitFor();
      await page.getByText('these are not here yet: wx-escrow (not ready)').waitFor();
      expect(world.changes()[0]?.body).toEqual({ date: '2026-11-17' });
    });
  });

  describe('exceptions', () => {
    test('are taken with one press', async () => {
      const world = createWorld(['finance']);
      world.on('POST', `/v1/exceptions/${exception.id}/assign`, () => {
        const owner = { kind: 'operator', id: myId, name: '王敏' };
        const taken = { ...exception, state: 'assigned', owner };
        world.on('GET', `/v1/exceptions/${exception.id}`, ok(taken));
        return ok(taken);
      });
      const page = await visit(world, `/exceptions/${exception.id}`);
      await page.getByRole('button', { name: 'Take it' }).click();
      await page.getByText('Somebody is looking into it.').locator('visible=true').waitFor();
      expect(world.changes()[0]?.body).toEqual({ owner_id: myId });
      expect(await page.getByRole('button', { name: 'Take it' }).count()).toBe(0);
    });

    test('end by a proposal with a journal over the whole difference', async () => {
      const world = createWorld(['finance']);
      world.on('POST', `/v1/exceptions/${exception.id}/propose`, ok(exception));
      const page = await visit(world, `/exceptions/${exception.id}`);
      await page.getByRole('button', { name: 'Propose an end' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Note').fill('bank interest, unannounced');
      await dialog.getByLabel('Book a correcting journal').check();
      await dialog.getByLabel('Debit: Account').selectOption('1003');
      await dialog.getByLabel('Debit: Owner').fill('escrow-main');
      await dialog.getByLabel('Credit: Account').selectOption('2301');
      await dialog.getByLabel('Credit: Owner').fill('escrow-main');
      await dialog.getByRole('button', { name: 'Propose an end' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(world.changes()[0]?.body).toEqual({
        note: 'bank interest, unannounced',
        journal: {
          debit: { code: 1003, owner: 'escrow-main' },
          credit: { code: 2301, owner: 'escrow-main' },
        },
      });
    });
  });

  test('a statement that is brought in shows its findings at once', async () => {
    const world = createWorld(['finance']);
    world.on('POST', '/v1/statements', ok(faultyFile));
    const page = await visit(world, '/statements');
    const upload = {
      name: 'unknown-bank.sta',
      mimeType: 'text/plain',
      buffer: Buffer.from(':20:'),
    };
    await page.getByLabel('Statement file').setInputFiles(upload);
    await page.getByRole('button', { name: 'Import and check' }).click();
    await page.getByText('should be 12,000.10 by its entries').first().waitFor();
    const [sent] = world.changes();
    expect(sent?.query.get('name')).toBe('unknown-bank.sta');
    expect(sent?.headers['content-type']).toBe('application/octet-stream');
  });

  test('an empty list says so, a failing one offers another try', async () => {
    const world = createWorld(everything);
    world.on('GET', '/v1/exceptions', ok({ items: [] }));
    const page = await visit(world, '/exceptions');
    await page.getByText('There are no exceptions').waitFor();
    world.on('GET', '/v1/receipts', problem(403, 'access_denied', 'This is for operators.'));
    await page.getByRole('link', { name: 'Receipts' }).click();
    await page.getByText('This is for operators.').waitFor();
    world.on('GET', '/v1/receipts', ok({ items: [] }));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('All money has a home').waitFor();
  });

  test('an answer in another shape than agreed is an error, not a broken page', async () => {
    const world = createWorld(everything);
    world.on('GET', '/v1/payouts', ok({ items: [{ ...payout, amount: '12.00' }] }));
    const page = await visit(world, '/payouts');
    await page.getByText('The answer cannot be read').waitFor();
    await page.getByRole('link', { name: 'Today' }).waitFor();
  });

  test('more of a list comes at the press of a button', async () => {
    const world = createWorld(everything);
    world.on('GET', '/v1/payouts', ({ query }) =>
      query.get('cursor') === null
        ? ok({ items: [payout], next_cursor: 'c2' })
        : ok({ items: [{ ...payout, id: `${payout.id.slice(0, -1)}9`, number: 'PO-LAST' }] }),
    );
    const page = await visit(world, '/payouts');
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('PO-LAST').waitFor();
    expect(await page.getByText(payout.number).count()).toBe(1);
  });

  test('any id leads to what it names, by keyboard alone', async () => {
    const page = await visit(createWorld(everything), '/');
    await heading(page, 'Today').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(payout.id);
    await page.keyboard.press('Enter');
    await heading(page, `Pay-out ${payout.number}`).waitFor();
  });

  test('the language changes on the spot and stays', async () => {
    const page = await visit(createWorld(everything), '/');
    await heading(page, 'Today').waitFor();
    await page.getByRole('button', { name: '中文' }).click();
    await heading(page, '今日').waitFor();
    await page.reload();
    await heading(page, '今日').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  });

  test('who is no admin is told so instead of seeing operators', async () => {
    const world = createWorld(['finance']);
    const page = await visit(world, '/operators');
    await page.getByText('For admins only').waitFor();
    expect(world.calls.some(({ path }) => path === '/v1/operators')).toBe(false);
  });

  const everyPage = [
    ...['/', '/deals', `/deals/${dealId}`, `/deals/${dealId}?part=releases`, '/payouts'],
    ...[`/payouts/${payout.id}`, '/refunds', '/receipts', '/exceptions', '/proof', '/statements'],
    ...[`/exceptions/${exception.id}`, '/channels', '/operators', '/api-keys', '/audit'],
  ];
  describe.each(['en', 'zh-CN'] as const)('on a screen of 360 pixels in %s', (language) => {
    test.each(everyPage)('%s fits and has all its words', async (path) => {
      const page = await visit(createWorld(everything), path, { language, width: 360 });
      await page.getByRole('heading', { level: 1 }).waitFor();
      // The network is also silent while a busy machine has not asked for anything yet.
      const text = () => page.locator('main').innerText();
      await expect.poll(async () => (await text()).length, { timeout: 30_000 }).toBeGreaterThan(40);
      await page.waitForLoadState('networkidle');
      const over = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(over).toBe(0);
      // A key without its sentence would be shown as it is.
      expect(await text()).not.toMatch(/\b(?:terms|deals|payouts|proof|today)\.[a-z]\w+/i);
    });
  });
});

const counts = { accounts: 12, journals: 40, transfers: 55 };
