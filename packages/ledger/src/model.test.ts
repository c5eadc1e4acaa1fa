import { steerableClock } from '@keyturn/kernel';
import { type Database, insertRows } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccountSpec,
  accountId,
  bookId,
  bookTable,
  checkLedger,
  createSubmitter,
  type JournalRequest,
  readAccounts,
} from './index.ts';

/**
 * The ledger against a model of it in a few lines: random journals, one after the other and many
 * at once, must give what the model gives, and leave the balances that the model has.
 */

const book = bookId('kt-model', 'escrow', 'CNY');
const clock = steerableClock('2026-11-20T02:00:00Z');
let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-model', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
});

afterAll(async () => {
  const check = await checkLedger(database);
  await testDatabase.drop();
  expect(check.findings).toEqual([]);
});

/**
 * An account of the model: what it has, and what of that is held. Account 0 is the outside,
 * without limit.
 */
interface Pot {
  posted: bigint;
  held: bigint;
}

interface Hold {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  state: 'held' | 'posted' | 'voided';
}

interface Take {
  readonly do: 'move' | 'hold';
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
}

interface Resolution {
  readonly do: 'post' | 'void';
  readonly hold: number;
  readonly part: number;
}

type Step = Take | Resolution;

function isTake(step: Step): step is Take {
  return step.do === 'move' || step.do === 'hold';
}

const pots = 4;

class Model {
  readonly pots: Pot[] = Array.from({ length: pots }, () => ({ posted: 0n, held: 0n }));
  readonly holds: (Hold | undefined)[] = [];

  apply(step: Step): string {
    if (isTake(step)) return this.take(step);
    const hold = this.holds[step.hold];
    if (!hold) return 'hold_unknown';
    if (hold.state === 'posted') return 'hold_already_posted';
    if (hold.state === 'voided') return 'hold_already_voided';
    const from = this.pot(hold.from);
    from.held -= hold.amount;
    hold.state = step.do === 'post' ? 'posted' : 'voided';
    if (step.do === 'post') {
      const amount = partOf(hold.amount, step.part);
      from.posted -= amount;
      this.pot(hold.to).posted += amount;
    }
    return 'ok';
  }

  private take(step: Take): string {
    if (step.from === step.to) return 'accounts_equal';
    const from = this.pot(step.from);
    if (step.from !== 0 && from.posted - from.held < step.amount) {
      if (step.do === 'hold') this.holds.push(undefined);
      return 'exceeds_credits';
    }
    if (step.do === 'hold') {
      from.held += step.amount;
      this.holds.push({ from: step.from, to: step.to, amount: step.amount, state: 'held' });
    } else {
      from.posted -= step.amount;
      this.pot(step.to).posted += step.amount;
    }
    return 'ok';
  }

  pot(index: number): Pot {
    const pot = this.pots[index];
    if (!pot) throw new Error('no such pot');
    return pot;
  }
}

function partOf(amount: bigint, part: number): bigint {
  const share = (amount * BigInt(part)) / 4n;
  return share > 0n ? share : amount;
}

const amounts = fc.bigInt({ min: 1n, max: 60n });
const index = fc.nat({ max: pots - 1 });
const step = fc.oneof(
  fc.record({
    do: fc.constantFrom('move' as const, 'hold' as const),
    from: index,
    to: index,
    amount: amounts,
  }),
  fc.record({
    do: fc.constantFrom('post' as const, 'void' as const),
    hold: fc.nat({ max: 6 }),
    part: fc.integer({ min: 1, max: 4 }),
  }),
);

let run = 0;
function uuid(kind: number, serial: number): string {
  return `${run.toString(16).padStart(8, '0')}-0000-7000-800${kind}-${serial.toString(16).padStart(12, '0')}`;
}

function account(pot: number): AccountSpec {
  return pot === 0
    ? { book, code: 1101, owner: `run-${run}` }
    : { book, code: 2101, owner: `run-${run}-${pot}` };
}

/** A step as a journal. Holds get the ids 0, 1, 2 … in the order in which they are tried. */
function journals(steps: readonly Step[]): JournalRequest[] {
  let holds = 0;
  return steps.map((current, serial) => {
    const cause = { module: 'model', object: String(run), command: String(serial) };
    if (isTake(current)) {
      const equal = current.from === current.to;
      const id = current.do === 'hold' && !equal ? uuid(1, holds++) : uuid(2, serial);
      const kind = current.do === 'hold' ? ('pending' as const) : ('posted' as const);
      const legs = {
        debit: account(current.from),
        credit: account(current.to),
        amount: current.amount,
      };
      return { id, book, cause, transfers: [{ kind, ...legs }] };
    }
    const hold = { journalId: uuid(1, current.hold), leg: 0 };
    const known = heldAmount(steps, current.hold);
    const transfer =
      current.do === 'void'
        ? { kind: 'void_pending' as const, hold }
        : { kind: 'post_pending' as const, hold, amount: partOf(known, current.part) };
    return { id: uuid(2, serial), book, cause, transfers: [transfer] };
  });
}

function heldAmount(steps: readonly Step[], hold: number): bigint {
  const holds = steps.filter(isTake).filter((s) => s.do === 'hold' && s.from !== s.to);
  return holds[hold]?.amount ?? 1n;
}

async function compare(steps: readonly Step[], together: boolean): Promise<void> {
  run += 1;
  const model = new Model();
  const submitter = createSubmitter({ database, clock, maxBatch: 7 });
  const seed: Step[] = [1, 2, 3].map((to) => ({ do: 'move', from: 0, to, amount: 100n }));
  const all = [...seed, ...steps];
  const requests = journals(all);
  // Calls made in one turn of the event loop keep their order, so the model can follow concurrent
  // ones too.
  const results = together
    ? await Promise.all(requests.map((request) => submitter.submit(request)))
    : await inTurn(requests, (request) => submitter.submit(request));
  await submitter.close();
  const codes = results.map((result) => (result.ok ? 'ok' : result.error.code));
  expect(codes).toEqual(all.map((current) => model.apply(current)));
  const accounts = await readAccounts(
    database,
    [1, 2, 3].map((pot) => accountId(account(pot))),
  );
  const balances = new Map(
    accounts.map((a) => [a.id, [a.creditsPosted - a.debitsPosted, a.debitsPending]]),
  );
  for (const pot of [1, 2, 3]) {
    const { posted, held } = model.pot(pot);
    expect(balances.get(accountId(account(pot)))).toEqual([posted, held]);
  }
}

async function inTurn<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of list) results.push(await work(item));
  return results;
}

test.each([
  ['one after the other', false, 40],
  ['all at once', true, 120],
] as const)('random histories, %s, end as the model says', async (_name, together, numRuns) => {
  const histories = fc.array(step, { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(histories, (steps) => compare(steps, together)),
    { numRuns },
  );
});
