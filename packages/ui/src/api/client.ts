import * as v from 'valibot';
import type { Language } from '../language/languages.ts';
import { parseJson } from './json.ts';
import { ApiError, ProblemSchema } from './problem.ts';

type Query = Readonly<Record<string, string | number | undefined>>;
type AnySchema = v.GenericSchema;

export interface ReadOptions<S extends AnySchema> {
  /** What the answer must be; anything else is an `unreadable` failure. */
  readonly schema: S;
  readonly query?: Query;
  readonly signal?: AbortSignal;
}

export interface WriteOptions<S extends AnySchema> extends ReadOptions<S> {
  /** JSON; a bigint is written as an integer. Or bytes, sent as they are. */
  readonly body?: unknown;
  /** For calls that move money or state: the same at each repeat of one intention. */
  readonly idempotencyKey?: string;
}

export interface ApiClient {
  get<S extends AnySchema>(path: string, options: ReadOptions<S>): Promise<v.InferOutput<S>>;
  post<S extends AnySchema>(path: string, options: WriteOptions<S>): Promise<v.InferOutput<S>>;
  delete<S extends AnySchema>(path: string, options: WriteOptions<S>): Promise<v.InferOutput<S>>;
}

export interface ApiDeps {
  /** The language that problems are told in, asked at each call. */
  readonly language: () => Language;
  /** Headers of every call, such as a CSRF token. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Milliseconds until a call is given up; 15 s when not said. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

/**
 * Talks to the platform's API on the same origin.
 *
 * @throws ApiError, and nothing else but the abort of the caller's own signal
 */
export function createApi(deps: ApiDeps): ApiClient {
  async function call<S extends AnySchema>(
    method: string,
    path: string,
    options: WriteOptions<S>,
  ): Promise<v.InferOutput<S>> {
    const limit = timeLimit(deps.timeoutMs ?? 15_000, options.signal);
    const request: RequestInit = {
      method,
      signal: limit.signal,
      headers: headersOf(deps, options),
      ...(options.body === undefined ? {} : { body: bodyOf(options.body) }),
      credentials: 'same-origin',
      cache: 'no-store',
    };
    let response: Response;
    let text: string;
    try {
      response = await (deps.fetch ?? fetch)(path + queryOf(options.query), request);
      text = await response.text();
    } catch (error) {
      throw failureOf(error, limit.isOver(), options.signal);
    } finally {
      limit.end();
    }
    return read(response, text, options.schema);
  }
  return {
    get: (path, options) => call('GET', path, options),
    post: (path, options) => call('POST', path, options),
    delete: (path, options) => call('DELETE', path, options),
  };
}

/** `AbortSignal.any` and `timeout` by hand: the browsers inside payment apps lag years behind. */
function timeLimit(milliseconds: number, own: AbortSignal | undefined) {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort(new Error('no answer in time'));
  }, milliseconds);
  const abort = () => controller.abort(own?.reason);
  if (own?.aborted) abort();
  own?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    isOver: () => over,
    end() {
      clearTimeout(timer);
      own?.removeEventListener('abort', abort);
    },
  };
}

function headersOf(deps: ApiDeps, { body, idempotencyKey }: WriteOptions<AnySchema>) {
  const binary = body instanceof Blob || body instanceof Uint8Array;
  return {
    accept: 'application/json, application/problem+json',
    'accept-language': deps.language(),
    ...(body === undefined
      ? {}
      : { 'content-type': binary ? 'application/octet-stream' : 'application/json' }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    ...deps.headers?.(),
  };
}

function bodyOf(body: unknown): BodyInit {
  if (body instanceof Blob) return body;
  if (body instanceof Uint8Array) return new Blob([new Uint8Array(body)]);
  return JSON.stringify(body, (_key, value: unknown) => {
    // The wire takes amounts up to 10^14 minor units, which a number holds exactly.
    return typeof value === 'bigint' ? Number.parseInt(value.toString(), 10) : value;
  });
}

function queryOf(query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function failureOf(error: unknown, over: boolean, own: AbortSignal | undefined): unknown {
  if (own?.aborted) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(over ? 'timeout' : 'offline', message);
}

function read<S extends AnySchema>(response: Response, text: string, schema: S): v.InferOutput<S> {
  const { status } = response;
  const body = text === '' ? undefined : parseJson(text);
  if (!response.ok) {
    const retryAfterMs = waitOf(response.headers.get('retry-after'));
    const problem = v.safeParse(ProblemSchema, body);
    if (problem.success) {
      const details = { status, problem: problem.output, retryAfterMs };
      throw new ApiError('problem', problem.output.detail, details);
    }
    throw new ApiError('unreadable', `status ${status} without a problem`, {
      status,
      retryAfterMs,
    });
  }
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return parsed.output;
  const where = parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  throw new ApiError('unreadable', where.join('; '), { status });
}

function waitOf(retryAfter: string | null): number | undefined {
  const seconds = Number.parseInt(retryAfter ?? '', 10);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), 300) * 1000;
}

/**
 * A key for one intention. Made when a person decides, and sent again with each try of the same.
 */
export function newIdempotencyKey(): string {
  // `crypto.randomUUID` is missing where a page is not served over TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
