import { expect, test } from 'vitest';
import { accountOf, findNumber, readPlan, sideOf, withOldSign } from './plan.ts';
import { planContent } from './test/world.ts';

const [wallets, merchants] = planContent.subjects;
const faults = (content: unknown) => {
  const read = readPlan(content);
  return read.ok ? [] : read.error.map(({ path, problem }) => `${path} ${problem}`);
};
const withSubject = (change: object) => ({
  ...planContent,
  subjects: [{ ...wallets, ...change }, merchants],
});

test('a plan is read, and a number and its account name each other', () => {
  const read = readPlan(withSubject({ drop_prefix: 'W-', owner: 'p:{account}' }));
  if (!read.ok) throw new Error('refused');
  const plan = read.value;
  const [mapping] = plan.subjects;
  if (!mapping) throw new Error('no subject');
  const account = accountOf(plan, mapping, 'W-42');
  expect(account).toEqual({ book: planContent.book, code: 2001, owner: 'p:42' });
  expect(findNumber(plan, { code: 2001, owner: 'p:42' })).toEqual({ mapping, number: 'W-42' });
  expect(accountOf(plan, mapping, '42')).toBeUndefined();
  expect(findNumber(plan, { code: 2003, owner: 'p:42' })).toBeUndefined();
});

test('signs turn into sides and back', () => {
  const read = readPlan(planContent);
  if (!read.ok) throw new Error('refused');
  const [same, , opposite] = read.value.subjects;
  if (!same || !opposite) throw new Error('no subject');
  expect([sideOf(same, 5n), sideOf(same, -5n)]).toEqual(['credit', 'debit']);
  // An asset whose balance the old ledger keeps with the sign turned.
  expect([sideOf(opposite, 5n), sideOf(opposite, -5n)]).toEqual(['credit', 'debit']);
  expect(withOldSign(same, -7n)).toBe(7n);
  expect(withOldSign(opposite, 7n)).toBe(-7n);
});

test.each<[string, unknown, string]>([
  ['no object', [], 'the plan must be an object'],
  ['an unknown field', { ...planContent, days: 3 }, 'days is not known; known are takeover'],
  ['no days', { ...planContent, gate_days: 0 }, 'gate_days must be a whole number from 1 to 365'],
  ['a month', { ...planContent, late_after: 'P1M' }, 'late_after must be a duration in days'],
  ['no code', withSubject({ code: 9 }), 'subjects[0].code must be a code of the chart'],
  ['no place for the number', withSubject({ owner: 'x' }), 'subjects[0].owner must be a text'],
  [
    'a subject twice',
    withSubject({ subject: '2202' }),
    'subjects[1].subject 2202 stands there twice',
  ],
  ['owners that meet', withSubject({ code: 2002 }), 'subjects[1].owner owners of 2201 and 2202'],
  [
    'a counter account with a limit',
    withSubject({ counter: { code: 2301, owner: 'x' } }),
    'subjects[0].counter.code 2301 has a limit',
  ],
  [
    'a suspense account of the wrong side',
    { ...planContent, suspense: { ...planContent.suspense, excess: { code: 1201, owner: 'x' } } },
    'suspense.excess.code must be a liability',
  ],
])('a plan with %s is refused, and it is said where', (_name, content, sentence) => {
  expect(faults(content).join('\n')).toContain(sentence);
});
