import { answers } from './answers.ts';

/** A small stand-in for the API: answers by address, and remembers what it was asked. */

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Answer {
  /** 0: no connection. */
  readonly status: number;
  readonly body?: unknown;
  readonly problem?: true;
}

export interface World {
  answer(call: Call): Answer;
  /** Answers calls of this method and address from now on; the address may end in `*`. */
  on(method: string, path: string, reply: Answer | ((call: Call) => Answer)): void;
  /** Whether the browser remembers that somebody has logged in. */
  readonly loggedIn: boolean;
  /** Everything that was asked, changes first of all. */
  readonly calls: readonly Call[];
  changes(): readonly Call[];
}

export function ok(body: unknown, status = 200): Answer {
  return { status, body };
}

export function problem(status: number, code: string, detail: string, param?: string): Answer {
  const body = { type: `/docs/errors/${code}`, title: code, status, detail, code };
  const more = { request_id: 'req_1', retryable: false, ...(param === undefined ? {} : { param }) };
  return { status, body: { ...body, ...more }, problem: true };
}

/** A world as an operator of these roles finds it; without roles nobody is logged in. */
export function createWorld(roles: readonly string[] | undefined): World {
  const calls: Call[] = [];
  const replies = new Map<string, Answer | ((call: Call) => Answer)>();
  const world: World = {
    loggedIn: roles !== undefined,
    calls,
    changes: () => calls.filter(({ method }) => method !== 'GET'),
    on: (method, path, reply) => void replies.set(`${method} ${path}`, reply),
    answer: (call) => {
      calls.push(call);
      const exact = replies.get(`${call.method} ${call.path}`);
      const under = [...replies].find(
        ([key]) => key.endsWith('*') && `${call.method} ${call.path}`.startsWith(key.slice(0, -1)),
      );
      const reply = exact ?? under?.[1];
      if (reply === undefined) return problem(404, 'route_not_found', `No ${call.path}.`);
      return typeof reply === 'function' ? reply(call) : reply;
    },
  };
  for (const [path, body] of Object.entries(answers)) world.on('GET', path, ok(body));
  const loggedOut = problem(401, 'authentication_required', 'Log in.');
  world.on('GET', '/v1/me', roles === undefined ? loggedOut : ok(me(roles)));
  return world;
}

export const myId = 'opr_06fekx0000e07s8000000000a1';

export function me(roles: readonly string[]) {
  return { kind: 'operator', id: myId, name: '王敏', roles, csrf_token: 'csrf-1' };
}

export function bodyOf(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A file, not JSON.
    return text;
  }
}
