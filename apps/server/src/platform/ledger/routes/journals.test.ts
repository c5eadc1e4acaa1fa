import { randomUUID } from 'node:crypto';
import { encodeId } from '@keyturn/kernel';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWholeLedger } from '../check.ts';
import { BulkResultSchema, JournalSchema } from '../schemas.ts';
import { createLedgerApp, type Integrator, type LedgerApp } from '../test/ledger-app.ts';

let world: LedgerApp;
let shop: Integrator;
let other: Integrator;
let book: string;
let otherBook: string;
let dollars: string;

const isJournal = Compile(JournalSchema);
const isBulkResult = Compile(BulkResultSchema);

beforeAll(async () => {
  world = await createLedgerApp();
  shop = await world.integrator('Shop');
  other = await world.integrator('Other');
  const wanted = { legal_entity: 'shop', regime: 'own', currency: 'CNY' };
  book = (await shop.post('/v1/ledger/books', wanted)).body.id;
  dollars = (await shop.post('/v1/ledger/books', { ...wanted, currency: 'USD' })).body.id;
  otherBook = (await other.post('/v1/ledger/books', wanted)).body.id;
});
afterAll(async () => {
  const check = await checkWholeLedger(world.platform.testDatabase.url);
  await world.close();
  expect(check.findings).toEqual([]);
});

const bank = { code: 1001, owner: 'bank' };
const wallet = (owner: string) => ({ code: 2001, owner });
const cny = (amount: number) => ({ amount, currency: 'CNY' });

function posted(debit: object, credit: object, amount: number, more: object = {}) {
  return { kind: 'posted', debit, credit, amount: cny(amount), ...more };
}

function pending(debit: object, credit: object, amount: number, more: object = {}) {
  return { kind: 'pending', debit, credit, amount: cny(amount), ...more };
}

function journal(...transfers: object[]) {
  const cause = { module: 'shop', object: 'order-1', command: 'pay' };
  return { id: randomUUID(), book, ...cause, transfers };
}

function head() {
  return { id: randomUUID(), module: 'shop', object: 'order-1', command: 'resolve' };
}

async function booked(...transfers: object[]) {
  const answer = await shop.post('/v1/ledger/journals', journal(...transfers));
  expect(answer.body).toMatchObject({ transfers: expect.any(Array) });
  return answer.body;
}

/** A wallet with money. */
async function funded(amount: number): Promise<string> {
  const owner = randomUUID();
  await booked(posted(bank, wallet(owner), amount));
  return owner;
}

