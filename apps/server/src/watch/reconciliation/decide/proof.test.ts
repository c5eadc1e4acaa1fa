import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBookSums, item, liabilitiesLyingAt, provePlace, sumOf } from './proof.ts';

const place = { code: 1003, owner: 'main' };
const codes = fc.constantFrom(1003, 1101, 1301, 2101, 2201, 2301, 2401, 4001, 5001);
const account = fc.record({ code: codes, owner: fc.constantFrom('main', 'a', 'b') });
const transfer = fc.record({ debit: account, credit: account, amount: fc.bigInt(1n, 10n ** 12n) });

test('in every book of whole transfers, what it owes at a place is what lies there', () => {
  fc.assert(
    fc.property(fc.array(transfer), (transfers) => {
      const sums = createBookSums();
      let there = 0n;
      for (const { debit, credit, amount } of transfers) {
        sums.add({ ...debit, debits: amount, credits: 0n });
        sums.add({ ...credit, debits: 0n, credits: amount });
        const at = ({ code, owner }: { code: number; owner: string }) =>
          code === place.code && owner === place.owner;
        there += (at(debit) ? amount : 0n) - (at(credit) ? amount : 0n);
      }
      expect(sumOf(liabilitiesLyingAt(sums.sums.values(), place))).toBe(there);
    }),
  );
});

const fine = {
  bank: 100n,
  contradiction: 0n,
  ledger: 90n,
  liabilities: [item('liability', 'clients', '2101', 90n)],
  inTransit: [item('in_transit', 'received_booked_later', 'B1', 10n)],
  unexplained: [],
};

test('a place is balanced when every step is explained', () => {
  expect(provePlace(fine)).toMatchObject({ balanced: true, difference: 0n, remainder: 0n });
});

test.each([
  ['another fen at the bank', { bank: 101n }],
  ['no statement', { bank: undefined }],
  ['a statement that contradicts itself', { contradiction: 1n }],
  ['a ledger that does not owe what it has', { ledger: 89n, bank: 99n }],
  [
    'two unexplained items that cancel each other',
    {
      unexplained: [
        item('unexplained', 'entry_unexplained', 'x', 5n),
        item('unexplained', 'missing_at_bank', 'y', -5n),
      ],
    },
  ],
])('%s is not balanced', (_name, change) => {
  expect(provePlace({ ...fine, ...change }).balanced).toBe(false);
});

test('what no item tells of is the remainder', () => {
  const unexplained = [item('unexplained', 'entry_unexplained', 'F1', -15n)];
  expect(provePlace({ ...fine, bank: 80n, unexplained })).toMatchObject({
    difference: -20n,
    remainder: -5n,
  });
});
