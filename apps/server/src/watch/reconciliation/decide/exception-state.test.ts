import { expect, test } from 'vitest';
import { canMoveException, exceptionStates, type Proposal, problemOf } from './exception-state.ts';

test('nothing is resolved but what was proposed and approved', () => {
  const into = (to: (typeof exceptionStates)[number]) =>
    exceptionStates.filter((from) => canMoveException(from, to));
  expect(into('resolved')).toEqual(['approved']);
  expect(into('approved')).toEqual(['proposed']);
  expect(into('reopened')).toEqual(['resolved']);
  expect(into('open')).toEqual([]);
});

const about = { amount: -15n, book: 'kt-escrow/escrow/CNY' };
const journal = {
  debit: { code: 5003, owner: 'fees' },
  credit: { code: 1003, owner: 'main' },
} as const;
const proposal: Proposal = { note: 'a fee', journal };

test('a correction between places and own accounts is fine, and a note alone', () => {
  expect(problemOf(proposal, about)).toBeUndefined();
  expect(problemOf({ note: 'later' }, { amount: null, book: null })).toBeUndefined();
});

test.each([
  ['an empty note', { ...proposal, note: ' ' }, about],
  ['no book', proposal, { ...about, book: null }],
  ['no amount', proposal, { ...about, amount: 0n }],
  [
    'a client’s wallet',
    { note: 'x', journal: { ...journal, debit: { code: 2001, owner: 'p' } } },
    about,
  ],
  ['one account twice', { note: 'x', journal: { ...journal, debit: journal.credit } }, about],
] as const)('%s is a problem that is named', (_name, change, subject) => {
  expect(problemOf(change, subject)?.length).toBeGreaterThan(10);
});
