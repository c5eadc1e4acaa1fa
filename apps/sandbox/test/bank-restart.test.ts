import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  type BankClient,
  type Ear,
  type Json,
  masterAccount,
  monday,
  openEar,
  openLine,
  pain001,
  textAt,
} from './bank-party.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;
const transaction = 'CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts';

interface Running {
  child: ChildProcess;
  bank: string;
  admin: string;
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<Json>;
}

/** Starts the whole sandbox as a process of its own and waits until it says that it listens. */
async function start(directory: string): Promise<Running> {
  const ports = ['--acquirer-port', '0', '--bank-port', '0', '--admin-port', '0'];
  const child = spawn(process.execPath, [main, '--data', directory, ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const ready: Json = JSON.parse(String(line));
  const admin = String(ready['admin']);
  return {
    child,
    bank: String(ready['bank']),
    admin,
    call: async (method, path, body) => {
      const options =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const answer = await request(`${admin}${path}`, { method, ...options });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${text}`);
      const value: Json = JSON.parse(text);
      return value;
    },
  };
}

async function stop({ child }: Running, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return typeof code === 'number' ? code : null;
}

describe('the bank as a process that dies', () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-restart-'));
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let running: Running | undefined;
  let line: BankClient | undefined;
  let ear: Ear | undefined;

  async function connect(sandbox: Running, notifyUrl: string, key: KeyObject) {
    running = sandbox;
    const enrolment = await sandbox.call('POST', '/bank/clients', {
      client_id: 'KT01',
      name: 'Keyturn',
      public_key_pem: publicKey.export({ type: 'spki', format: 'pem' }),
      notify_url: notifyUrl,
    });
    const { now } = await sandbox.call('GET', '/clock');
    const offset = Temporal.Instant.from(String(now)).epochMilliseconds - performance.now();
    line = openLine(sandbox.bank, 'KT01', key, enrolment, () => performance.now() + offset);
    return { enrolment, line };
  }

  afterEach(async () => {
    await line?.close();
    if (running?.child.exitCode === null && running.child.signalCode === null) {
      await stop(running, 'SIGKILL');
    }
  });
  afterAll(async () => {
    await ear?.close();
  });

  test('killed in the middle, it goes on: nothing lost, nothing twice, the same keys', async () => {
    ear = await openEar();
    const first = await start(directory);
    await first.call('POST', '/clock/set', { now: monday });
    const before = await connect(first, ear.url, privateKey);
    ear.trust(String(before.enrolment['bank_public_key_pem']));
    await first.call('POST', '/bank/accounts', {
      client_id: 'KT01',
      account: masterAccount,
      name: '存管专户',
      kind: 'escrow_master',
      currency: 'CNY',
      opening_balance: 100_000,
    });
    ear.answerWith(503);
    const orders = Array.from({ length: 5 }, (_, index) =>
      pain001([{ endToEndId: `K${index}`, amount: '10.00' }]),
    );
    const answers = await Promise.all(
      orders.map((order) => before.line.call('POST', '/v1/payments', order)),
    );
    await stop(first, 'SIGKILL');
    await before.line.close();

    ear.answerWith(200);
    const second = await start(directory);
    const after = await connect(second, ear.url, privateKey);
    expect(after.enrolment).toEqual(before.enrolment);
    const again = await Promise.all(
      orders.map((order) => after.line.call('POST', '/v1/payments', order)),
    );
    expect(again.map(({ body }) => body)).toEqual(answers.map(({ body }) => body));
    await second.call('POST', '/clock/advance', { duration: 'PT5S' });
    const references = new Set<unknown>();
    for (const index of orders.keys()) {
      const { xml } = await after.line.call('GET', `/v1/payments/K${index}`);
      expect(textAt(xml, `${transaction}/TxSts`)).toBe('ACSC');
      references.add(textAt(xml, `${transaction}/AcctSvcrRef`));
    }
    for (const reference of references) {
      expect((await ear.hear(reference)).signatureIsGood).toBe(true);
    }
    expect(references.size).toBe(5);
    const account = await second.call('GET', `/bank/accounts/${masterAccount}`);
    expect(account).toMatchObject({ booked: 95_000, available: 95_000 });
    const entries = await second.call('GET', `/bank/accounts/${masterAccount}/entries`);
    expect(entries['totals']).toMatchObject({ count: 6, credits: 100_000, debits: 5_000 });
    expect(await stop(second, 'SIGTERM')).toBe(0);
  });

  test('killed while payments pour in, each is there as a whole or not at all', async () => {
    const notify = 'http://127.0.0.1:9/';
    const first = await start(directory);
    const before = await connect(first, notify, privateKey);
    const ids = Array.from({ length: 60 }, (_, index) => `W${index}`);
    let answered = 0;
    let killed: Promise<number | null> | undefined;
    const attempts = ids.map(async (id) => {
      const order = pain001([{ endToEndId: id, amount: '1.00' }]);
      try {
        await before.line.call('POST', '/v1/payments', order);
        answered += 1;
        if (answered === 20) killed = stop(first, 'SIGKILL');
        return id;
      } catch {
        // The bank died under it: whether it was taken in is what the test finds out.
        return undefined;
      }
    });
    const confirmed = (await Promise.all(attempts)).filter((id) => id !== undefined);
    await killed;
    await before.line.close();
    expect(confirmed.length).toBeGreaterThanOrEqual(20);

    const second = await start(directory);
    const after = await connect(second, notify, privateKey);
    await second.call('POST', '/clock/advance', { duration: 'PT5S' });
    let paid = 0;
    for (const id of ids) {
      const answer = await after.line.call('GET', `/v1/payments/${id}`);
      if (answer.status === 200) {
        expect(textAt(answer.xml, `${transaction}/TxSts`)).toBe('ACSC');
        paid += 1;
      } else expect(confirmed).not.toContain(id);
    }
    const account = await second.call('GET', `/bank/accounts/${masterAccount}`);
    expect(account).toMatchObject({ booked: 95_000 - 100 * paid, available: 95_000 - 100 * paid });
  });
});
