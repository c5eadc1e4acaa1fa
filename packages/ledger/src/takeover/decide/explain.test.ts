import { expect, test } from 'vitest';
import { type Compared, differenceClasses, differenceSentences, explain } from './explain.ts';

const base: Compared = {
  old: 100n,
  ledger: 60n,
  waiting: 0n,
  amount: 40n,
  mapped: true,
  unbooked: [],
  twins: [],
  conflicts: [],
  turned: [],
  strangers: [],
  overdue: false,
};
const fact = (id: string, amount: bigint) => ({ id, amount });
const waiting = (why: 'waiting' | 'after_switch') => [{ ...fact('w', 40n), why }];

test.each<[string, Partial<Compared>, string, readonly string[]]>([
  ['an account that the plan does not know', { mapped: false }, 'unknown_account', []],
  ['an account that the old ledger lost', { old: null, amount: -60n }, 'unknown_account', []],
  [
    'rows after the switch',
    { waiting: 40n, amount: 0n, unbooked: waiting('after_switch') },
    'written_after_switch',
    ['w'],
  ],
  [
    'a row that the ledger refuses',
    { waiting: 40n, amount: 0n, unbooked: waiting('waiting') },
    'refused_row',
    ['w'],
  ],
  ['another amount', { conflicts: [fact('c', 40n)] }, 'amount_differs', ['c']],
  ['a twin', { twins: [fact('t', 40n)] }, 'duplicate', ['t']],
  ['a journal past the mirror', { strangers: [fact('j', 40n)] }, 'not_mirrored', ['j']],
  [
    'another amount and a twin',
    { conflicts: [fact('c', 50n)], twins: [fact('t', -10n)] },
    'amount_differs',
    ['c', 't'],
  ],
  ['what explains a part only', { twins: [fact('t', 30n)] }, 'late_row', []],
  ['a mapping with the sign turned', { ledger: -100n, amount: 200n }, 'wrong_sign', []],
  ['a turned row in its time', { turned: [fact('r', 40n)] }, 'late_row', []],
  ['a turned row past its time', { turned: [fact('r', 40n)], overdue: true }, 'wrong_sign', ['r']],
  ['nothing, in its time', {}, 'late_row', []],
  ['nothing, past its time', { overdue: true }, 'missing_row', []],
])('%s', (_name, found, expected, evidence) => {
  expect(explain({ ...base, ...found })).toEqual({ class: expected, evidence });
});

test('every class has a sentence in both languages', () => {
  expect(Object.keys(differenceSentences).sort()).toEqual([...differenceClasses].sort());
});
