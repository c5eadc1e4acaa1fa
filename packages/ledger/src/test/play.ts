import { expect } from 'vitest';
import {
  type Account,
  type Answer,
  type AnyRequest,
  accountId,
  createAccountOpener,
  expireHolds,
  type LimitKind,
  readAccounts,
  type Submitter,
} from '../index.ts';
import { accountCount, createRequests, type Step } from '../model/histories.ts';
import { createModel, nameOf } from '../model/ledger-model.ts';
import { book, type World } from './world.ts';

const limits = new Map<number, LimitKind>([
  [1101, 'none'],
  [1201, 'credits_must_not_exceed_debits'],
]);

function newModel() {
  return createModel((name) => {
    return limits.get(Number(name.split('/').at(-2))) ?? 'debits_must_not_exceed_credits';
  });
}

export type Model = ReturnType<typeof newModel>;
export type Requests = ReturnType<typeof createRequests>;

let run = 0;

/** Accounts with money on them, in the ledger and in the model. */
export async function begin(world: World): Promise<{ model: Model; requests: Requests }> {
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

export function codeOf(answer: Answer | undefined): string {
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

export function submit(
  submitter: Submitter,
  chain: readonly AnyRequest[],
): Promise<readonly Answer[]> {
  const [only] = chain;
  if (only && chain.length === 1) return submitter.submit(only).then((answer) => [answer]);
  return submitter.submitLinked(chain);
}

export async function compareAccounts(
  world: World,
  model: Model,
  requests: Requests,
): Promise<void> {
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
export type Counts = Map<string, number>;

export function count(counts: Counts, answers: readonly Answer[]): void {
  for (const answer of answers) {
    counts.set(codeOf(answer), (counts.get(codeOf(answer)) ?? 0) + 1);
  }
}

/** Does a step in the ledger and in the model, which must answer the same. */
export async function carryOut(
  world: World,
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
