import { describe, expect, test } from 'vitest';
import type { Proof, ProofPlace } from '../api/reconciliation.ts';
import { isPlaceProven, isProven } from './verdict.ts';

const place: ProofPlace = {
  entity: 'kt-escrow',
  regime: 'escrow',
  book: 'kt-escrow/escrow/CNY',
  currency: 'CNY',
  bank: 110n,
  ledger: 100n,
  liabilities: 100n,
  in_transit: 10n,
  difference: 0n,
  balanced: true,
  items: [],
};

describe('a place is green', () => {
  test('when bank, ledger and what is owed agree', () => {
    expect(isPlaceProven(place)).toBe(true);
  });

  test.each<Partial<ProofPlace>>([
    { balanced: false },
    { bank: null, difference: null },
    { bank: 111n },
    { ledger: 99n },
    { liabilities: 101n },
    { in_transit: 9n },
    { difference: -1n },
  ])('never with %o', (change) => {
    expect(isPlaceProven({ ...place, ...change })).toBe(false);
  });
});

describe('a day is green', () => {
  const totals = { ledger: 100n, bank: 110n, liabilities: 100n, in_transit: 10n, difference: 0n };
  const proof: Proof = {
    id: 'prf_1',
    date: '2026-11-19',
    version: 1,
    balanced: true,
    made_at: '2026-11-20T00:41:00Z',
    accounts: [{ ...place, account_id: 'escrow-main' }],
    channels: [],
    totals,
  };

  test('when each of its places is', () => {
    expect(isProven(proof)).toBe(true);
  });

  test('never without a place, nor with a channel that differs', () => {
    const channel = { ...place, contract_id: 'wx-escrow', difference: 1n };
    expect(isProven({ ...proof, accounts: [] })).toBe(false);
    expect(isProven({ ...proof, channels: [channel] })).toBe(false);
  });
});
