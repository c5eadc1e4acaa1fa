import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWhoApp, type LoggedIn, type WhoApp } from '../access/test/app.ts';

let who: WhoApp;
let mine: Record<string, string>;
let theirs: Record<string, string>;
let operator: LoggedIn;
let calls = 0;

beforeAll(async () => {
  who = await createWhoApp();
  mine = (await who.apiKey('Mine')).headers;
  theirs = (await who.apiKey('Theirs')).headers;
  operator = await who.operator('finance', 'finance');
});
afterAll(() => who.close());

function post(url: string, payload: object, headers = mine): InjectOptions {
  calls += 1;
  return { method: 'POST', url, payload, headers: { ...headers, 'idempotency-key': `k${calls}` } };
}

async function created(url: string, payload: object, headers = mine): Promise<string> {
  const answer = await who.call(post(url, payload, headers));
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<{ id: string }>().id;
}

const person = {
  name: '李明华',
  id_document: { kind: 'resident_id', number: '11010519491231002X' },
  phone: '13800138000',
};
const account = {
  number: '6222 0200 1234 5678 901',
  bank_code: '102100099996',
  bank_name: '中国工商银行',
};
const nobody = '0'.repeat(26);

describe('people', () => {
  it('are created once and shown masked alone', async () => {
    const request = post('/v1/persons', person);
    const answer = await who.call(request);
    expect(answer.statusCode).toBe(201);
    const body = answer.json<{ id: string }>();
    expect(body).toEqual({
      id: expect.stringMatching(/^per_/),
      name: '**华',
      id_document: { kind: 'resident_id', number: '1****************X' },
      phone: '138****8000',
      created_at: '2026-11-20T02:00:00Z',
    });
    const again = await who.call(request);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toEqual(body);
    const other = await who.call({ ...request, payload: { ...person, phone: '13800138001' } });
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_conflict' });
    const got = await who.call({ url: `/v1/persons/${body.id}`, headers: mine });
    expect(got.json()).toEqual(body);
  });

  it('need no more than a name', async () => {
    const id = await created('/v1/persons', { name: 'John Smith' });
    const got = await who.call({ url: `/v1/persons/${id}`, headers: mine });
    expect(got.json()).toEqual({
      id,
      name: 'J*** S***',
      created_at: '2026-11-20T02:00:00Z',
    });
  });

  it('stand nowhere in the database in the clear, nor as a hash that can be guessed', async () => {
    const id = await created('/v1/persons', person);
    await created('/v1/bank-accounts', { ...account, owner_id: id });
    const rows = await who.platform.database.query<{ row: string }>(
      `select t::text as row from parties.person t union all
       select t::text from parties.bank_account t union all
       select t::text from platform.command t union all select t::text from platform.event t`,
    );
    const all = rows.map(({ row }) => row).join('\n');
    expect(all).toContain('138****8000');
    for (const secret of ['李明华', '11010519491231002X', '13800138000', '6222020012345678901']) {
      expect(all).not.toContain(secret);
    }
  });

  it.each([
    ['name', { ...person, name: undefined }, 400, 'request_invalid'],
    ['name', { ...person, name: '' }, 400, 'request_invalid'],
    ['name', { ...person, name: 5 }, 400, 'request_invalid'],
    ['name', { ...person, name: '   ' }, 422, 'party_text_invalid'],
    ['name', { ...person, name: 'a\nb' }, 422, 'party_text_invalid'],
    ['name', { ...person, name: 'a\u0000b' }, 400, 'request_invalid'],
    ['name', { ...person, name: '长'.repeat(101) }, 422, 'party_text_invalid'],
    ['phone', { ...person, phone: '123' }, 422, 'phone_invalid'],
    ['phone', { ...person, phone: null }, 400, 'request_invalid'],
    ['id_document', { ...person, id_document: 'x' }, 400, 'request_invalid'],
    [
      'id_document.kind',
      { ...person, id_document: { kind: 'x', number: '1' } },
      400,
      'request_invalid',
    ],
    [
      'id_document.number',
      { ...person, id_document: { kind: 'passport' } },
      400,
      'request_invalid',
    ],
    [
      'id_document.number',
      { ...person, id_document: { kind: 'resident_id', number: '110105194912310021' } },
      422,
      'id_document_invalid',
    ],
    ['nickname', { ...person, nickname: 'x' }, 400, 'request_invalid'],
  ])('are refused for a wrong %s', async (param, payload, status, code) => {
    const answer = await who.call(post('/v1/persons', payload));
    expect(answer.json()).toMatchObject({ status, code, param });
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    for (const text of Object.values(payload)) {
      if (typeof text === 'string' && text.length > 3) expect(answer.body).not.toContain(text);
    }
  });

  it('need an Idempotency-Key', async () => {
    const answer = await who.call({
      method: 'POST',
      url: '/v1/persons',
      payload: person,
      headers: mine,
    });
    expect(answer.json()).toMatchObject({ status: 400, code: 'idempotency_key_missing' });
  });

  it('of another integrator are not there', async () => {
    const id = await created('/v1/persons', person, theirs);
    for (const wanted of [id, `per_${nobody}`]) {
      const answer = await who.call({ url: `/v1/persons/${wanted}`, headers: mine });
      expect(answer.json()).toMatchObject({ status: 404, code: 'person_not_found' });
      const added = await who.call(post('/v1/bank-accounts', { ...account, owner_id: wanted }));
      expect(added.json()).toMatchObject({
        status: 404,
        code: 'person_not_found',
        param: 'owner_id',
      });
    }
    const seen = await who.call({ url: `/v1/persons/${id}`, headers: { cookie: operator.cookie } });
    expect(seen.statusCode).toBe(200);
  });

  it('are listed, the latest first: an integrator’s own, all for an operator', async () => {
    const own = await created('/v1/persons', person);
    const other = await created('/v1/persons', person, theirs);
    const idsFor = async (headers: Record<string, string>) => {
      const answer = await who.call({ url: '/v1/persons?limit=100', headers });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json<{ items: { id: string }[] }>().items.map(({ id }) => id);
    };
    const seen = await idsFor(mine);
    expect(seen).toContain(own);
    expect(seen).not.toContain(other);
    const all = await idsFor({ cookie: operator.cookie });
    expect(all).toEqual(expect.arrayContaining([own, other]));
    expect(all).toEqual(all.toSorted().reverse());
  });

  it.each(['per_x', `mer_${nobody}`, 'x', `per_${'z'.repeat(26)}`])(
    'cannot have the id %s',
    async (id) => {
      const answer = await who.call({ url: `/v1/persons/${id}`, headers: mine });
      expect(answer.json()).toMatchObject({ status: 400, param: 'id' });
    },
  );

  it('are refused in Chinese to whoever reads Chinese', async () => {
    const request = post('/v1/persons', { name: '张三', phone: '1' });
    const headers = { ...request.headers, 'accept-language': 'zh-CN,en;q=0.5' };
    const answer = await who.call({ ...request, headers });
    expect(answer.json<{ detail: string }>().detail).toMatch(/手机号/);
  });
});

