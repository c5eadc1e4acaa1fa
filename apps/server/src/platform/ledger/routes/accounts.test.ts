import { randomUUID } from 'node:crypto';
import { decodeId } from '@keyturn/kernel';
import { accountCodes, accountId, readSealLag } from '@keyturn/ledger';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountDetailSchema, CheckSchema, SealHeadSchema, SealSchema } from '../schemas.ts';
import { createSealingPoller } from '../sealing.ts';
import {
  type Caller,
  createLedgerApp,
  type Integrator,
  type LedgerApp,
} from '../test/ledger-app.ts';

let world: LedgerApp;
let shop: Integrator;
let reader: Integrator;
let other: Integrator;
let viewer: Caller;
let finance: Caller;
let book: string;

const isDetail = Compile(AccountDetailSchema);
const shopBook = { legal_entity: 'shop', regime: 'own', currency: 'CNY' };

beforeAll(async () => {
  world = await createLedgerApp();
  shop = await world.integrator('Shop');
  other = await world.integrator('Other');
  reader = await world.integrator('Shop, reading', ['reader'], decodeId('int', shop.integratorId));
  viewer = await world.operator('viewer', 'viewer');
  finance = await world.operator('finance', 'finance');
  book = (await shop.post('/v1/ledger/books', shopBook)).body.id;
});
afterAll(() => world.close());

const cny = (amount: number) => ({ amount, currency: 'CNY' });

async function post(transfers: object[], more: object = {}) {
  const cause = { module: 'shop', object: 'order-1', command: 'pay' };
  const journal = { id: randomUUID(), book, ...cause, transfers, ...more };
  const { status, body } = await shop.post('/v1/ledger/journals', journal);
  expect([status, body.code]).toEqual([201, undefined]);
  return body;
}

function fund(owner: string, amount: number) {
  const sides = { debit: { code: 1001, owner: 'bank' }, credit: { code: 2001, owner } };
  return { kind: 'posted', ...sides, amount: cny(amount) };
}

function walletId(owner: string): string {
  return accountId({ book, code: accountCodes.wallet, owner });
}

describe('a book', () => {
  it('is its keeper’s, and opening it again changes nothing', async () => {
    const again = await shop.post('/v1/ledger/books', shopBook);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const keeper = shop.integratorId;
    const id = `${keeper}.shop/own/CNY`;
    expect(again.body).toEqual({ ...shopBook, id, memo: false, keeper });
    const path = `/v1/ledger/books/${encodeURIComponent(id)}`;
    for (const caller of [shop, reader, viewer]) {
      expect((await caller.get(path)).body).toEqual(again.body);
    }
    const foreign = await other.get(path);
    expect([foreign.status, foreign.body.code]).toEqual([404, 'book_unknown']);
  });

  it('of the same name belongs to each integrator apart', async () => {
    const { status, body } = await other.post('/v1/ledger/books', shopBook);
    expect(status).toBe(201);
    expect(body.id).not.toBe(book);
    expect(body.keeper).toBe(other.integratorId);
  });

  it('is listed for its keeper, and all of them for operators', async () => {
    const memo = { legal_entity: 'shop', regime: 'merchant', currency: 'JPY' };
    expect((await shop.post('/v1/ledger/books', memo)).body.memo).toBe(true);
    const mine = await shop.get('/v1/ledger/books?limit=1');
    const rest = await shop.get(`/v1/ledger/books?cursor=${mine.body.next_cursor}`);
    expect([...mine.body.items, ...rest.body.items]).toHaveLength(2);
    const all = await viewer.get('/v1/ledger/books');
    const keepers = all.body.items.map((one: { keeper: string | null }) => one.keeper);
    expect(keepers).toEqual(expect.arrayContaining([null, shop.integratorId, other.integratorId]));
    expect((await shop.get('/v1/ledger/books?cursor=x')).body.code).toBe('cursor_invalid');
  });

  it('of a currency that nobody knows, or by a reader, is not opened', async () => {
    const strange = await shop.post('/v1/ledger/books', { ...shopBook, currency: 'XXX' });
    expect([strange.status, strange.body.param]).toEqual([400, 'currency']);
    expect((await reader.post('/v1/ledger/books', shopBook)).body.code).toBe('access_denied');
  });

  it('follows the chart of accounts, which anybody may read', async () => {
    const { body } = await reader.get('/v1/ledger/codes');
    expect(body.items).toHaveLength(Object.keys(accountCodes).length);
    expect(body.items).toContainEqual({
      code: 2001,
      name: { en: 'Wallet', zh: '个人钱包' },
      class: 'liability',
      limit: 'debits_must_not_exceed_credits',
    });
  });
});

