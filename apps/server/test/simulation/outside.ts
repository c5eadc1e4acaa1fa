import { Agent, request } from 'undici';
import type { Answer } from '../../src/main/demo/client.ts';

/** The simulated bank and acquirer, by their administration: what people and clerks outside do. */
export interface Outside {
  get(path: string): Promise<Answer>;
  /** Status 400 and above is an answer too: a payer may try to pay what is closed. */
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: Answer }>;
  /** Takes the world's clock there; what became due on the way has happened then. */
  moveTo(instant: Temporal.Instant): Promise<void>;
  /**
   * Resolves when nothing that is due is still on its way to us; says when something happens next
   * by itself.
   */
  delivered(): Promise<Temporal.Instant>;
  /** No more trouble than there is. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

export function createOutside(admin: string): Outside {
  const agent = new Agent({ keepAliveTimeout: 60_000 });
  async function send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) {
    const answer = await request(`${admin}${path}`, {
      method,
      dispatcher: agent,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text === '' ? undefined : JSON.parse(text) };
  }
  async function get(path: string): Promise<Answer> {
    const { status, body } = await send('GET', path);
    if (status >= 400) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }
  return {
    get,
    post: (path, body) => send('POST', path, body),
    moveTo: async (instant) => {
      const { status, body } = await send('POST', '/clock/set', { now: instant.toString() });
      if (status >= 400) throw new Error(`the clock: ${status} ${JSON.stringify(body)}`);
    },
    delivered: async () => {
      // The world's clock stands: what is not due now stays so until it is moved.
      for (;;) {
        const { now, next_due } = await get('/clock');
        const next = Temporal.Instant.from(next_due);
        if (Temporal.Instant.compare(next, now) > 0) return next;
      }
    },
    calm: async () => {
      await send('DELETE', '/faults');
    },
    close: () => agent.close(),
  };
}