describe('a journal', () => {
  it('is booked with the balances after it, in the form that the document promises', async () => {
    const owner = await funded(1_000);
    const fee = { code: 4001, owner: 'fees "&" 手续费' };
    const wanted = journal(posted(wallet(owner), fee, 300), posted(wallet(owner), bank, 200));
    const { status, headers, body } = await shop.post('/v1/ledger/journals', wanted);
    expect(status).toBe(201);
    expect(headers.get('idempotent-replayed')).toBeNull();
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(isJournal.Errors(body)).toEqual([]);
    expect(body).toMatchObject({ id: wanted.id, book, object: 'order-1' });
    expect(body.transfers[0]).toMatchObject({
      leg: 0,
      kind: 'posted',
      amount: cny(300),
      debit: { ...wallet(owner), balance_after: cny(700), version: 2 },
      credit: { ...fee, balance_after: cny(300), version: 1, credits_posted_minor: 300 },
    });
    expect(body.transfers[1].debit).toMatchObject({
      balance_after: cny(500),
      debits_posted_minor: 500,
      credits_posted_minor: 1_000,
      debits_pending_minor: 0,
    });
    const read = await shop.get(`/v1/ledger/journals/${wanted.id}`);
    expect(read.body).toEqual(body);
  });

  it('sent again gives its first answer, for ever, also when others came between', async () => {
    const owner = await funded(1_000);
    const wanted = journal(posted(wallet(owner), bank, 400));
    const first = await shop.post('/v1/ledger/journals', wanted);
    await booked(posted(wallet(owner), bank, 100));
    const again = await shop.post('/v1/ledger/journals', wanted);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
  });

  it('with the id of another is a conflict that names what differs', async () => {
    const owner = await funded(1_000);
    const wanted = journal(posted(wallet(owner), bank, 400));
    await shop.post('/v1/ledger/journals', wanted);
    const changed = { ...wanted, transfers: [posted(wallet(owner), bank, 401)] };
    const { status, body } = await shop.post('/v1/ledger/journals', changed);
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'journal_conflict', retryable: false });
    expect(body.detail).toContain('amount');
  });

  it('that the state refuses stays refused, and says so when it is read', async () => {
    const owner = await funded(100);
    const wanted = journal(posted(wallet(owner), bank, 101));
    const first = await shop.post('/v1/ledger/journals', wanted);
    expect([first.status, first.body.code]).toEqual([409, 'exceeds_credits']);
    await booked(posted(bank, wallet(owner), 1_000));
    const again = await shop.post('/v1/ledger/journals', wanted);
    expect([again.status, again.body.code]).toEqual([409, 'journal_refused_before']);
    const { body } = await shop.get(`/v1/ledger/journals/${wanted.id}`);
    expect(body).toMatchObject({ refusal: 'exceeds_credits', transfers: [] });
    expect(isJournal.Errors(body)).toEqual([]);
  });

  it('whose form is wrong leaves its id free', async () => {
    const owner = await funded(100);
    const wanted = journal(posted(wallet(owner), wallet(owner), 10));
    const refused = await shop.post('/v1/ledger/journals', wanted);
    expect([refused.status, refused.body.code]).toEqual([422, 'accounts_equal']);
    const corrected = { ...wanted, transfers: [posted(wallet(owner), bank, 10)] };
    expect((await shop.post('/v1/ledger/journals', corrected)).status).toBe(201);
  });

  it('moves as much as is there when it balances, and tells how much', async () => {
    const owner = await funded(70);
    const body = await booked(posted(wallet(owner), bank, 1_000, { balancing: 'debit' }));
    expect(body.transfers[0]).toMatchObject({
      amount: cny(70),
      balancing: 'debit',
      at_most: cny(1_000),
      debit: { balance_after: cny(0) },
    });
    expect(isJournal.Errors(body)).toEqual([]);
  });

  it('closes an account by a transfer of all that is on it', async () => {
    const owner = await funded(70);
    const closing = await booked(pending(wallet(owner), bank, 70, { closing: 'debit' }));
    const { account } = closing.transfers[0].debit;
    expect((await shop.get(`/v1/ledger/accounts/${account}`)).body.closed).toBe(true);
    const late = await shop.post('/v1/ledger/journals', journal(posted(bank, wallet(owner), 1)));
    expect(late.body.code).toBe('account_closed');
    const voided = `/v1/ledger/holds/${closing.id}/0/void`;
    expect((await shop.post(voided, head())).status).toBe(201);
    expect((await shop.get(`/v1/ledger/accounts/${account}`)).body.closed).toBe(false);
  });

  it('may have a value date in the past, which rewrites nothing', async () => {
    const owner = randomUUID();
    const effective_at = '2026-06-30T04:00:00Z';
    const wanted = { ...journal(posted(bank, wallet(owner), 500)), effective_at };
    const { body } = await shop.post('/v1/ledger/journals', wanted);
    expect(body).toMatchObject({ effective_at, recorded_at: '2026-11-20T02:00:00Z' });
  });

  it('needs the currency of its book', async () => {
    const wanted = journal({
      ...posted(bank, wallet('x'), 1),
      amount: { amount: 1, currency: 'USD' },
    });
    const { status, body } = await shop.post('/v1/ledger/journals', wanted);
    expect([status, body.code]).toEqual([422, 'currency_of_other_book']);
    expect(body.param).toBe('transfers.0.amount');
  });

  it.each([
    ['an id that is no UUID', { id: 'order-1' }, 'id'],
    ['an amount as text', { transfers: [{ ...posted(bank, bank, 1), amount: '1' }] }, 'transfers'],
    ['no transfers', { transfers: [] }, 'transfers'],
    ['a field that nobody knows', { transfer: [] }, 'transfer'],
    ['a time that is none', { effective_at: 'yesterday' }, 'effective_at'],
  ])('with %s is refused by name, with 400', async (_what, change, param) => {
    const wanted = { ...journal(posted(bank, wallet('x'), 1)), ...change };
    const { status, body } = await shop.post('/v1/ledger/journals', wanted);
    expect([status, body.code]).toEqual([400, 'request_invalid']);
    expect(body.param).toContain(param);
  });

  it('does not reach into another book by the name of an account', async () => {
    const foreign = { ...wallet('thief'), book: otherBook };
    const { body } = await shop.post('/v1/ledger/journals', journal(posted(bank, foreign, 1)));
    expect(body.code).toBe('book_mismatch');
  });

  it.each<[string, number, string]>([
    ['of another integrator', 404, 'book_unknown'],
    ['of the platform', 403, 'book_of_platform'],
    ['that is not there', 404, 'book_unknown'],
  ])('of a book %s is refused with %i %s', async (whose, status, code) => {
    const books = { 'of the platform': world.platformBook, 'of another integrator': otherBook };
    const foreign = books[whose as keyof typeof books] ?? 'nobody/own/CNY';
    const wanted = { ...journal(posted(bank, wallet('x'), 1)), book: foreign };
    const one = await shop.post('/v1/ledger/journals', wanted);
    expect([one.status, one.body.code]).toEqual([status, code]);
    const bulk = await shop.post('/v1/ledger/journals/bulk', { journals: [wanted] });
    expect(bulk.body.items[0]).toMatchObject({ status, problem: { code } });
    const linked = await shop.post('/v1/ledger/journals/linked', { journals: [wanted] });
    expect([linked.status, linked.body.code]).toEqual([status, code]);
  });
});

