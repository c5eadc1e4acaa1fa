import { present } from '@keyturn/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Conversion, type Funding, heldOf, type Item, type Leg } from '../tables.ts';
import { sampleConversion, sampleFunding, sampleItem, sampleLeg } from '../test/rows.ts';
import type { FailureTerms } from './agreement.ts';
import { planUnwind, type UnwindFacts } from './unwind.ts';

const failure = (actions: Record<string, 'refund' | 'forfeit'>): FailureTerms => ({
  key: 'x',
  name: { zh: 'x', en: 'x' },
  items: Object.entries(actions).map(([item, action]) => ({ item, action })),
  feeReturned: true,
  approval: 'required',
});

const facts = (change: Partial<UnwindFacts>): UnwindFacts => ({
  failure: failure({ intention: 'refund', deposit: 'refund' }),
  items: [],
  fundings: [],
  conversions: [],
  legs: [],
  beneficiaries: new Map([
    ['deposit', 'seller'],
    ['intention', 'seller'],
  ]),
  lacking: new Map(),
  ...change,
});

const intention = sampleItem('intention', { paidMinor: 10n, convertedOutMinor: 10n });
const deposit = sampleItem('deposit', { paidMinor: 40n, convertedInMinor: 10n });
const fundings = [sampleFunding('f1', 'intention', 10n), sampleFunding('f2', 'deposit', 40n)];
const conversions = [sampleConversion('c1', 'intention', 'deposit', 10n)];

describe('the way back of a failed deal', () => {
  it('undoes the conversion first, then refunds each payment from the item it was paid to', () => {
    const plan = planUnwind(facts({ items: [intention, deposit], fundings, conversions }));
    expect(plan.shortfalls).toEqual([]);
    expect(plan.steps).toEqual([
      {
        kind: 'reverse_conversion',
        conversionId: 'c1',
        from: 'deposit',
        to: 'intention',
        amount: 10n,
      },
      {
        kind: 'refund',
        itemId: 'intention',
        fundingId: 'f1',
        way: 'acquirer',
        orderId: 'order-intention',
        amount: 10n,
      },
      {
        kind: 'refund',
        itemId: 'deposit',
        fundingId: 'f2',
        way: 'acquirer',
        orderId: 'order-deposit',
        amount: 40n,
      },
    ]);
  });

  it('gives what is forfeited to the beneficiary, converted money included', () => {
    const terms = failure({ intention: 'refund', deposit: 'forfeit' });
    const plan = planUnwind(
      facts({ failure: terms, items: [intention, deposit], fundings, conversions }),
    );
    expect(plan.steps).toEqual([
      { kind: 'forfeit', itemId: 'deposit', role: 'seller', amount: 50n },
    ]);
  });

  it('refunds what is left of a released item and names who owes the rest', () => {
    const released = { ...deposit, releasedMinor: 45n };
    const legs = [
      sampleLeg('l1', 'deposit', 45n, 'paid'),
      sampleLeg('l2', 'deposit', 5n, 'failed'),
    ];
    const plan = planUnwind(facts({ items: [intention, released], fundings, conversions, legs }));
    const back = plan.steps.filter(({ kind }) => kind === 'refund');
    expect(back.reduce((sum, step) => sum + step.amount, 0n)).toBe(5n);
    expect(plan.shortfalls).toEqual([
      { itemId: 'deposit', role: 'seller', reason: 'released', amount: 45n },
    ]);
  });

  it('gives back of a shared item what its receivers still have, and names what they lack', () => {
    // 70 were taken back: the item holds them until they are refunded.
    const commission = sampleItem('commission', { code: 2002, paidMinor: 100n, sharedMinor: 30n });
    const lacking = new Map([['commission', [{ role: 'agency', amount: 30n }]]]);
    const plan = planUnwind(
      facts({
        failure: failure({ commission: 'refund' }),
        items: [commission],
        fundings: [sampleFunding('f3', 'commission', 100n)],
        lacking,
      }),
    );
    expect(plan.steps).toMatchObject([{ kind: 'refund', amount: 70n }]);
    expect(plan.shortfalls).toEqual([
      { itemId: 'commission', role: 'agency', reason: 'split_spent', amount: 30n },
    ]);
  });

  it('sends a bank transfer back by a pay-out', () => {
    const funding: Funding = { ...sampleFunding('f1', 'deposit', 40n), way: 'bank_transfer' };
    const item = sampleItem('deposit', { paidMinor: 40n });
    const plan = planUnwind(
      facts({ failure: failure({ deposit: 'refund' }), items: [item], fundings: [funding] }),
    );
    expect(plan.steps).toMatchObject([{ kind: 'refund', way: 'payout', amount: 40n }]);
  });

  it('gives out exactly what is held, each payment at most once, after any history', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 40 }),
        fc.tuple(action, action, action),
        (ops, acts) => {
          const story = play(ops);
          const terms = failure({ a: acts[0], b: acts[1], c: acts[2] });
          const beneficiaries = new Map(keys.map((key) => [key, 'seller']));
          const plan = planUnwind({
            ...story,
            failure: terms,
            beneficiaries,
            lacking: new Map(),
          });
          const out = plan.steps.filter(({ kind }) => kind !== 'reverse_conversion');
          const held = story.items.reduce((sum, item) => sum + heldOf(item), 0n);
          expect(out.reduce((sum, step) => sum + step.amount, 0n)).toBe(held);
          expect(replay(story.items, plan.steps)).toBe(true);
          const perFunding = Map.groupBy(
            plan.steps.filter((step) => step.kind === 'refund'),
            (step) => step.fundingId,
          );
          for (const [id, refunds] of perFunding) {
            const funding = present(
              story.fundings.find((f) => f.id === id),
              'a funding',
            );
            const sum = refunds.reduce((total, { amount }) => total + amount, 0n);
            expect(sum <= funding.amountMinor).toBe(true);
          }
        },
      ),
    );
  });
});

