import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@keyturn/kernel';
import { type OldLedger, OldLedgerError, type TakeoverPlan } from '@keyturn/ledger';
import { errorCode, fromJson, toJson } from '@keyturn/pipeline';
import { Agent, request } from 'undici';
import { balanceOf, fieldsOf, instantOf, integerOf, listOf, movementOf, nameOf } from './wire.ts';

/** How long the old ledger has for an answer, in milliseconds. */
const answerWithinMs = 15_000;

/** The file with the key that a plan names: `takeover-<name>.key`, beside the others. */
export function keyFileOf(folder: string, name: string): string {
  return join(folder, `takeover-${name}.key`);
}

/** The key as people put it there, without the line's end. */
async function readKey(folder: string, name: string): Promise<string> {
  const file = keyFileOf(folder, name);
  try {
    const key = (await readFile(file, 'utf8')).trim();
    if (key.length >= 32) return key;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  throw new OldLedgerError(`${file} holds no key of at least 32 characters; put it there`);
}

/**
 * Speaks with the old ledger over HTTP: JSON, amounts as integers, each request signed with
 * HMAC-SHA256 over method, address, time stamp and the digest of the body.
 */
export function createOldLedgerConnection(options: {
  readonly plan: TakeoverPlan;
  readonly keyFolder: string;
  readonly clock: Clock;
}): { readonly old: OldLedger; close(): Promise<void> } {
  const { plan, keyFolder, clock } = options;
  const agent = new Agent({ connect: { timeout: 5_000 }, connections: 4 });

  async function call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const key = await readKey(keyFolder, plan.old.key);
    const text = body === undefined ? '' : toJson(body);
    const timestamp = String(Math.floor(clock.now().epochMilliseconds / 1_000));
    const digest = createHash('sha256').update(text).digest('hex');
    const { pathname, origin } = new URL(plan.old.url);
    const address = `${pathname === '/' ? '' : pathname}${path}`;
    const signed = [method, address, timestamp, digest].join('\n');
    const headers = {
      'x-ledger-client': plan.old.client,
      'x-ledger-timestamp': timestamp,
      'x-ledger-signature': createHmac('sha256', key).update(signed).digest('hex'),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      const answer = await request(`${origin}${address}`, {
        method,
        headers,
        dispatcher: agent,
        signal: AbortSignal.timeout(answerWithinMs),
        ...(body === undefined ? {} : { body: text }),
      });
      const said = await answer.body.text();
      if (answer.statusCode < 300) return fromJson(said);
      throw new OldLedgerError(`${method} ${path}: ${answer.statusCode} ${said.slice(0, 300)}`);
    } catch (error) {
      if (error instanceof OldLedgerError) throw error;
      const reason = error instanceof Error ? (errorCode(error) ?? error.message) : String(error);
      throw new OldLedgerError(`${method} ${path}: ${reason}`);
    }
  }

  const query = (values: Readonly<Record<string, string | undefined>>) => {
    const set = Object.entries(values).filter(([, value]) => value !== undefined);
    return new URLSearchParams(set.map(([name, value]) => [name, value ?? ''])).toString();
  };
  const get = async (path: string, values: Readonly<Record<string, string | undefined>>) =>
    fieldsOf(await call('GET', `${path}?${query(values)}`));

  const old: OldLedger = {
    readHistory: async ({ through, cursor, limit }) => {
      const page = { through: String(through), cursor, limit: String(limit) };
      const answer = await get('/v1/history', page);
      const next = answer.get('next');
      return {
        rows: listOf(answer, 'rows').map(movementOf),
        next: typeof next === 'string' ? next : undefined,
      };
    },
    readMovements: async ({ after, limit }) => {
      const page = { after: String(after), limit: String(limit) };
      return listOf(await get('/v1/movements', page), 'rows').map(movementOf);
    },
    takeSnapshot: async () => {
      const answer = fieldsOf(await call('POST', '/v1/snapshots', {}));
      return {
        id: nameOf(answer, 'snapshot'),
        takenAt: instantOf(answer, 'taken_at'),
        position: integerOf(answer, 'position'),
      };
    },
    readBalances: async ({ snapshot, after, limit }) => {
      const path = `/v1/snapshots/${encodeURIComponent(snapshot)}/balances`;
      return listOf(await get(path, { after, limit: String(limit) }), 'balances').map(balanceOf);
    },
    mirror: async ({ id, order, kind, bookedAt, movements }) => {
      const body = { id, order, kind, booked_at: bookedAt.toString(), movements };
      return integerOf(fieldsOf(await call('POST', '/v1/mirror', body)), 'position');
    },
  };
  return { old, close: () => agent.close() };
}