describe('who may write', () => {
  it('is a key with the role ledger, and no other', async () => {
    const wanted = journal(posted(bank, wallet('x'), 1));
    for (const role of ['reader', 'writer'] as const) {
      const key = await world.integrator(`Shop ${role}`, [role], undefined);
      const { status, body } = await key.post('/v1/ledger/journals', wanted);
      expect([status, body.code]).toEqual([403, 'access_denied']);
    }
    const finance = await world.operator('finance', 'finance', 'admin');
    expect((await finance.post('/v1/ledger/journals', wanted)).body.code).toBe('access_denied');
  });

  it('is nobody any more whose key was revoked', async () => {
    const gone = await world.integrator('Gone');
    const admin = await world.operator('admin', 'admin');
    const wanted = { legal_entity: 'gone', regime: 'own', currency: 'CNY' };
    expect((await gone.post('/v1/ledger/books', wanted)).status).toBe(201);
    const key = { 'idempotency-key': 'revoke' };
    expect((await admin.post(`/v1/api-keys/${gone.keyId}/revoke`, {}, key)).status).toBe(200);
    const late = await gone.post('/v1/ledger/books', wanted);
    expect([late.status, late.body.code]).toEqual([401, 'credential_invalid']);
  });
});

describe('a bulk', () => {
  it('books in order, each on what those before it left, with a result for each', async () => {
    const owner = await funded(100);
    const spend = () => journal(posted(wallet(owner), bank, 60));
    const first = spend();
    const unsound = journal(posted(wallet(owner), bank, 0));
    const last = journal(posted(wallet(owner), bank, 40));
    const foreign = { ...spend(), book: otherBook };
    const journals = [first, spend(), unsound, foreign, first, last];
    const { status, body } = await shop.post('/v1/ledger/journals/bulk', { journals });
    expect(status).toBe(200);
    expect(isBulkResult.Errors(body)).toEqual([]);
    expect(body.items).toMatchObject([
      { status: 201, replayed: false, journal: { id: first.id } },
      { status: 409, problem: { code: 'exceeds_credits', request_id: expect.any(String) } },
      { status: 422, problem: { code: 'amount_not_positive' } },
      { status: 404, problem: { code: 'book_unknown' } },
      { status: 201, replayed: true, journal: { id: first.id } },
      { status: 201, journal: { transfers: [{ debit: { balance_after: cny(0) } }] } },
    ]);
    const again = await shop.post('/v1/ledger/journals/bulk', { journals: [first, last] });
    expect(again.body.items).toMatchObject([{ replayed: true }, { replayed: true }]);
  });

  it('takes a thousand journals at once, and not one more', async () => {
    const journals = Array.from({ length: 1_000 }, () => journal(posted(bank, wallet('many'), 1)));
    const { body } = await shop.post('/v1/ledger/journals/bulk', { journals });
    expect(body.items.map((item: { status: number }) => item.status)).toEqual(
      Array.from({ length: 1_000 }, () => 201),
    );
    const last = body.items.at(-1).journal.transfers[0].credit;
    expect(last.balance_after).toEqual(cny(1_000));
    const more = [...journals, journal(posted(bank, wallet('many'), 1))];
    const refused = await shop.post('/v1/ledger/journals/bulk', { journals: more });
    expect([refused.status, refused.body.code]).toEqual([400, 'request_invalid']);
  });

  it('of more than four mebibytes is refused whole', async () => {
    const legs = Array.from({ length: 1_000 }, () => posted(bank, wallet('w'.repeat(200)), 1));
    const journals = Array.from({ length: 20 }, () => journal(...legs));
    const { status, body } = await shop.post('/v1/ledger/journals/bulk', { journals });
    expect([status, body.code]).toEqual([413, 'body_too_large']);
  });

  it('tells of each journal whose form is wrong what sending it alone would, and books the others', async () => {
    const good = [1, 2].map((amount) => journal(posted(bank, wallet('among'), amount)));
    const late = journal(posted(bank, wallet('among'), 4));
    const bad: unknown[] = [
      { ...journal(posted(bank, wallet('among'), 1)), id: 'x' },
      journal(posted(bank, wallet('among'), 1.5)),
      { ...journal(posted(bank, wallet('among'), 1)), object: 'a\0' },
      { ...journal(posted(bank, wallet('among'), 1)), more: 1 },
      { ...late, module: '' },
      null,
    ];
    const journals = [good[0], ...bad, good[1]];
    const { status, body } = await shop.post('/v1/ledger/journals/bulk', { journals });
    expect(status).toBe(200);
    expect(isBulkResult.Errors(body)).toEqual([]);
    const amount = 'transfers.0.amount.amount';
    const params = [undefined, 'id', amount, 'object', 'more', 'module', 'body', undefined];
    expect(body.items.map((item: { problem?: { param: string } }) => item.problem?.param)).toEqual(
      params,
    );
    for (const [index, wrong] of bad.entries()) {
      const alone = await shop.post('/v1/ledger/journals', wrong);
      const { request_id: _, ...problem } = alone.body;
      expect(body.items[1 + index]).toMatchObject({ status: alone.status, problem });
    }
    expect(body.items.at(-1).journal.transfers[0].credit.balance_after).toEqual(cny(3));
    expect((await shop.post('/v1/ledger/journals', late)).status).toBe(201);
  });

  it.each([
    ['no journals', { journals: [] }, 'journals'],
    ['something beside them', { journals: [{}], mode: 'x' }, 'mode'],
    ['no list of them', { journals: { 0: {} } }, 'journals'],
    ['nothing', {}, 'journals'],
  ])('with %s is refused whole', async (_name, wanted, param) => {
    const { status, body } = await shop.post('/v1/ledger/journals/bulk', wanted);
    expect([status, body.code, body.param]).toEqual([400, 'request_invalid', param]);
  });
});