const keys = ['a', 'b', 'c'] as const;
const action = fc.constantFrom('refund' as const, 'forfeit' as const);
const operation = fc.record({
  what: fc.constantFrom('pay' as const, 'convert' as const, 'release' as const),
  item: fc.integer({ min: 0, max: 2 }),
  amount: fc.bigInt({ min: 1n, max: 100n }),
});

/**
 * Plays payments, conversions (only forward, so without a cycle) and releases as far as there is
 * money.
 */
function play(
  ops: readonly { what: 'pay' | 'convert' | 'release'; item: number; amount: bigint }[],
) {
  const items = keys.map((key) => sampleItem(key));
  const fundings: Funding[] = [];
  const made: Conversion[] = [];
  const legs: Leg[] = [];
  const change = (index: number, next: Partial<Item>) => {
    items[index] = { ...present(items[index], 'an item'), ...next };
  };
  for (const [index, { what, item: at, amount: wanted }] of ops.entries()) {
    const item = present(items[at], 'an item');
    const held = heldOf(item);
    const amount = wanted < held ? wanted : held;
    if (what === 'pay') {
      change(at, { paidMinor: item.paidMinor + wanted });
      fundings.push(sampleFunding(`f${index}`, item.key, wanted));
    } else if (what === 'release' && amount > 0n) {
      change(at, { releasedMinor: item.releasedMinor + amount });
      legs.push(sampleLeg(`l${index}`, item.key, amount, 'paid'));
    } else if (what === 'convert' && amount > 0n && at < 2) {
      const to = present(items[at + 1], 'the next item');
      change(at, { convertedOutMinor: item.convertedOutMinor + amount });
      change(at + 1, { convertedInMinor: to.convertedInMinor + amount });
      made.push(sampleConversion(`c${index}`, item.key, to.key, amount));
    }
  }
  return { items, fundings, conversions: made, legs };
}

/** Whether the steps can be carried out one after the other without overdrawing an item. */
function replay(items: readonly Item[], steps: ReturnType<typeof planUnwind>['steps']): boolean {
  const held = new Map(items.map((item) => [item.id, heldOf(item)]));
  const add = (id: string, amount: bigint) => held.set(id, (held.get(id) ?? 0n) + amount);
  for (const step of steps) {
    if (step.kind === 'reverse_conversion') {
      add(step.from, -step.amount);
      add(step.to, step.amount);
    } else add(step.itemId, -step.amount);
    if ([...held.values()].some((amount) => amount < 0n)) return false;
  }
  return [...held.values()].every((amount) => amount === 0n);
}
