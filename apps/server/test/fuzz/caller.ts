import { Agent, request } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { FuzzRequest } from './requests.ts';

export interface Answer {
  readonly method: string;
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Longer than the server gives a request: what takes longer hangs. */
const patienceMs = 40_000;

/** Sends requests as they are, without mending them. */
export function createCaller(
  url: string,
  credentials: ReadonlyMap<string, Readonly<Record<string, string>>>,
) {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(url);
  return {
    send: (asked: FuzzRequest) =>
      new Promise<Answer>((resolve, reject) => {
        const { method, path, body } = asked;
        const headers = { ...credentials.get(asked.as), ...asked.headers };
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
        const options = { agent, hostname, port, method, path, timeout: patienceMs };
        const sent = request({ ...options, headers: { ...headers, ...length } }, (response) => {
          const type = String(response.headers['content-type'] ?? '');
          const status = response.statusCode ?? 0;
          readText(response).then((text) => resolve({ method, status, type, text }), reject);
        });
        sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs} ms`)));
        sent.on('error', reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
