import { openDatabase } from '@keyturn/pipeline';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeOpenApi } from '../src/main/openapi.ts';
import { checkWholeLedger } from '../src/platform/index.ts';
import { setUpBooks } from './fuzz/books.ts';
import { createCaller } from './fuzz/caller.ts';
import { operationsOf } from './fuzz/document.ts';
import { judgeOf } from './fuzz/judge.ts';
import { requestsTo } from './fuzz/requests.ts';
import { setUp } from './fuzz/set-up.ts';
import { createWorld, enrol, spared } from './fuzz/storm.ts';
import { startTestWorld, type TestWorld } from './world.ts';

/**
 * Requests made from the OpenAPI document by chance: sound, odd and wrong ones, to every operation
 * of the whole platform over HTTP. KEYTURN_FUZZ_RUNS says how many to each operation, and
 * KEYTURN_FUZZ_SEED which ones.
 */
const numRuns = Number(process.env['KEYTURN_FUZZ_RUNS'] ?? '30');
const seed = Number(process.env['KEYTURN_FUZZ_SEED'] ?? '1');
const operations = operationsOf(JSON.parse(await writeOpenApi()));

/** Answers that were given without asking the database about the matter. */
const refusedAtTheEdge = new Set([
  'request_invalid',
  'request_unreadable',
  'body_unreadable',
  'body_too_large',
  'media_type_unsupported',
  'route_not_found',
  'id_invalid',
  'cursor_invalid',
  'idempotency_key_missing',
  'authentication_required',
  'credential_invalid',
  'access_denied',
  'read_only',
  'csrf_token_invalid',
]);

describe('whatever is sent', () => {
  let world: TestWorld;
  let knowledge: ReturnType<typeof createWorld>;
  let caller: ReturnType<typeof createCaller>;
  let statements = 0;
  const counts = { requests: 0, reached: 0, succeeded: 0 };

  beforeAll(async () => {
    const onStatement = (text: string) => {
      // Who asks, and that they asked, is written down of every call: that is not the matter.
      if (!/\baccess\.(audit|api_key|operator_session)\b/.test(text)) statements += 1;
    };
    world = await startTestWorld({
      api: { openDatabase: (options) => openDatabase({ ...options, onStatement }) },
    });
    const made = await setUp(world);
    const books = await setUpBooks(world);
    caller = createCaller(world.url, await enrol(world, books));
    knowledge = createWorld(made, books, await spared(world.platform));
  }, 300_000);
  afterAll(async () => {
    caller?.close();
    await world?.close();
  });

  describe.each(operations.map((operation) => [operation.operationId, operation] as const))(
    '%s',
    (_name, operation) => {
      it('answers within bounds, as the document says, without a fault of its own', async () => {
        const judge = judgeOf(operation, world.platform.errors);
        const property = fc.asyncProperty(requestsTo(operation, knowledge), async (request) => {
          const before = statements;
          const answer = await caller.send(request);
          counts.requests += 1;
          if (answer.status < 400) counts.succeeded += 1;
          if (statements > before && !refusedAtTheEdge.has(codeOf(answer.text)))
            counts.reached += 1;
          judge(request, answer);
          if (answer.status < 300) knowledge.learn(answer.text);
        });
        await fc.assert(property, { numRuns, seed, verbose: 1 });
      }, 600_000);
    },
  );

  it('passed validation and reached a store in at least three of ten requests', () => {
    const share = counts.reached / counts.requests;
    process.stdout.write(`fuzz: ${JSON.stringify({ ...counts, share: share.toFixed(3), seed })}\n`);
    expect(counts.requests).toBeGreaterThanOrEqual(numRuns * operations.length);
    expect(share).toBeGreaterThanOrEqual(0.3);
  });

  it('leaves the books balanced', async () => {
    const check = await checkWholeLedger(world.database.url);
    expect(check.findings).toEqual([]);
    expect(check.balanced).toBe(true);
    expect(check.transfers).toBeGreaterThan(20n);
    expect(await world.findings()).toEqual([]);
  });
});

function codeOf(text: string): string {
  return /"code":"(\w+)"/.exec(text)?.[1] ?? '';
}
