import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccountSpec } from '../account.ts';
import { OldLedgerError } from './old-ledger.ts';
import { anna, createTakeoverWorld, planContent, takeover, takeoverBook } from './test/world.ts';

/** What can happen on a way from one ledger to the other, in any order. */
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('old'),
      amount: fc.integer({ min: 1, max: 900 }),
      wallet: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('late'),
      amount: fc.integer({ min: 1, max: 900 }),
      wallet: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('new'),
      amount: fc.integer({ min: 1, max: 900 }),
      wallet: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('refund'),
      amount: fc.integer({ min: 1, max: 400 }),
      wallet: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('lose', 'mirror', 'shadow', 'show') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('day') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('switch', 'back') }) },
);

interface Act {
  readonly kind: string;
  readonly amount?: number;
  readonly wallet?: number;
}

const subject = '2201';
const bank: AccountSpec = { book: takeoverBook, code: 1002, owner: 'bank' };

/** One journey: carries out acts, and knows who leads and what was paid and refunded. */
async function travel(acts: readonly Act[]) {
  const world = await createTakeoverWorld({ ...planContent, gate_days: 1 });
  const { old, clock, service } = world;
  const unseen: (() => void)[] = [];
  const left = new Map<string, bigint>();
  let serial = 0;
  const nextId = () => {
    serial += 1;
    return `00000000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`;
  };
  for (let wallet = 0; wallet < 3; wallet += 1) {
    const order = `O-${wallet}`;
    old.move({ account: `W${wallet}`, subject, amount: 1_000n, order });
    left.set(order, 1_000n);
  }
  clock.advance({ minutes: 1 });
  expect(await service.importHistory(takeover)).toMatchObject({ ok: true });
  let leads = 'old';
  let switches = 0;

  async function carryOut({ kind, amount = 1, wallet = 0 }: Act): Promise<void> {
    const account = `W${wallet}`;
    const by = BigInt(amount);
    if (kind === 'old' && leads === 'old') old.move({ account, subject, amount: by });
    if (kind === 'late' && leads === 'old') {
      unseen.push(old.moveUnseen({ account, subject, amount: by }));
    }
    if (kind === 'show') for (const show of unseen.splice(0)) show();
    if (kind === 'lose') old.fail('mirror', new OldLedgerError('no answer'));
    if (kind === 'mirror') await service.mirror(takeover);
    if (kind === 'shadow') await service.shadow(takeover);
    if (kind === 'day') {
      await service.compare(takeover);
      clock.advance({ hours: 24 });
    }
    if (kind === 'new') {
      const id = nextId();
      const credit: AccountSpec = { book: takeoverBook, code: 2001, owner: account };
      const transfers = [{ kind: 'posted' as const, debit: bank, credit, amount: by }];
      const cause = { module: 'test', object: id, command: id };
      const answer = await service.submit(takeover, { id, book: takeoverBook, cause, transfers });
      expect(answer.ok).toBe(leads === 'new');
    }
    if (kind === 'refund') {
      const order = `O-${wallet}`;
      const remains = left.get(order) ?? 0n;
      const answer = await service.refund(takeover, { id: nextId(), order, amount: by });
      expect(answer.ok).toBe(leads === 'new' && by <= remains);
      if (answer.ok) left.set(order, remains - by);
    }
    if (kind === 'switch' || kind === 'back') {
      const change = kind === 'switch' ? service.switchSubjects : service.switchBack;
      const changed = await change(takeover, [subject], anna);
      if (changed.ok) {
        leads = changed.value.leads;
        switches += 1;
      }
    }
  }

  for (const one of acts) {
    await carryOut(one);
    clock.advance({ minutes: 5 });
  }
  // Everything that is under way arrives.
  for (const show of unseen.splice(0)) show();
  clock.advance({ hours: 1 });
  for (let tries = 0; tries < 4; tries += 1) {
    await service.mirror(takeover);
    clock.advance({ minutes: 10 });
  }
  expect(await service.compare(takeover)).toMatchObject({ value: { differing: 0 } });
  for (let wallet = 0; wallet < 3; wallet += 1) {
    const account = `W${wallet}`;
    expect(await world.balance(subject, account)).toBe(old.balanceOf(account));
  }
  expect(await world.end()).toEqual([]);
  return switches;
}

test('whatever the way, both ledgers have the same at its end', async () => {
  let switches = 0;
  const ways = fc.array(act, { minLength: 10, maxLength: 40 });
  const property = fc.asyncProperty(ways, async (acts) => {
    switches += await travel(acts);
  });
  await fc.assert(property, { numRuns: 20 });
  // And one that is known to go there and back.
  const known = ['day', 'day', 'switch', 'new', 'refund', 'lose', 'mirror', 'back', 'old', 'back'];
  switches += await travel(known.map((kind) => ({ kind, amount: 7, wallet: 1 })));
  expect(switches).toBeGreaterThanOrEqual(2);
}, 240_000);