describe('linked journals', () => {
  const usd = (amount: number) => ({ amount, currency: 'USD' });
  function exchange(owner: string, have: number, get: number) {
    const yuan = journal(posted(wallet(owner), bank, have));
    const dollar = {
      ...journal({ ...posted(bank, wallet(owner), get), amount: usd(get) }),
      book: dollars,
    };
    return { journals: [yuan, dollar] };
  }

  it('of two currencies are booked together, and again only as a whole', async () => {
    const owner = await funded(700);
    const wanted = exchange(owner, 700, 100);
    const { status, body } = await shop.post('/v1/ledger/journals/linked', wanted);
    expect(status).toBe(201);
    const ids = wanted.journals.map(({ id }) => id);
    expect(body.items.map((item: { id: string }) => item.id)).toEqual(ids);
    expect(body.items[1]).toMatchObject({
      link: ids[0],
      transfers: [{ credit: { balance_after: usd(100) } }],
    });
    const again = await shop.post('/v1/ledger/journals/linked', wanted);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(body);
  });

  it('of which one is refused are not booked, and it is said which one', async () => {
    const owner = await funded(10);
    const { journals } = exchange(owner, 11, 100);
    const turned = { journals: journals.toReversed() };
    const { status, body } = await shop.post('/v1/ledger/journals/linked', turned);
    expect([status, body.code, body.param]).toEqual([409, 'exceeds_credits', 'journals.1']);
    const { body: left } = await shop.get(`/v1/ledger/journals/${journals[1]?.id}`);
    expect(left).toMatchObject({ refusal: 'linked_journal_refused' });
  });
});

