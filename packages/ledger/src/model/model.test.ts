import { steerableClock } from '@keyturn/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Account,
  type Answer,
  type AnyRequest,
  accountId,
  createAccountOpener,
  createSubmitter,
  expireHolds,
  type LimitKind,
  readAccounts,
  type Submitted,
  type Submitter,
} from '../index.ts';
import { book, createWorld, type World } from '../test/world.ts';
import { accountCount, createRequests, histories, type Step, unordered } from './histories.ts';
import { createModel, nameOf } from './ledger-model.ts';

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

const limits = new Map<number, LimitKind>([
  [1101, 'none'],
  [1201, 'credits_must_not_exceed_debits'],
]);

function newModel() {
  return createModel((name) => {
    return limits.get(Number(name.split('/').at(-2))) ?? 'debits_must_not_exceed_credits';
  });
}

type Model = ReturnType<typeof newModel>;
type Requests = ReturnType<typeof createRequests>;

let run = 0;

/** Accounts with money on them, in the ledger and in the model. */
async function begin(): Promise<{ model: Model; requests: Requests }> {
  run += 1;
  const requests = createRequests(run, book);
  const model = newModel();
  const opener = createAccountOpener(world);
  const debtor = requests.spec(accountCount - 1);
  await opener.openAccount({ account: debtor, limit: 'credits_must_not_exceed_debits' });
  await opener.close();
  for (const to of [1, 2, 3]) {
    const legs = [to, accountCount - 1].map((place) => ({
      debit: requests.spec(place === to ? 0 : place),
      credit: requests.spec(to),
      kind: 'posted' as const,
      amount: 50n,
    }));
    const request = world.journal(legs);
    const [expected] = model.submit([request], world.clock.now());
    expect(codeOf(await world.submitter.submit(request))).toBe(expected?.code);
  }
  return { model, requests };
}

function codeOf(answer: Answer | undefined): string {
  if (!answer) return 'no answer';
  if (!answer.ok) return answer.error.code;
  return answer.value.replayed ? 'replayed' : 'ok';
}

function said(answers: readonly Answer[]) {
  return answers.map((answer) => ({
    code: codeOf(answer),
    amounts: answer.ok ? answer.value.transfers.map(({ amount }) => amount) : [],
  }));
}

function submit(submitter: Submitter, chain: readonly AnyRequest[]): Promise<readonly Answer[]> {
  const [only] = chain;
  if (only && chain.length === 1) return submitter.submit(only).then((answer) => [answer]);
  return submitter.submitLinked(chain);
}

async function compareAccounts(model: Model, requests: Requests): Promise<void> {
  const specs = Array.from({ length: accountCount }, (_, place) => requests.spec(place));
  const found = await readAccounts(world.database, specs.map(accountId));
  const byId = new Map(found.map((account) => [account.id, account]));
  for (const spec of specs) {
    const { debits, credits, debitsHeld, creditsHeld, closed, version } = model.account(
      nameOf(spec),
    );
    const expected: Partial<Account> = {
      debitsPosted: debits,
      creditsPosted: credits,
      debitsPending: debitsHeld,
      creditsPending: creditsHeld,
      closed,
      version,
    };
    expect(byId.get(accountId(spec))).toMatchObject(expected);
  }
}

/** How often histories gave which answer. */
type Counts = Map<string, number>;

function count(counts: Counts, answers: readonly Answer[]): void {
  for (const answer of answers) {
    counts.set(codeOf(answer), (counts.get(codeOf(answer)) ?? 0) + 1);
  }
}

/** The histories are worth something: much was accepted, and refused for many reasons. */
function expectVariety(counts: Counts): void {
  expect(counts.get('ok')).toBeGreaterThan(200);
  expect(counts.size).toBeGreaterThan(12);
}

async function carryOut(
  model: Model,
  requests: Requests,
  step: Step,
  counts: Counts,
): Promise<void> {
  if (step.do === 'freeze') {
    const spec = requests.spec(step.account);
    await world.freeze(spec, step);
    model.freeze(nameOf(spec), step);
  } else if (step.do === 'wait') {
    world.clock.advance({ seconds: step.seconds });
    expect(await expireHolds(world)).toBe(model.expire(world.clock.now()));
  } else {
    const chain = requests.chainOf(step, world.clock.now());
    const expected = model.submit(chain, world.clock.now());
    const answers = await submit(world.submitter, chain);
    count(counts, answers);
    expect(said(answers)).toEqual(expected);
  }
}

test('random histories, one step after the other, answer and end as the model says', async () => {
  const counts: Counts = new Map();
  await fc.assert(
    fc.asyncProperty(histories, async (steps) => {
      const { model, requests } = await begin();
      for (const step of steps) {
        await carryOut(model, requests, step, counts);
        await compareAccounts(model, requests);
      }
      // What one history left to expire is not another's.
      world.clock.advance({ hours: 1 });
      model.expire(world.clock.now());
      await expireHolds(world);
      await compareAccounts(model, requests);
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
      const { model, requests } = await begin();
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
      await compareAccounts(model, requests);
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
