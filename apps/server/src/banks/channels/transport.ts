import { Pool } from 'undici';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path with query, as it is signed. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * An answer, whatever it says; or a connection that gave none, and so nobody knows what was done.
 */
export type Exchange =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'broken'; readonly reason: string };

/** One contract's connections, kept alive between calls. */
export interface Transport {
  send(request: HttpRequest): Promise<Exchange>;
  callsUnderWay(): number;
  close(): Promise<void>;
}

/** More waiting calls than this help nobody: whoever asks is told at once that nothing was sent. */
const maxUnderWay = 2_000;
const maxAnswerBytes = 64 * 1_048_576;
export const defaultTimeoutMs = 10_000;

export function createTransport(options: {
  readonly baseUrl: string;
  readonly timeoutMs?: number | undefined;
  readonly maxConnections?: number | undefined;
  readonly ca?: string | undefined;
}): Transport {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const pool = new Pool(options.baseUrl, {
    connections: options.maxConnections ?? 64,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: maxAnswerBytes,
    connect: { timeout: timeoutMs, ...(options.ca === undefined ? {} : { ca: options.ca }) },
  });
  let underWay = 0;

  async function exchange({ method, path, headers, body }: HttpRequest): Promise<Exchange> {
    try {
      const answer = await pool.request({
        method,
        path,
        headers,
        ...(body === '' ? {} : { body }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      const { statusCode: status } = answer;
      return { kind: 'answer', answer: { status, headers: answer.headers, body: bytes } };
    } catch (error) {
      return { kind: 'broken', reason: reasonOf(error, timeoutMs) };
    }
  }

  return {
    send: async (request) => {
      if (underWay >= maxUnderWay) {
        return { kind: 'broken', reason: `${underWay} calls are under way; nothing was sent` };
      }
      underWay += 1;
      try {
        return await exchange(request);
      } finally {
        underWay -= 1;
      }
    },
    callsUnderWay: () => underWay,
    close: () => pool.close(),
  };
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'the connection broke';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (error.name === 'TimeoutError' || code.endsWith('_TIMEOUT') || code === 'ETIMEDOUT') {
    return `no answer within ${timeoutMs} ms`;
  }
  return `the connection broke (${code})`;
}

/** A header's value; undefined when it is missing or stands there twice. */
export function headerOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
