import { setTimeout as wait } from 'node:timers/promises';
import { elapsedMs } from '@keyturn/kernel';

/** An answer of the platform or of the simulated world, as read from JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the demo reads answers as any script would
export type Answer = any;

/** What the demo was refused. The sentence is the platform's own. */
export class DemoError extends Error {
  override name = 'DemoError';
  readonly status: number;
  /** The problem's code; none when it was not the platform that said no. */
  readonly code: string | undefined;
  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long a call is repeated while nobody answers: restarts included. */
const patienceMs = 120_000;

/**
 * Calls until somebody answers. Network errors and 5xx are repeated with the same body and the
 * same key, which changes nothing when the first call had taken effect.
 */
export async function call(
  url: string,
  { method = 'GET', body, headers = {} }: Call = {},
): Promise<{
  readonly status: number;
  readonly body: Answer;
  readonly headers: Headers;
}> {
  const end = elapsedMs() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(url, {
        method,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      if (response.status < 500) {
        return { status: response.status, body: parse(text), headers: response.headers };
      }
      if (elapsedMs() > end) throw new DemoError(response.status, text.slice(0, 500));
    } catch (error) {
      if (error instanceof DemoError || elapsedMs() > end) throw error;
    }
    await wait(Math.min(100 * 2 ** attempt, 2_000));
  }
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch {
    return text; // A page, not an answer in JSON: its reader looks at the status.
  }
}

/** A caller of the platform's API who signs in by itself and repeats what got no answer. */
export interface Caller {
  get(path: string): Promise<Answer>;
  /** `key` names the call for ever: the same one at each repeat. */
  post(path: string, body: unknown, key: string): Promise<Answer>;
}

export function integrator(url: string, apiKey: string): Caller {
  const authorization = `Bearer ${apiKey}`;
  return caller(url, async () => ({ authorization }));
}

/**
 * A person who works for the operator: signs in with a password, again when the session is over.
 */
export function operator(url: string, username: string, password: string): Caller {
  let session: Record<string, string> | undefined;
  return caller(url, async (again) => {
    if (session && !again) return session;
    const answer = await call(`${url}/v1/operator-sessions`, {
      method: 'POST',
      body: { username, password },
    });
    if (answer.status >= 400) throw refusal('log in', answer.status, answer.body);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    session = { cookie, 'x-csrf-token': String(answer.body.csrf_token) };
    return session;
  });
}

function caller(
  url: string,
  identify: (again: boolean) => Promise<Record<string, string>>,
): Caller {
  async function send(path: string, request: Call): Promise<Answer> {
    for (const again of [false, true]) {
      const headers = { ...(await identify(again)), ...request.headers };
      const answer = await call(`${url}${path}`, { ...request, headers });
      if (answer.status === 401 && !again) continue;
      if (answer.status >= 400) throw refusal(path, answer.status, answer.body);
      return answer.body;
    }
  }
  return {
    get: (path) => send(path, {}),
    post: (path, body, key) =>
      send(path, { method: 'POST', body, headers: { 'idempotency-key': key } }),
  };
}

function refusal(what: string, status: number, body: Answer): DemoError {
  const said = body?.detail ?? body?.error ?? JSON.stringify(body);
  return new DemoError(status, `${what}: ${status} ${body?.code ?? ''} ${said}`, body?.code);
}