describe('a reversal', () => {
  it('is the mirror of a journal, once', async () => {
    const owner = await funded(100);
    const spent = await booked(posted(wallet(owner), bank, 30));
    const path = `/v1/ledger/journals/${spent.id}/reversal`;
    const { status, body } = await shop.post(path, head());
    expect(status).toBe(201);
    expect(isJournal.Errors(body)).toEqual([]);
    expect(body).toMatchObject({
      reverses: spent.id,
      transfers: [{ debit: bank, credit: { ...wallet(owner), balance_after: cny(100) } }],
    });
    const again = await shop.post(path, head());
    expect([again.status, again.body.code]).toEqual([409, 'already_reversed']);
  });

  it('of a journal of somebody else is not found', async () => {
    const spent = await booked(posted(bank, wallet('mine'), 30));
    const { status, body } = await other.post(`/v1/ledger/journals/${spent.id}/reversal`, head());
    expect([status, body.code]).toEqual([404, 'journal_not_found']);
    expect((await other.get(`/v1/ledger/journals/${spent.id}`)).status).toBe(404);
  });
});

describe('a hold', () => {
  it('is open, then posted in part, and tells what became of it', async () => {
    const owner = await funded(100);
    const expires_at = '2026-12-01T00:00:00Z';
    const held = await booked(pending(wallet(owner), bank, 80, { expires_at }));
    const path = `/v1/ledger/holds/${held.id}/0`;
    expect((await shop.get(path)).body).toMatchObject({
      state: 'open',
      amount: cny(80),
      expires_at,
    });
    const wanted = { ...head(), amount: cny(50) };
    const { status, body } = await shop.post(`${path}/post`, wanted);
    expect(status).toBe(201);
    expect(body.transfers[0]).toMatchObject({
      kind: 'post_pending',
      amount: cny(50),
      hold: { journal: held.id, leg: 0 },
      debit: { ...wallet(owner), balance_after: cny(50), debits_pending_minor: 0 },
    });
    expect((await shop.get(path)).body).toMatchObject({
      state: 'posted',
      posted: cny(50),
      resolved_by: wanted.id,
    });
    const again = await shop.post(`${path}/void`, head());
    expect([again.status, again.body.code]).toEqual([409, 'hold_already_posted']);
  });

  it('is voided by its own route or by a journal, in the order of their coming', async () => {
    const owner = await funded(100);
    const held = await booked(pending(wallet(owner), bank, 80), pending(wallet(owner), bank, 20));
    expect((await shop.post(`/v1/ledger/holds/${held.id}/0/void`, head())).status).toBe(201);
    const hold = { journal: held.id, leg: 1 };
    const body = await booked({ kind: 'void_pending', hold });
    expect(body.transfers[0].debit).toMatchObject({ debits_pending_minor: 0 });
    expect((await shop.get(`/v1/ledger/holds/${held.id}/1`)).body.state).toBe('voided');
  });

  it('that is not there, or of somebody else, is unknown', async () => {
    const held = await booked(pending(bank, wallet('held'), 80));
    const path = `/v1/ledger/holds/${held.id}`;
    for (const answer of [
      await shop.get(`${path}/1`),
      await other.get(`${path}/0`),
      await other.post(`${path}/0/void`, head()),
      await other.post(`${path}/0/post`, head()),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'hold_unknown']);
    }
  });

  it('is posted in the currency of its book only', async () => {
    const held = await booked(pending(bank, wallet('held'), 80));
    const wanted = { ...head(), amount: { amount: 1, currency: 'USD' } };
    const { body } = await shop.post(`/v1/ledger/holds/${held.id}/0/post`, wanted);
    expect(body.code).toBe('currency_of_other_book');
  });

  it('that runs out is seen by operators, the soonest first', async () => {
    const viewer = await world.operator('viewer', 'viewer');
    const times = ['2026-11-22T00:00:00Z', '2026-11-21T00:00:00Z'];
    const made = [];
    for (const expires_at of times) {
      made.push(await booked(pending(bank, wallet('soon'), 5, { expires_at })));
    }
    const first = await viewer.get('/v1/ledger/holds?limit=1');
    expect(first.body.items).toMatchObject([{ journal: made[1]?.id, expires_at: times[1] }]);
    const next = await viewer.get(`/v1/ledger/holds?limit=1&cursor=${first.body.next_cursor}`);
    expect(next.body.items).toMatchObject([{ journal: made[0]?.id, book, amount: cny(5) }]);
    world.platform.clock.set('2026-11-21T12:00:00Z');
    const { body } = await shop.get(`/v1/ledger/holds/${made[1]?.id}/0`);
    world.platform.clock.set('2026-11-20T02:00:00Z');
    expect(body.state).toBe('expired');
  });
});