describe('merchants', () => {
  const merchant = {
    name: '链家望京店',
    kind: 'store',
    legal_name: '北京链家置地房地产经纪有限公司',
    registration_number: '91440300192203821' + '6',
  };

  it('are created and shown as they are', async () => {
    const id = await created('/v1/merchants', merchant);
    const got = await who.call({ url: `/v1/merchants/${id}`, headers: mine });
    expect(got.json()).toEqual({ id, ...merchant, created_at: '2026-11-20T02:00:00Z' });
  });

  it.each([
    ['name', { kind: 'store' }, 400, 'request_invalid'],
    ['name', { name: '\t', kind: 'store' }, 422, 'party_text_invalid'],
    ['kind', { name: 'x' }, 400, 'request_invalid'],
    ['kind', { name: 'x', kind: 'shop' }, 400, 'request_invalid'],
    ['legal_name', { ...merchant, legal_name: ' ' }, 422, 'party_text_invalid'],
    [
      'registration_number',
      { ...merchant, registration_number: '914403001922038217' },
      422,
      'registration_number_invalid',
    ],
  ])('are refused for a wrong %s', async (param, payload, status, code) => {
    const answer = await who.call(post('/v1/merchants', payload));
    expect(answer.json()).toMatchObject({ status, code, param });
  });

  it('that the operator made are there for every integrator', async () => {
    const id = await created('/v1/merchants', merchant, operator.headers);
    const got = await who.call({ url: `/v1/merchants/${id}`, headers: theirs });
    expect(got.statusCode).toBe(200);
    const missing = await who.call({ url: `/v1/merchants/mer_${nobody}`, headers: theirs });
    expect(missing.json()).toMatchObject({ status: 404, code: 'merchant_not_found' });
  });

  it('are listed page by page: an integrator’s own, all for an operator', async () => {
    const names = async (headers: Record<string, string>) => {
      const found: string[] = [];
      let next = '';
      do {
        const answer = await who.call({ url: `/v1/merchants?limit=2${next}`, headers });
        const page = answer.json<{ items: { name: string }[]; next_cursor?: string }>();
        found.push(...page.items.map((item) => item.name));
        next = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`;
      } while (next !== '');
      return found;
    };
    const lister = (await who.apiKey('Lister')).headers;
    const wanted = ['A', 'B', 'C', 'D', 'E'];
    for (const name of wanted) {
      await created('/v1/merchants', { name, kind: 'agent' }, lister);
      who.platform.clock.advance({ milliseconds: 1 });
    }
    expect(await names(lister)).toEqual([...wanted].reverse());
    const all = await names({ cookie: operator.cookie });
    expect(all).toEqual(expect.arrayContaining(wanted));
    expect(all.length).toBeGreaterThan(wanted.length);
  });

  it.each(['limit=0', 'limit=many', 'cursor=x', 'kind=store'])(
    'are not listed for %s',
    async (q) => {
      const answer = await who.call({ url: `/v1/merchants?${q}`, headers: mine });
      expect(answer.statusCode).toBe(400);
      const people = await who.call({ url: `/v1/persons?${q}`, headers: mine });
      expect(people.statusCode).toBe(400);
    },
  );
});

describe('bank accounts', () => {
  it('of a person are in the person’s own name, and shown masked alone', async () => {
    const owner_id = await created('/v1/persons', person);
    const answer = await who.call(
      post('/v1/bank-accounts', { ...account, owner_id, holder_name: ' 李明华 ' }),
    );
    const body = answer.json<{ id: string }>();
    expect(body).toEqual({
      id: expect.stringMatching(/^bac_/),
      owner_kind: 'person',
      owner_id,
      number: '****8901',
      holder_name: '**华',
      bank_code: '102100099996',
      bank_name: '中国工商银行',
      state: 'active',
      created_at: expect.any(String),
    });
    const got = await who.call({ url: `/v1/bank-accounts/${body.id}`, headers: mine });
    expect(got.json()).toEqual(body);
    const list = await who.call({ url: `/v1/bank-accounts?owner_id=${owner_id}`, headers: mine });
    expect(list.json()).toEqual({ items: [body] });
    const others = await who.call({
      url: `/v1/bank-accounts?owner_id=${owner_id}`,
      headers: theirs,
    });
    expect(others.json()).toEqual({ items: [] });
    const hidden = await who.call({ url: `/v1/bank-accounts/${body.id}`, headers: theirs });
    expect(hidden.json()).toMatchObject({ status: 404, code: 'bank_account_not_found' });

    const stranger = await who.call(
      post('/v1/bank-accounts', { ...account, owner_id, holder_name: '王五' }),
    );
    expect(stranger.json()).toMatchObject({ status: 422, code: 'holder_name_mismatch' });
  });

  it('of an owner have each number once, however it is written, until it is disabled', async () => {
    const owner_id = await created('/v1/merchants', { name: 'Once', kind: 'agent' });
    const id = await created('/v1/bank-accounts', { ...account, owner_id });
    const number = '6222-0200-1234-5678-901';
    const again = await who.call(post('/v1/bank-accounts', { ...account, owner_id, number }));
    expect(again.json()).toMatchObject({ status: 409, code: 'bank_account_exists' });
    expect(again.json<{ detail: string }>().detail).toContain(id);
    await who.call(post(`/v1/bank-accounts/${id}/disable`, {}));
    await created('/v1/bank-accounts', { ...account, owner_id });
  });

  it('are added once by many at the same time', async () => {
    const owner_id = await created('/v1/merchants', { name: 'Race', kind: 'agent' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        who.call(post('/v1/bank-accounts', { ...account, owner_id })),
      ),
    );
    const statuses = answers.map((answer) => answer.statusCode).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  });

  it.each([
    ['owner_id', { ...account, owner_id: undefined }, 400, 'request_invalid'],
    ['owner_id', { ...account, owner_id: 'bac_1' }, 400, 'request_invalid'],
    ['owner_id', { ...account, owner_id: `mer_${nobody}` }, 404, 'merchant_not_found'],
    ['number', { ...account, number: '12345' }, 422, 'bank_account_number_invalid'],
    ['number', { ...account, number: 6222020012345678 }, 400, 'request_invalid'],
    ['bank_code', { ...account, bank_code: '1021' }, 422, 'bank_code_invalid'],
    ['bank_name', { ...account, bank_name: ' ' }, 422, 'party_text_invalid'],
    ['bank_name', { ...account, bank_name: undefined }, 400, 'request_invalid'],
    ['holder_name', { ...account, holder_name: '\u0007' }, 422, 'party_text_invalid'],
  ])('are refused for a wrong %s', async (param, payload, status, code) => {
    const owner_id = await created('/v1/merchants', { name: 'Wrong', kind: 'store' });
    const answer = await who.call(post('/v1/bank-accounts', { owner_id, ...payload }));
    expect(answer.json()).toMatchObject({ status, code, param });
  });

  it('are disabled once, for good, by whoever added them or an operator', async () => {
    const owner_id = await created(
      '/v1/merchants',
      { name: 'Shared', kind: 'store' },
      operator.headers,
    );
    const id = await created('/v1/bank-accounts', { ...account, owner_id }, operator.headers);
    const url = `/v1/bank-accounts/${id}/disable`;
    const foreign = await who.call(post(url, {}));
    expect(foreign.json()).toMatchObject({ status: 404, code: 'bank_account_not_found' });
    const first = await who.call(post(url, {}, operator.headers));
    expect(first.json()).toMatchObject({ id, state: 'disabled', disabled_at: expect.any(String) });
    who.platform.clock.advance({ seconds: 1 });
    const second = await who.call(post(url, {}, operator.headers));
    expect(second.json()).toEqual(first.json());
  });
});
