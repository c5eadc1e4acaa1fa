import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largeValueFen, openBankCalendar } from '../src/bank/calendar.ts';
import { openBankKeys } from '../src/bank/keys.ts';
import { requestText, signText, verifyText } from '../src/bank/signatures.ts';
import {
  adminCall,
  type BankClient,
  type BankWorld,
  enrol,
  masterAccount,
  openLine,
  startBankWorld,
} from './bank-party.ts';

describe("the bank's keys", () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-keys-'));

  test('are made once, for their owner alone, and found again', () => {
    const first = openBankKeys(directory);
    const second = openBankKeys(directory);
    expect(second.publicKeyPem).toBe(first.publicKeyPem);
    expect(second.caPem).toBe(first.caPem);
    expect(second.tls('127.0.0.1').cert).toBe(first.tls('127.0.0.1').cert);
    expect(statSync(join(directory, 'bank-signing.key.pem')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, 'bank-ca.pem'), 'utf8')).toBe(first.caPem);
  });

  test('another host gets a certificate of its own from the same authority', () => {
    const keys = openBankKeys(directory);
    const certificate = new X509Certificate(keys.tls('bank.test').cert);
    expect(certificate.checkHost('bank.test')).toBe('bank.test');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    const authority = new X509Certificate(keys.caPem);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(certificate.ca).toBe(false);
  });
});

describe('signatures', () => {
  test('stand over method, path, time, nonce and body as the protocol writes them', () => {
    const text = requestText({
      method: 'POST',
      path: '/v1/payments?a=1',
      timestamp: '1',
      nonce: 'n',
      body: 'abc',
    });
    // SHA-256 of "abc": FIPS 180-4, appendix B.1.
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(text).toBe(`POST\n/v1/payments?a=1\n1\nn\n${digest}\n`);
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signature = signText(privateKey, text);
    expect(verifyText(publicKey, text, signature)).toBe(true);
    expect(verifyText(publicKey, `${text} `, signature)).toBe(false);
    expect(verifyText(publicKey, text, 'not base64!')).toBe(false);
  });
});

describe("the bank's calendar", () => {
  const calendar = openBankCalendar();
  const from = (instant: string, amount: bigint) =>
    calendar
      .executableFrom(Temporal.Instant.from(instant), amount)
      .toString({ timeZone: 'Asia/Shanghai' });

  test('holidays on weekdays are no bank days and make-up Saturdays are', () => {
    const is = (day: string) => calendar.isBankDay(Temporal.PlainDate.from(day));
    expect(is('2026-02-16')).toBe(false);
    expect(is('2026-02-14')).toBe(true);
    expect(is('2026-02-21')).toBe(false);
    expect(is('2026-10-10')).toBe(true);
    expect(is('2026-03-16')).toBe(true);
    expect(is('2031-03-01')).toBe(false);
  });

  test('50,000.00 goes at any time, a fen more waits for the opening', () => {
    const sunday = '2026-03-15T20:00:00+08:00';
    expect(from(sunday, largeValueFen)).toBe('2026-03-15T20:00:00+08:00');
    expect(from(sunday, largeValueFen + 1n)).toBe('2026-03-16T09:00:00+08:00');
  });

  test('the window opens at 09:00 and is closed at 17:00 sharp', () => {
    const large = largeValueFen + 1n;
    expect(from('2026-03-16T08:59:59+08:00', large)).toBe('2026-03-16T09:00:00+08:00');
    expect(from('2026-03-16T09:00:00+08:00', large)).toBe('2026-03-16T09:00:00+08:00');
    expect(from('2026-03-16T16:59:59+08:00', large)).toBe('2026-03-16T16:59:59+08:00');
    expect(from('2026-03-16T17:00:00+08:00', large)).toBe('2026-03-17T09:00:00+08:00');
    expect(from('2026-09-30T17:00:00+08:00', large)).toBe('2026-10-08T09:00:00+08:00');
  });
});

