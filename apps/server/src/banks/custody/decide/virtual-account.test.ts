import { expect, test } from 'vitest';
import { afterClosing, afterOpening, virtualAccountTransitions } from './virtual-account.ts';

test('an opening that the bank answered is open, one that it refused is refused, an unknown one waits', () => {
  expect(afterOpening({ outcome: 'ok', value: { number: '62250001000001' } })).toEqual({
    state: 'open',
    number: '62250001000001',
    refusal: null,
  });
  const refusal = { code: 'ACCOUNT_KIND_UNFIT', message: 'no', nextStep: 'use another' };
  expect(afterOpening({ outcome: 'refused', ...refusal })).toEqual({
    state: 'refused',
    number: null,
    refusal: { code: 'ACCOUNT_KIND_UNFIT', message: 'no' },
  });
  expect(afterOpening({ outcome: 'unknown', reason: 'no answer' })).toBeUndefined();
});

test('a closing is over only when the bank says so', () => {
  expect(afterClosing({ outcome: 'ok', value: { state: 'closed' } }).state).toBe('closed');
  expect(afterClosing({ outcome: 'ok', value: { state: 'open' } }).state).toBe('closing');
  expect(afterClosing({ outcome: 'unknown', reason: 'no answer' }).state).toBe('closing');
  const refusal = { code: 'VIRTUAL_ACCOUNT_NOT_EMPTY', message: 'no', nextStep: 'pay it out' };
  expect(afterClosing({ outcome: 'refused', ...refusal })).toEqual({
    state: 'closing',
    refusal: { code: 'VIRTUAL_ACCOUNT_NOT_EMPTY', message: 'no' },
  });
});

test('nothing leads out of closed, and nothing opens that was not asked for', () => {
  expect(virtualAccountTransitions.closed).toEqual([]);
  const intoOpen = Object.entries(virtualAccountTransitions).filter(([, to]) =>
    to.includes('open'),
  );
  expect(intoOpen.map(([from]) => from)).toEqual(['requested']);
});