describe('the chart of accounts', () => {
  const gift = {
    code: 2590,
    name: { en: 'Gift card', zh: '礼品卡' },
    limit: 'debits_must_not_exceed_credits',
  };

  it('takes codes of one’s own from an admin, and accounts follow them', async () => {
    const admin = await world.operator('chart-admin', 'admin');
    const added = await admin.post('/v1/ledger/codes', gift);
    expect([added.status, added.body]).toEqual([201, { ...gift, class: 'liability' }]);
    expect((await admin.post('/v1/ledger/codes', gift)).status).toBe(201);
    const other = await admin.post('/v1/ledger/codes', { ...gift, limit: 'none' });
    expect([other.status, other.body.code]).toEqual([409, 'account_code_exists']);
    const outside = await admin.post('/v1/ledger/codes', { ...gift, code: 2001 });
    expect([outside.status, outside.body.code]).toEqual([422, 'account_code_invalid']);
    expect((await shop.post('/v1/ledger/codes', gift)).body.code).toBe('access_denied');
    const account = { book, code: 2590, owner: 'card 1' };
    const opened = await shop.post('/v1/ledger/accounts', account);
    expect([opened.status, opened.body.limit]).toEqual([201, gift.limit]);
  });
});

describe('an account', () => {
  it('is opened with a limit and metadata, and again with the same terms', async () => {
    const wanted = {
      book,
      code: 1201,
      owner: 'party-1',
      limit: 'credits_must_not_exceed_debits',
      metadata: { contract: 'C-1', city: '北京' },
    };
    const { status, headers, body } = await shop.post('/v1/ledger/accounts', wanted);
    expect([status, headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect(isDetail.Errors(body)).toEqual([]);
    expect(body).toMatchObject({ ...wanted, balance: cny(0), version: 0, closed: false });
    const again = await shop.post('/v1/ledger/accounts', wanted);
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([body, 'true']);
    const changed = await shop.post('/v1/ledger/accounts', { ...wanted, metadata: {} });
    expect([changed.status, changed.body.code]).toEqual([409, 'account_exists']);
  });

  it.each<[string, object, string]>([
    ['whose limit the chart fixes', { limit: 'none' }, 'account_limit_fixed'],
    ['of a code that is not in the chart', { code: 9_999 }, 'opened_account_invalid'],
    ['with too long a value', { metadata: { a: 'x'.repeat(201) } }, 'account_metadata_invalid'],
    ['in no book', { book: 'nobody/own/CNY' }, 'book_unknown'],
  ])('%s is refused', async (_what, change, code) => {
    const wanted = { book, code: 2001, owner: 'refused', ...change };
    expect((await shop.post('/v1/ledger/accounts', wanted)).body.code).toBe(code);
  });

  it('in a book of the platform is refused', async () => {
    const wanted = { book: world.platformBook, code: 2001, owner: 'thief' };
    const { status, body } = await shop.post('/v1/ledger/accounts', wanted);
    expect([status, body.code]).toEqual([403, 'book_of_platform']);
  });

  it('tells its balances now, as recorded at a moment, and by value date', async () => {
    world.platform.clock.set('2026-11-20T02:00:00Z');
    await post([fund('times', 100)]);
    world.platform.clock.set('2026-11-20T02:10:00Z');
    const effective_at = '2026-06-30T15:59:59Z'; // The last second of the bank day.
    await post([fund('times', 30)], { effective_at });
    const path = `/v1/ledger/accounts/${walletId('times')}`;
    const now = await reader.get(path);
    expect(now.body).toMatchObject({ balance: cny(130), credits_posted_minor: 130, version: 2 });
    expect(now.body.as_recorded).toBeUndefined();
    const at = '2026-11-20T02:05:00Z';
    const then = await reader.get(`${path}?at=${at}&value_date=2026-06-30`);
    expect(isDetail.Errors(then.body)).toEqual([]);
    expect(then.body).toMatchObject({
      balance: cny(130),
      as_recorded: { at, balance: cny(100), available: cny(100), version: 1 },
      by_value_date: { value_date: '2026-06-30', known_at: at, balance: cny(0) },
    });
    const june = await reader.get(`${path}?value_date=2026-06-30`);
    expect(june.body.by_value_date).toMatchObject({ balance: cny(30), credits_posted_minor: 30 });
    const day = await reader.get(`${path}?value_date=2026-06-29`);
    expect(day.body.by_value_date).toMatchObject({ balance: cny(0) });
  });

  it('of somebody else is not found, nor are its entries, nor can it be frozen', async () => {
    await post([fund('mine', 100)]);
    const path = `/v1/ledger/accounts/${walletId('mine')}`;
    for (const answer of [
      await other.get(path),
      await other.get(`${path}/entries`),
      await other.post(`${path}/freeze`, { in: true, out: true }),
      await shop.get(`/v1/ledger/accounts/${randomUUID()}`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'ledger_account_not_found']);
    }
    expect((await shop.get('/v1/ledger/accounts/x')).body.code).toBe('request_invalid');
  });

  it('has a statement of all its entries, page by page, without a gap', async () => {
    const hold = { ...fund('statement', 7), kind: 'pending' };
    await post([fund('statement', 10), fund('statement', 5), hold]);
    const path = `/v1/ledger/accounts/${walletId('statement')}/entries`;
    const first = await reader.get(`${path}?limit=2`);
    const next = await reader.get(`${path}?limit=2&cursor=${first.body.next_cursor}`);
    expect(next.body.next_cursor).toBeUndefined();
    expect([...first.body.items, ...next.body.items]).toMatchObject([
      { version: 1, side: 'credit', amount: cny(10), balance_after: cny(10) },
      { version: 2, kind: 'posted', amount: cny(5), balance_after: cny(15) },
      { version: 3, kind: 'pending', credits_pending_minor: 7, balance_after: cny(15) },
    ]);
  });

  it('tells its open holds, the newest first, and none that is resolved', async () => {
    const hold = { ...fund('holding', 7), kind: 'pending' };
    const { id } = await post([hold, hold, fund('holding', 1), hold]);
    const cause = { module: 'shop', object: 'order-1', command: 'void' };
    const voided = await shop.post(`/v1/ledger/holds/${id}/1/void`, { id: randomUUID(), ...cause });
    expect(voided.status).toBe(201);
    const path = `/v1/ledger/accounts/${walletId('holding')}/holds`;
    const first = await reader.get(`${path}?limit=1`);
    const next = await reader.get(`${path}?limit=1&cursor=${first.body.next_cursor}`);
    expect(next.body.next_cursor).toBeUndefined();
    expect([...first.body.items, ...next.body.items]).toMatchObject([
      { journal: id, leg: 3, state: 'open', amount: cny(7), book },
      { journal: id, leg: 0, state: 'open', credit_account: walletId('holding') },
    ]);
    expect((await other.get(path)).body.code).toBe('ledger_account_not_found');
    expect((await reader.get(`${path}?cursor=x`)).body.code).toBe('cursor_invalid');
  });

  it('that is frozen takes or gives nothing until its keeper lifts it', async () => {
    await post([fund('frozen', 100)]);
    const path = `/v1/ledger/accounts/${walletId('frozen')}/freeze`;
    const { status, body } = await shop.post(path, { in: true, out: false });
    expect([status, body.frozen]).toEqual([200, { in: true, out: false }]);
    const cause = { module: 'shop', object: 'order-1', command: 'pay' };
    const journal = { id: randomUUID(), book, ...cause, transfers: [fund('frozen', 1)] };
    const refused = await shop.post('/v1/ledger/journals', journal);
    expect([refused.status, refused.body.code]).toEqual([409, 'account_frozen']);
    await shop.post(path, { in: false, out: false });
    await post([fund('frozen', 1)]);
    expect((await reader.post(path, { in: true, out: true })).body.code).toBe('access_denied');
    expect((await finance.post(path, { in: true, out: true })).body.code).toBe('access_denied');
  });
});

describe('the list of accounts', () => {
  const owners = (body: { items: { owner: string }[] }) => body.items.map(({ owner }) => owner);

  it('of a book goes by code and owner', async () => {
    const path = `/v1/ledger/accounts?book=${encodeURIComponent(book)}`;
    const first = await reader.get(`${path}&limit=1`);
    expect(owners(first.body)).toEqual(['bank']);
    const next = await reader.get(`${path}&limit=100&cursor=${first.body.next_cursor}`);
    expect(owners(next.body)).toContain('times');
    expect((await other.get(path)).body.code).toBe('book_unknown');
  });

  it('of an owner needs the book for integrators, and shows operators the platform’s', async () => {
    const query = `/v1/ledger/accounts?owner=times`;
    const mine = await shop.get(`${query}&book=${encodeURIComponent(book)}`);
    expect(mine.body.items).toMatchObject([{ id: walletId('times'), code: 2001 }]);
    expect((await shop.get(query)).body).toMatchObject({ code: 'ledger_filter_missing' });
    expect((await viewer.get(query)).body.items).toEqual([]);
    const seen = await viewer.get(`${query}&book=${encodeURIComponent(book)}`);
    expect(seen.body.items).toHaveLength(1);
  });

  it('with a value in their metadata shows an integrator its own alone', async () => {
    const theirs = (await other.post('/v1/ledger/books', shopBook)).body.id;
    const make = (caller: Caller, inBook: string, owner: string) =>
      caller.post('/v1/ledger/accounts', {
        book: inBook,
        code: 2001,
        owner,
        metadata: { city: '上海' },
      });
    for (const owner of ['a', 'b', 'c']) {
      await make(shop, book, owner);
      await make(other, theirs, owner);
    }
    const path = `/v1/ledger/accounts?metadata_key=city&metadata_value=${encodeURIComponent('上海')}`;
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await shop.get(`${path}&limit=1${cursor}`);
      seen.push(...owners(body));
      cursor = body.next_cursor === undefined ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(seen.toSorted()).toEqual(['a', 'b', 'c']);
    expect((await viewer.get(path)).body.items).toHaveLength(6);
    const one = await viewer.get(`${path}&book=${encodeURIComponent(theirs)}`);
    expect(one.body.items).toHaveLength(3);
    expect((await shop.get(`${path}&cursor=bad`)).body.code).toBe('cursor_invalid');
    const half = await shop.get('/v1/ledger/accounts?metadata_key=city');
    expect(half.body.code).toBe('ledger_filter_missing');
  });
});

describe('the seals', () => {
  it('are listed and headed for operators, and the check tells of them', async () => {
    const empty = await viewer.get('/v1/ledger/seals/head');
    expect(Compile(SealHeadSchema).Errors(empty.body)).toEqual([]);
    expect(empty.body.head).toBeUndefined();
    expect(empty.body.unsealed_journals).toBeGreaterThan(0);
    const { database, clock, logger } = world.platform;
    const poller = createSealingPoller({ database, clock, logger, keyFolder: world.keyFolder });
    while ((await readSealLag(database)).journals > 0n) await poller.drain();
    const { head, unsealed_journals } = (await viewer.get('/v1/ledger/seals/head')).body;
    expect(unsealed_journals).toBe(0);
    expect(Compile(SealSchema).Errors(head)).toEqual([]);
    const list = await viewer.get('/v1/ledger/seals?limit=1');
    expect(list.body.items[0].number).toBe(1);
    expect((await viewer.get('/v1/ledger/seals?cursor=x')).body.code).toBe('cursor_invalid');
    expect((await shop.get('/v1/ledger/seals')).status).toBe(403);
    const { body } = await finance.post('/v1/ledger/checks', {});
    expect(Compile(CheckSchema).Errors(body)).toEqual([]);
    expect(body).toMatchObject({
      balanced: true,
      findings: [],
      unsealed_journals: 0,
      head: { number: head.number, digest: head.digest },
      trusted_keys: [head.key_id],
    });
  });
});
