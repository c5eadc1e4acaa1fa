import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from './generated/api.d.ts';

/** Why a call was refused: an RFC 9457 problem. `code` is for programs and never changes. */
export type Problem = components['schemas']['Problem'];

export interface ClientOptions {
  /** Where the platform is, such as `https://pay.example.com`. */
  readonly baseUrl: string;
  /** `ktk_…`, as it was shown when it was made. Leave it out for what is public. */
  readonly apiKey?: string;
  /** Instead of the runtime's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Operations with the header Idempotency-Key as something that the client adds by itself. */
type WithOwnKeys<Paths> = {
  [Path in keyof Paths]: {
    [Method in keyof Paths[Path]]: Paths[Path][Method] extends { parameters: infer Parameters }
      ? Omit<Paths[Path][Method], 'parameters'> & { parameters: OptionalHeader<Parameters> }
      : Paths[Path][Method];
  };
};
type OptionalHeader<Parameters> = Omit<Parameters, 'header'> & {
  header?: Parameters extends { header?: infer Header } ? Header : never;
};

export type KeyturnClient = Client<WithOwnKeys<paths>>;

/**
 * Nobody answered, or the answer broke off: whether the call took effect is not known. Repeat it
 * with the same body and this key, and it takes effect once.
 */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
  readonly idempotencyKey: string | undefined;
  constructor(cause: unknown, idempotencyKey: string | undefined) {
    super('The platform did not answer. Repeat the call with the same key.', { cause });
    this.idempotencyKey = idempotencyKey;
  }
}

/**
 * A client of the whole API, typed by its OpenAPI document. Each call gives `{ data, response }`
 * or `{ error, response }`, where `error` is always a `Problem`.
 *
 * Calls that change something carry an Idempotency-Key: the caller's
 * (`params: { header: { 'Idempotency-Key': key } }`), which should be kept with what it is for
 * before the call is made, or a random one. `response.headers` has the key that was sent.
 *
 * @throws NoAnswerError when nobody answered
 */
export function createClient(options: ClientOptions): KeyturnClient {
  const { apiKey } = options;
  const client = createFetchClient<WithOwnKeys<paths>>({
    baseUrl: options.baseUrl,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  client.use({
    onRequest: ({ request }) => {
      if (apiKey !== undefined) request.headers.set('authorization', `Bearer ${apiKey}`);
      if (!isSafe(request) && !request.headers.has(keyHeader)) {
        request.headers.set(keyHeader, crypto.randomUUID());
      }
      return request;
    },
    onResponse: answered,
    onError: ({ request, error }) =>
      new NoAnswerError(error, request.headers.get(keyHeader) ?? undefined),
  });
  return client;
}

const keyHeader = 'idempotency-key';

function isSafe({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}

const answered: NonNullable<Middleware['onResponse']> = async ({ request, response }) => {
  const headers = new Headers(response.headers);
  const key = request.headers.get(keyHeader);
  if (key !== null) headers.set(keyHeader, key);
  const { status, statusText } = response;
  if (response.ok || isProblem(response)) {
    return new Response(response.body, { status, statusText, headers });
  }
  // Something between us and the platform answered, in its own words.
  const body = JSON.stringify(strangeAnswer(status, await response.text()));
  headers.set('content-type', 'application/problem+json');
  headers.delete('content-length');
  headers.delete('content-encoding');
  return new Response(body, { status, statusText, headers });
};

function isProblem(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('application/problem+json') === true;
}

function strangeAnswer(status: number, said: string): Problem {
  return {
    type: 'about:blank',
    title: 'Not an answer of the platform',
    status,
    detail: `Something on the way to the platform answered ${status}: ${said.slice(0, 200)}`,
    code: 'answer_not_understood',
    request_id: '',
    retryable: status >= 500,
  };
}
