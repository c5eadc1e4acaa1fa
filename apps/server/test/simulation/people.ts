import { Agent, request } from 'undici';
import type { Answer } from '../../src/main/demo/client.ts';
import type { TestWorld } from '../world.ts';

/** What somebody was answered. Refusals are answers. */
export interface Reply {
  readonly status: number;
  readonly body: Answer;
}

/** Somebody who calls the platform. */
export interface Person {
  get(path: string): Promise<Reply>;
  /** `key` names the call for ever. Without an answer, the same call is made again. */
  post(path: string, body: unknown, key: string): Promise<Reply>;
}

export interface People {
  /** An integrator’s system. */
  readonly shop: Person;
  readonly finance: Person;
  readonly approver: Person;
  /** Whoever holds a link. */
  readonly payer: Person;
  close(): Promise<void>;
}

/** An answer that no caller may ever get. */
export class FaultOfOurs extends Error {
  override name = 'FaultOfOurs';
}

/** How often a call is made again that was answered with "ask again with the same key". */
const patience = 20;

export function gatherPeople({ url, secrets }: Pick<TestWorld, 'url' | 'secrets'>): People {
  const agent = new Agent({ keepAliveTimeout: 60_000 });

  async function once(method: 'GET' | 'POST', path: string, body: unknown, headers: Headers) {
    const answer = await request(`${url}${path}`, {
      method,
      dispatcher: agent,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const reply = { status: answer.statusCode, body: text === '' ? undefined : JSON.parse(text) };
    return { ...reply, cookies: answer.headers['set-cookie'] };
  }

  async function persist(method: 'GET' | 'POST', path: string, body: unknown, headers: Headers) {
    for (let attempt = 0; ; attempt++) {
      const reply = await once(method, path, body, headers);
      if (reply.status === 503 && attempt < patience) continue;
      if (reply.status >= 500) {
        throw new FaultOfOurs(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
      }
      return reply;
    }
  }

  function person(identify: (again: boolean) => Promise<Headers>): Person {
    async function send(method: 'GET' | 'POST', path: string, body?: unknown, key?: string) {
      for (const again of [false, true]) {
        const who = await identify(again);
        const headers = key === undefined ? who : { ...who, 'idempotency-key': key };
        const reply = await persist(method, path, body, headers);
        if (reply.status !== 401 || again) return { status: reply.status, body: reply.body };
      }
      throw new FaultOfOurs(`nobody answered ${path}`);
    }
    return {
      get: (path) => send('GET', path),
      post: (path, body, key) => send('POST', path, body, key),
    };
  }

  /** Sessions end when nobody uses them; the world’s nights are long. */
  function operator(username: string): Person {
    let session: Headers | undefined;
    return person(async (again) => {
      if (session && !again) return session;
      const password = secrets.operators[username];
      const reply = await persist('POST', '/v1/operator-sessions', { username, password }, {});
      const [cookie] = [reply.cookies ?? ''].flat();
      session = {
        cookie: cookie?.split(';')[0] ?? '',
        'x-csrf-token': String(reply.body.csrf_token),
      };
      return session;
    });
  }

  return {
    shop: person(async () => ({ authorization: `Bearer ${secrets.demoApiKey}` })),
    finance: operator('finance'),
    approver: operator('approver'),
    payer: person(async () => ({})),
    close: () => agent.close(),
  };
}

type Headers = Readonly<Record<string, string>>;
