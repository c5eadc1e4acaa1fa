import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTakeoverWorld, takeover } from './test/world.ts';

/** A movement of an old history, and what is wrong with its row. */
const step = fc.record({
  account: fc.integer({ min: 0, max: 4 }),
  subject: fc.constantFrom('2201', '2202', '1122'),
  amount: fc.bigInt({ min: 1n, max: 1_000n }),
  takes: fc.boolean(),
  fault: fc.constantFrom('none', 'none', 'none', 'late', 'lost', 'repeated'),
  minutes: fc.integer({ min: 0, max: 30 }),
});
type Step = {
  readonly account: number;
  readonly subject: string;
  readonly amount: bigint;
  readonly takes: boolean;
  readonly fault: string;
  readonly minutes: number;
};

/** Where in the history the import happens, and how often the two are compared behind it. */
const histories = fc.record({
  steps: fc.array(step, { minLength: 4, maxLength: 60 }),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('what is listed is exactly what is missing, and nothing is left when all of it is there', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ steps, cut }) => {
      const world = await createTakeoverWorld();
      const { old, clock, service, balance } = world;
      const unseen: (() => void)[] = [];
      const missing = new Map<string, bigint>();
      // Rows that name accounts of their subject alone, as an account has one subject.
      const nameOf = ({ subject, account }: Step) => `${subject.slice(2)}-${account}`;
      const make = (one: Step) => {
        clock.advance({ minutes: one.minutes });
        const account = nameOf(one);
        const taken = one.takes && old.balanceOf(account) >= one.amount;
        const amount = taken ? -one.amount : one.amount;
        const made = { account, subject: one.subject, amount };
        if (one.fault === 'late' || one.fault === 'lost') {
          unseen.push(old.moveUnseen(made));
          missing.set(account, (missing.get(account) ?? 0n) + amount);
        } else {
          const row = old.move(made);
          if (one.fault === 'repeated') old.show(row);
        }
      };
      const check = async (comparison: Awaited<ReturnType<typeof service.compare>>) => {
        expect(comparison.ok).toBe(true);
        const found = await service.differences(takeover);
        const listed = (found.ok ? found.value : [])
          .filter(({ amount }) => amount !== 0n)
          .map(({ account, amount }) => [account, amount] as const);
        const injected = [...missing].filter(([, amount]) => amount !== 0n);
        expect(listed).toEqual(injected.sort(([a], [b]) => (a < b ? -1 : 1)));
      };
      const half = Math.floor(steps.length * cut);
      for (const one of steps.slice(0, half)) make(one);
      clock.advance({ minutes: 1 });
      const imported = await service.importHistory(takeover);
      expect(imported).toMatchObject({ ok: true, value: { complete: true } });
      await check(await service.compare(takeover));
      for (const one of steps.slice(half)) make(one);
      clock.advance({ minutes: 1 });
      await check(await service.compare(takeover));
      for (const show of unseen) show();
      missing.clear();
      clock.advance({ minutes: 1 });
      await check(await service.compare(takeover));
      const left = await service.differences(takeover);
      expect(left).toEqual({ ok: true, value: [] });
      for (const one of steps) {
        const account = nameOf(one);
        expect(await balance(one.subject, account)).toBe(old.balanceOf(account));
      }
      expect(await world.end()).toEqual([]);
    }),
    { numRuns: 25 },
  );
}, 240_000);
