import { steerableClock } from '@keyturn/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnyRequest, createSubmitter, expireHolds, type Submitted } from '../index.ts';
import { begin, type Counts, carryOut, compareAccounts, count, submit } from '../test/play.ts';
import { createWorld, type World } from '../test/world.ts';
import { histories, unordered } from './histories.ts';

/**
 * The ledger against its model: random histories, one step after the other and many at once, must
 * give the answers that the model gives, and leave the accounts as the model has them.
 */

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

/** The histories are worth something: much was accepted, and refused for many reasons. */
function expectVariety(counts: Counts): void {
  expect(counts.get('ok')).toBeGreaterThan(200);
  expect(counts.size).toBeGreaterThan(12);
}

test('random histories, one step after the other, answer and end as the model says', async () => {
  const counts: Counts = new Map();
  await fc.assert(
    fc.asyncProperty(histories, async (steps) => {
      const { model, requests } = await begin(world);
      for (const step of steps) {
        await carryOut(world, model, requests, step, counts);
        await compareAccounts(world, model, requests);
      }
      // What one history left to expire is not another's.
      world.clock.advance({ hours: 1 });
      model.expire(world.clock.now());
      await expireHolds(world);
      await compareAccounts(world, model, requests);
    }),
    { numRuns: 120 },
  );
  expectVariety(counts);
});

/** The accepted journals in an order that agrees with the versions of every account. */
function inOrderOfVersions(accepted: readonly Submitted[]): readonly Submitted[] {
  const next = new Map<string, bigint>();
  const entriesOf = ({ transfers }: Submitted) =>
    transfers.flatMap((t) => [
      { account: t.debitAccount, version: t.debitVersion },
      { account: t.creditAccount, version: t.creditVersion },
    ]);
  for (const { account, version } of accepted.flatMap(entriesOf)) {
    const first = next.get(account);
    if (first === undefined || version < first) next.set(account, version);
  }
  const ordered: Submitted[] = [];
  const waiting = new Set(accepted);
  while (waiting.size > 0) {
    const ready = [...waiting].find((one) => {
      const seen = new Map<string, bigint>();
      return entriesOf(one).every(({ account, version }) => {
        const expected = seen.get(account) ?? next.get(account) ?? 0n;
        seen.set(account, expected + 1n);
        return version === expected;
      });
    });
    if (!ready) throw new Error('no order of the journals agrees with the versions');
    for (const { account, version } of entriesOf(ready)) next.set(account, version + 1n);
    waiting.delete(ready);
    ordered.push(ready);
  }
  return ordered;
}

test('random histories, all at once over three processes, are one of the model in the order of versions', async () => {
  const counts: Counts = new Map();
  const submitters = [1, 2, 3].map((size) =>
    createSubmitter({
      database: world.testDatabase.open(),
      clock: steerableClock(world.clock.now()),
      maxBatch: size * 4,
    }),
  );
  await fc.assert(
    fc.asyncProperty(unordered, async (steps) => {
      const { model, requests } = await begin(world);
      const now = world.clock.now();
      const chains = steps.map((step) => requests.chainOf(step, now));
      const given = await Promise.all(
        chains.map((chain, index) => submit(submitters[index % 3] ?? world.submitter, chain)),
      );
      count(counts, given.flat());
      const byId = new Map(chains.flat().map((request) => [request.id, request]));
      const accepted = given.flat().flatMap((answer) => {
        return answer.ok && !answer.value.replayed ? [answer.value] : [];
      });
      for (const { journal, transfers } of inOrderOfVersions(accepted)) {
        const asked = chains.flat().filter(({ id }) => id === journal.id);
        // Of a request and its changed repeat, the one that came first was booked.
        const request = asked.find((one) => one.cause.module === journal.causeModule);
        const [answer] = model.submit([request ?? present(byId, journal.id)], now);
        const amounts = transfers.map(({ amount }) => amount);
        expect(answer).toEqual({ code: 'ok', amounts });
      }
      await compareAccounts(world, model, requests);
    }),
    { numRuns: 80 },
  );
  await Promise.all(submitters.map((one) => one.close()));
  expectVariety(counts);
});

function present(byId: ReadonlyMap<string, AnyRequest>, id: string): AnyRequest {
  const request = byId.get(id);
  if (!request) throw new Error(`nobody asked for the journal ${id}`);
  return request;
}