describe('who may speak to the bank', () => {
  let bank: BankWorld;
  let client: BankClient;
  const path = `/v1/accounts/${masterAccount}/balance`;

  beforeAll(async () => {
    bank = await startBankWorld();
    client = await enrol(bank, 'KT01');
    const account = { account: masterAccount, name: '存管专户', kind: 'escrow_master' };
    await adminCall(bank.admin, 'POST', '/bank/accounts', {
      ...account,
      client_id: 'KT01',
      currency: 'CNY',
      opening_balance: 1_000,
    });
  });
  afterAll(async () => {
    await client.close();
    await bank.stop();
  });

  test("who does not trust the bank's authority cannot connect", async () => {
    await expect(request(`${bank.url}${path}`)).rejects.toThrow(/certificate|self.signed/);
  });

  test('the server speaks modern TLS only', async () => {
    const { port } = new URL(bank.url);
    const failure = new Promise((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(port),
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
        rejectUnauthorized: false,
      });
      socket.on('error', () => resolve('refused')).on('secureConnect', () => resolve('accepted'));
    });
    expect(await failure).toBe('refused');
  });

  test('a well-signed request is answered, and the answer is signed', async () => {
    const answer = await client.call('GET', path);
    expect(answer).toMatchObject({ status: 200, signatureIsGood: true });
    expect(answer.json).toMatchObject({
      account: masterAccount,
      currency: 'CNY',
      booked: 1_000,
      available: 1_000,
    });
    expect(answer.json['as_of']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
  });

  test.each([
    ['a wrong signature', { 'x-bank-signature': 'A'.repeat(344) }, 'SIGNATURE_INVALID'],
    ['no signature', { 'x-bank-signature': '' }, 'SIGNATURE_INVALID'],
    ['an unknown client', { 'x-bank-client': 'KT99' }, 'CLIENT_UNKNOWN'],
    ['an old timestamp', { 'x-bank-timestamp': '1700000000' }, 'TIMESTAMP_SKEWED'],
    ['a timestamp that is none', { 'x-bank-timestamp': 'now' }, 'TIMESTAMP_SKEWED'],
    ['a nonce that is too long', { 'x-bank-nonce': 'n'.repeat(65) }, 'SIGNATURE_INVALID'],
    ['no key id', { 'x-bank-key': '' }, 'SIGNATURE_INVALID'],
  ])('%s is refused with 401, and even that is signed', async (_what, change, code) => {
    const answer = await client.call('GET', path, undefined, change);
    expect(answer.status).toBe(401);
    expect(answer.json['code']).toBe(code);
    expect(answer.signatureIsGood).toBe(!('x-bank-nonce' in change));
  });

  test('a timestamp less than five minutes off passes, one beyond does not', async () => {
    const seconds = Math.floor(bank.world.clock.nowMs() / 1_000);
    const at = (timestamp: number) =>
      client.call('GET', path, undefined, { 'x-bank-timestamp': String(timestamp) });
    expect((await at(seconds - 200)).status).toBe(200);
    expect((await at(seconds - 301)).status).toBe(401);
    expect((await at(seconds + 400)).status).toBe(401);
  });

  test('a body other than the signed one is refused', async () => {
    const good = await client.call('POST', '/v1/payments', '<a/>');
    expect(good.json['code']).toBe('FORMAT_INVALID');
    const timestamp = String(Math.floor(bank.world.clock.nowMs() / 1_000));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const stranger = openLine(
      bank.url,
      'KT01',
      privateKey,
      await adminCall(bank.admin, 'POST', '/bank/clients', {
        client_id: 'KT01',
        name: 'Client KT01',
        public_key_pem: client.publicKeyPem,
      }),
      () => Number(timestamp) * 1_000,
    );
    expect((await stranger.call('POST', '/v1/payments', '<a/>')).json['code']).toBe(
      'SIGNATURE_INVALID',
    );
    await stranger.close();
  });

  test('a nonce works once, and a forged request does not use it up', async () => {
    const nonce = { 'x-bank-nonce': 'once' };
    const forged = { ...nonce, 'x-bank-signature': 'A'.repeat(344) };
    expect((await client.call('GET', path, undefined, forged)).json['code']).toBe(
      'SIGNATURE_INVALID',
    );
    expect((await client.call('GET', path, undefined, nonce)).status).toBe(200);
    const again = await client.call('GET', path, undefined, nonce);
    expect(again.json['code']).toBe('NONCE_REUSED');
  });

  test("one client does not see another's accounts", async () => {
    const other = await enrol(bank, 'KT02');
    const answer = await other.call('GET', path);
    expect(answer).toMatchObject({ status: 404, signatureIsGood: true });
    expect(answer.json['code']).toBe('ACCOUNT_UNKNOWN');
    await other.close();
  });

  test('an endpoint that is not there is told as a signed 404', async () => {
    const answer = await client.call('GET', '/v1/nothing');
    expect(answer).toMatchObject({ status: 404, signatureIsGood: true });
    expect(answer.json['code']).toBe('ENDPOINT_UNKNOWN');
  });

  test('enrolling with a key id binds the header to it', async () => {
    const named = await enrol(bank, 'KT03');
    const body = { client_id: 'KT03', name: 'Named', public_key_pem: named.publicKeyPem };
    await adminCall(bank.admin, 'POST', '/bank/clients', { ...body, key_id: 'key-2' });
    expect((await named.call('GET', path)).json['message']).toContain('key-2');
    const right = await named.call('GET', path, undefined, { 'x-bank-key': 'key-2' });
    expect(right.json['code']).toBe('ACCOUNT_UNKNOWN');
    await named.close();
  });

  test.each([
    ['no key', { public_key_pem: 'hello' }, 'no PEM public key'],
    ['a short key', { public_key_pem: shortKey() }, '2048 bits'],
    ['no web address', { notify_url: 'ftp://x' }, 'notify_url'],
    ['an unknown field', { hello: 1 }, 'additional properties'],
  ])('enrolment with %s is refused with a sentence', async (_what, change, sentence) => {
    const body = { client_id: 'KT04', name: 'X', public_key_pem: client.publicKeyPem, ...change };
    await expect(adminCall(bank.admin, 'POST', '/bank/clients', body)).rejects.toThrow(sentence);
  });

  function shortKey(): string {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    return String(publicKey.export({ type: 'spki', format: 'pem' }));
  }
});
