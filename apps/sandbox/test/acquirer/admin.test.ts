import { generateKeyPairSync } from 'node:crypto';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolMerchant } from './merchant.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

let sandbox: SandboxProcess;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(async () => {
  await sandbox.stop();
});

describe('the clock', () => {
  it('moves forward by a duration and to an instant', async () => {
    const before = await sandbox.call('GET', '/clock');
    const moved = await sandbox.call('POST', '/clock/advance', { duration: 'P1DT2H' });
    const gained = Number(moved.body['offset_ms']) - Number(before.body['offset_ms']);
    expect(gained).toBeGreaterThanOrEqual(26 * 3_600_000 - 60_000);
    const target = Temporal.Instant.from(String(moved.body['now'])).add({ hours: 1 });
    const set = await sandbox.call('POST', '/clock/set', { now: target.toString() });
    const now = Temporal.Instant.from(String(set.body['now']));
    expect(Temporal.Instant.compare(now, target)).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['/clock/set', { now: '2020-01-01T00:00:00Z' }, 409, 'never goes backwards'],
    ['/clock/advance', { duration: '-PT1H' }, 409, 'never goes backwards'],
    ['/clock/advance', { duration: 'two days' }, 400, 'ISO 8601 duration'],
    ['/clock/advance', { duration: 'P11Y' }, 400, 'smaller steps'],
    ['/clock/set', { now: 'tomorrow' }, 400, 'no instant'],
    ['/clock/advance', { days: 1 }, 400, 'correct the request'],
  ])('%s refuses %o', async (path, body, status, sentence) => {
    const answer = await sandbox.call('POST', path, body);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toContain(sentence);
  });
});

describe('a request without content', () => {
  it('may name a content type all the same', async () => {
    const answer = await request(`${sandbox.admin}/faults`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
    });
    await answer.body.dump();
    expect(answer.statusCode).toBe(204);
    const broken = await request(`${sandbox.admin}/clock/set`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"now":',
    });
    expect(broken.statusCode).toBe(400);
    expect(await broken.body.json()).toHaveProperty('error');
  });
});

describe('faults', () => {
  it('are listed, taken away one by one, and all at once', async () => {
    const fault = { point: 'acquirer.notify', kind: 'drop', times: null };
    const first = await sandbox.call('POST', '/faults', fault);
    await sandbox.call('POST', '/faults', { ...fault, match: { out_trade_no: 'A' } });
    const listed = await sandbox.call('GET', '/faults');
    expect(listed.body['faults']).toMatchObject([
      { id: first.body['id'], times: null, match: {} },
      { times: null, match: { out_trade_no: 'A' } },
    ]);
    const path = `/faults/${first.body['id']}`;
    expect((await sandbox.call('DELETE', path)).status).toBe(204);
    const again = await sandbox.call('DELETE', path);
    expect(again.status).toBe(404);
    expect(again.body['error']).toContain('GET /faults');
    expect((await sandbox.call('DELETE', '/faults')).status).toBe(204);
    expect((await sandbox.call('GET', '/faults')).body['faults']).toEqual([]);
  });

  it.each([
    [{ point: 'acquirer.nowhere', kind: 'drop' }, 'acquirer.notify'],
    [{ point: 'acquirer.notify', kind: 'explode' }, 'out_of_order'],
    [{ point: 'acquirer.notify', kind: 'delay', delay: 5 }, 'no parameter "delay": use delay_ms'],
    [{ point: 'acquirer.settle', kind: 'short', amount: '5' }, 'must be a number'],
    [{ point: 'acquirer.notify', kind: 'drop', times: 0 }, 'times'],
    [{ kind: 'drop' }, 'point'],
  ])('%o is refused with what there is', async (fault, sentence) => {
    const answer = await sandbox.call('POST', '/faults', fault);
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toContain(sentence);
  });

  it('can come from a seed', async () => {
    const seed = { seed: 42, rate: 0.5, points: ['acquirer.pay'] };
    expect((await sandbox.call('POST', '/faults/seed', seed)).body).toEqual(seed);
    const wrong = await sandbox.call('POST', '/faults/seed', { ...seed, points: ['nowhere'] });
    expect(wrong.body['error']).toContain('acquirer.pay');
    const much = await sandbox.call('POST', '/faults/seed', { ...seed, rate: 1.5 });
    expect(much.status).toBe(400);
    const off = await sandbox.call('POST', '/faults/seed', { seed: 42, rate: 0 });
    expect(off.body).toEqual({ seed: 42, rate: 0, points: null });
  });
});

