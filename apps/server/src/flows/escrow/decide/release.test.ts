import { present } from '@keyturn/kernel';
import { amounts } from '@keyturn/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item } from '../tables.ts';
import { homeSale } from '../test/home-sale.ts';
import { sampleItem, sampleLeg } from '../test/rows.ts';
import { decideRelease, entitledOf, openConditions, takenBy } from './release.ts';

const toSeller = present(homeSale.releases[0], 'the first release');
const atHandover = present(homeSale.releases[1], 'the second release');
const evidence = new Set(['title_transfer']);

const ask = (
  items: readonly Item[],
  asked?: Record<string, bigint>,
  change: { taken?: Map<string, bigint>; evidenceKinds?: Set<string> } = {},
) =>
  decideRelease({
    terms: homeSale,
    release: toSeller,
    items,
    evidenceKinds: evidence,
    taken: new Map(),
    currency: 'CNY',
    asked: asked && new Map(Object.entries(asked)),
    ...change,
  });

const price = sampleItem('price', { paidMinor: 299_999_900n });
const deposit = sampleItem('deposit', { paidMinor: 4_000_000n, convertedInMinor: 1_000_000n });

describe('a release', () => {
  it('gives its share of each item when nothing else is asked for', () => {
    const decided = ask([deposit, price]);
    const parts = decided.ok ? decided.value.map(({ item, amount }) => [item.key, amount]) : [];
    expect(parts).toEqual([
      ['deposit', 5_000_000n],
      ['price', 284_999_905n],
    ]);
  });

  it('waits for the evidence of all its conditions', () => {
    expect(ask([price], undefined, { evidenceKinds: new Set() })).toMatchObject({
      error: { code: 'release_condition_open', values: { conditions: 'title_transferred' } },
    });
    expect(openConditions(homeSale, atHandover, evidence)).toEqual(['handed_over']);
  });

  it('is refused when it asks for more than is held, or more than its share', () => {
    expect(ask([deposit, price], { deposit: 5_000_001n })).toMatchObject({
      error: { code: 'release_exceeds_held', values: { available: '50000.00 CNY' } },
    });
    expect(ask([deposit, price], { price: 284_999_906n })).toMatchObject({
      error: { code: 'release_exceeds_share' },
    });
    const promised = { ...deposit, reservedMinor: 4_999_999n };
    expect(ask([promised, price], { deposit: 2n })).toMatchObject({
      error: { code: 'release_exceeds_held' },
    });
    expect(ask([deposit], { commission: 1n })).toMatchObject({
      error: { code: 'deal_key_unknown' },
    });
  });

  it('gives the rest after a part, and then nothing', () => {
    const taken = new Map([['price', 284_999_905n]]);
    const paid = { ...price, releasedMinor: 284_999_905n };
    expect(ask([paid], undefined, { taken })).toMatchObject({
      error: { code: 'release_nothing_left' },
    });
    const part = ask([price], { price: 1n });
    expect(part.ok && part.value[0]?.amount).toBe(1n);
  });

  it('counts what is waiting, moving and paid as taken, and what failed or was dropped as not', () => {
    const legs = (['waiting', 'moving', 'paid', 'failed', 'returned', 'dropped'] as const).map(
      (state, index) => sampleLeg(state, 'price', 10n ** BigInt(index), state),
    );
    expect(takenBy(legs, new Set(['release']), 'price')).toBe(111n);
    expect(takenBy(legs, new Set(['other']), 'price')).toBe(0n);
  });

  it('shares an item among its releases without a fen left or made', () => {
    fc.assert(
      fc.property(amounts({ max: 10n ** 13n }), (received) => {
        const item = sampleItem('price', { paidMinor: received });
        const parts = [toSeller, atHandover].map((r) => entitledOf(homeSale, r, item, 0n));
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(received);
      }),
    );
  });

  it('never gives more than is held, whatever was moved before', () => {
    const amount = amounts({ min: 0n });
    fc.assert(
      fc.property(amount, amount, amount, amount, (paid, moved, reserved, asked) => {
        const movingMinor = moved < paid ? moved : paid;
        const rest = paid - movingMinor;
        const reservedMinor = reserved < rest ? reserved : rest;
        const item = sampleItem('deposit', { paidMinor: paid, movingMinor, reservedMinor });
        for (const question of [undefined, { deposit: asked }]) {
          const decided = ask([item], question);
          const sum = decided.ok ? (decided.value[0]?.amount ?? 0n) : 0n;
          expect(sum <= rest - reservedMinor).toBe(true);
        }
      }),
    );
  });
});
