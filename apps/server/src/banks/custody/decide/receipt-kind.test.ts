import { expect, test } from 'vitest';
import type { BankEntry } from '../../channels/index.ts';
import { kindOf } from './receipt-kind.ts';

const day = Temporal.PlainDate.from('2026-11-20');
const marks = [{ contractId: 'wx-escrow', remittance: 'WXSETTLE 1900000001' }];

function entry(change: Partial<BankEntry>): BankEntry {
  return {
    bankReference: 'B1',
    amount: 100n,
    currency: 'CNY',
    direction: 'credit',
    bookedOn: day,
    valueOn: day,
    ...change,
  };
}

test('a settlement is known by the text of the contract that settles here, with its day', () => {
  expect(kindOf(entry({ remittance: 'WXSETTLE 1900000001 20261119' }), marks)).toEqual({
    kind: 'channel_settlement',
    settledContract: 'wx-escrow',
    settledDate: Temporal.PlainDate.from('2026-11-19'),
  });
});

test.each([
  'WXSETTLE 1900000002 20261119',
  'WXSETTLE 1900000001 20261199',
  'WXSETTLE 1900000001',
  'hello WXSETTLE 1900000001 20261119',
])('"%s" is an ordinary transfer', (remittance) => {
  expect(kindOf(entry({ remittance }), marks).kind).toBe('transfer');
});

test('a text on a virtual account says nothing: it is the owner’s money', () => {
  for (const remittance of ['WXSETTLE 1900000001 20261119', 'TOPUP 20261120']) {
    const known = kindOf(entry({ remittance, virtualAccount: '62250001000001' }), marks);
    expect(known).toMatchObject({ kind: 'transfer', settledContract: null });
  }
});

test('a top-up is known by its text or its end-to-end id', () => {
  expect(kindOf(entry({ remittance: 'TOPUP 20261120' }), marks).kind).toBe('top_up');
  expect(kindOf(entry({ endToEndId: 'TOPUP' }), marks).kind).toBe('top_up');
  expect(kindOf(entry({ remittance: 'TOPUPPED' }), marks).kind).toBe('transfer');
});

test('what comes back is a return, and what leaves is a debit, whatever the text', () => {
  const remittance = 'WXSETTLE 1900000001 20261119';
  const returned = { endToEndId: 'P1', reason: 'AC04' };
  expect(kindOf(entry({ remittance, returned }), marks).kind).toBe('return');
  expect(kindOf(entry({ remittance, direction: 'debit' }), marks).kind).toBe('debit');
});