describe('the journals of an object', () => {
  it('are listed by book, for their keeper and for operators', async () => {
    const object = `order-${randomUUID()}`;
    const wanted = ['1', '2', '3'].map(() => ({
      ...journal(posted(bank, wallet('list'), 1)),
      object,
    }));
    await shop.post('/v1/ledger/journals/bulk', { journals: wanted });
    const ids = wanted.map(({ id }) => id).toSorted();
    const path = `/v1/ledger/journals?object_id=${object}&book=${encodeURIComponent(book)}`;
    const first = await shop.get(`${path}&limit=2`);
    const next = await shop.get(`${path}&limit=2&cursor=${first.body.next_cursor}`);
    const seen = [...first.body.items, ...next.body.items];
    expect(seen.map((item: { id: string }) => item.id)).toEqual(ids);
    expect(next.body.next_cursor).toBeUndefined();
    const viewer = await world.operator('lister', 'viewer');
    expect((await viewer.get(path)).body.items).toHaveLength(3);
    expect((await other.get(path)).body.code).toBe('book_unknown');
    expect((await shop.get(`/v1/ledger/journals?object_id=${object}`)).body.code).toBe(
      'ledger_filter_missing',
    );
    expect((await shop.get(`${path}&cursor=bad`)).body.code).toBe('cursor_invalid');
  });

  it('of an integrator are not among those of the platform’s own', async () => {
    const object = '01234567-89ab-7cde-8f01-234567890abc';
    const forged = { ...journal(posted(bank, wallet('forger'), 1)), object };
    expect((await shop.post('/v1/ledger/journals', forged)).status).toBe(201);
    const viewer = await world.operator('watcher', 'viewer');
    const list = await viewer.get(`/v1/ledger/journals?object_id=${encodeId('ord', object)}`);
    expect(list.body.items).toEqual([]);
  });
});