describe('enrolment of merchants', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const good = {
    ...{ mchid: '1900000001', name: '商户', appid: 'wx1', api_v3_key: 'k'.repeat(32) },
    ...{ certificate_serial: 'ABC', public_key_pem: key.export({ type: 'spki', format: 'pem' }) },
    ...{ fee_bps: 60, fee_mode: 'net', settlement_account: null },
  };
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;

  it('may be repeated and changed', async () => {
    const first = await sandbox.call('POST', '/acquirer/merchants', good);
    expect(first.body).toMatchObject({ mchid: '1900000001' });
    const second = await sandbox.call('POST', '/acquirer/merchants', { ...good, fee_bps: 38 });
    expect(second.body).toEqual(first.body);
    const listed = await sandbox.call('GET', '/acquirer/merchants');
    expect(listed.body['merchants']).toMatchObject([{ mchid: '1900000001', fee_bps: 38 }]);
  });

  it.each([
    [{ api_v3_key: 'short' }, 'exactly 32'],
    [{ public_key_pem: 'nothing' }, 'no PEM'],
    [{ public_key_pem: small.export({ type: 'spki', format: 'pem' }) }, '2048'],
    [{ fee_bps: -1 }, 'fee_bps'],
    [{ mchid: 'M1' }, 'mchid'],
    [{ colour: 'red' }, 'additional'],
  ])('refuses %o', async (change, sentence) => {
    const answer = await sandbox.call('POST', '/acquirer/merchants', { ...good, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toContain(sentence);
  });
});

describe('the read side', () => {
  it('pages through transactions and sums them all', async () => {
    const notifyUrl = 'http://127.0.0.1:9/nobody';
    const merchant = await enrolMerchant(sandbox, { mchid: '1900000003', notifyUrl });
    await merchant.prepay('LIST000001', 100);
    await merchant.paidOrder('LIST000002', 1_000);
    await merchant.paidOrder('LIST000003', 2_000);
    const first = await sandbox.call('GET', '/acquirer/transactions?mchid=1900000003&limit=2');
    expect(first.body).toMatchObject({
      transactions: [{ out_trade_no: 'LIST000001' }, { out_trade_no: 'LIST000002', fee: 6 }],
      totals: { orders: 3, paid_orders: 2, paid: 3_000, fees: 18 },
      next_after: 'LIST000002',
    });
    const rest = await sandbox.call(
      'GET',
      '/acquirer/transactions?mchid=1900000003&limit=2&after=LIST000002',
    );
    expect(rest.body).toMatchObject({
      transactions: [{ out_trade_no: 'LIST000003' }],
      next_after: null,
    });
    await merchant.refund('LIST000003', 'LIST000003R', 500, 2_000);
    const refunds = await sandbox.call('GET', '/acquirer/refunds?mchid=1900000003');
    expect(refunds.body).toMatchObject({
      refunds: [{ out_refund_no: 'LIST000003R' }],
      totals: { refunds: 1, asked: 500, succeeded: 0 },
    });
  });

  it('says which merchant or order is not there', async () => {
    const merchant = await sandbox.call('GET', '/acquirer/transactions?mchid=1');
    expect(merchant.status).toBe(404);
    const order = await sandbox.call('GET', '/payer/nothing');
    expect(order.body['error']).toContain('out_trade_no');
    const path = await sandbox.call('GET', '/nothing');
    expect(path.status).toBe(404);
  });
});
