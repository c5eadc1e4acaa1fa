import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient, type KeyturnClient, NoAnswerError } from '@keyturn/contract';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeDeposit } from '../../../packages/contract/test/example.ts';
import { documentFile, writeOpenApi } from '../src/main/openapi.ts';
import { startTestWorld, type TestWorld } from './world.ts';

const contract = new URL('../../../packages/contract/', import.meta.url);

/** The linter asks nobody about anything. */
const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

function read(path: string): Promise<string> {
  return readFile(new URL(path, contract), 'utf8');
}

describe('the OpenAPI document', () => {
  it('is what the code says now; `npm run generate` in packages/contract writes it', async () => {
    // The formatter may break its lines otherwise; the order of everything counts.
    const committed = JSON.parse(await readFile(documentFile, 'utf8'));
    expect(await writeOpenApi()).toBe(`${JSON.stringify(committed, null, 2)}\n`);
  });

  it('has a client generated from it as it is now', async () => {
    const types = await openapiTS(new URL('openapi.json', contract));
    expect(`${COMMENT_HEADER}${astToString(types)}`).toBe(await read('src/generated/api.d.ts'));
  });

  it('names, sums up and sorts each operation, and says who may call and what is refused', async () => {
    const { paths, tags, components } = JSON.parse(await read('openapi.json'));
    const operations = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
    );
    expect(operations.length).toBeGreaterThan(90);
    const known = tags.map((tag: { name: string }) => tag.name);
    const problem = { 'application/problem+json': { schema: { $ref: expect.any(String) } } };
    for (const operation of operations) {
      expect(operation).toMatchObject({
        operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/),
        summary: expect.stringMatching(/^\p{Lu}.{2,100}[^.]$/u),
        security: expect.any(Array),
        responses: { '4XX': { content: problem }, '5XX': { content: problem } },
      });
      expect(known).toEqual(expect.arrayContaining(Reflect.get(operation, 'tags')));
    }
    const names = operations.map((operation) => Reflect.get(operation, 'operationId'));
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(components.schemas)).toContain('Problem');
  });

  it('has no schema without a name where a client would want one', async () => {
    const document = JSON.parse(await read('openapi.json'));
    expect(JSON.stringify(document)).not.toContain('"def-');
    for (const name of ['Order', 'Deal', 'DealMoney', 'Payout', 'Refund', 'Money', 'DailyProof']) {
      expect(document.components.schemas).toHaveProperty(name);
    }
  });

  it('breaks no rule of the linter', async () => {
    const lint = promisify(execFile);
    const main = fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'));
    const { stdout } = await lint(
      process.execPath,
      [main, 'lint', 'openapi.json', '--format=json'],
      { cwd: contract, env: { ...process.env, ...quiet } },
    ).catch((failed: { stdout: string }) => failed);
    expect(JSON.parse(stdout).problems).toEqual([]);
  });
});

describe('the client', () => {
  let world: TestWorld;
  let client: KeyturnClient;

  beforeAll(async () => {
    world = await startTestWorld();
    client = createClient({ baseUrl: world.url, apiKey: world.secrets.demoApiKey });
  });
  afterAll(() => world.close());

  const merchant = { name: '望京一店', kind: 'store' } as const;

  it('does what its README shows', async () => {
    const example = await read('test/example.ts');
    expect(await read('README.md')).toContain(`\`\`\`ts\n${example}\`\`\``);
    const page = await takeDeposit(world.url, world.secrets.demoApiKey);
    expect(page).toMatch(new RegExp(`^${world.url}/pay/[A-Za-z0-9_-]{43}$`));
    expect(await takeDeposit(world.url, world.secrets.demoApiKey).catch(String)).toContain(
      'idempotency_conflict',
    );
  });

  it('gives a key to what changes something, and tells it', async () => {
    const { data, response } = await client.POST('/v1/merchants', { body: merchant });
    expect(data?.name).toBe(merchant.name);
    const key = response.headers.get('Idempotency-Key') ?? '';
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    const params = { header: { 'Idempotency-Key': key } };
    const again = await client.POST('/v1/merchants', { params, body: merchant });
    expect(again.data?.id).toBe(data?.id);
    expect(again.response.headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('gives refusals as typed problems', async () => {
    const params = { path: { id: 'deal_00000000000000000000000000' } };
    const { data, error } = await client.GET('/v1/deals/{id}', { params });
    expect(data).toBeUndefined();
    expect(error?.code).toBe('deal_not_found');
    expect(error?.retryable).toBe(false);
    const stranger = createClient({ baseUrl: world.url, apiKey: 'ktk_wrong' });
    expect((await stranger.GET('/v1/me')).error?.code).toBe('credential_invalid');
  });

  it('gives what something on the way answered as a problem too', async () => {
    const fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });
    const { error } = await createClient({ baseUrl: world.url, fetch }).GET('/v1/me');
    expect(error).toMatchObject({ code: 'answer_not_understood', status: 502, retryable: true });
  });

  it('says with which key to repeat a call that nobody answered', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    const lonely = createClient({ baseUrl: world.url, fetch });
    const params = { header: { 'Idempotency-Key': 'mine' } };
    const call = lonely.POST('/v1/merchants', { params, body: merchant });
    const error = await call.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ idempotencyKey: 'mine' });
  });
});
