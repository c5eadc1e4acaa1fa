import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aggregateOf, now } from '../test/rows.ts';
import { type AttemptAnswer, decideAttemptAnswer, maySendAgain } from './answer-attempt.ts';
import {
  type AttemptState,
  attemptStates,
  canMoveAttempt,
  isOpenAttempt,
} from './attempt-state.ts';
import { attemptIn } from './change.ts';

const id = '01990000-0000-7000-8000-0000000000a0';
const rule = { notFoundProofAfterMs: 60_000, queriesApartMs: 10_000 };
const refused = { kind: 'refused', code: 'C', message: 'm', nextStep: 'n' } as const;
const states = attemptStates.filter((state) => state !== 'created');

const answers: fc.Arbitrary<AttemptAnswer> = fc.constantFrom<AttemptAnswer>(
  { kind: 'taken', codeUrl: 'weixin://x' },
  refused,
  { kind: 'unknown' },
  { kind: 'unpaid' },
  { kind: 'paying' },
  { kind: 'ended', state: 'closed' },
  { kind: 'ended', state: 'failed' },
  { kind: 'not_found', rule },
  { kind: 'resend' },
);

function answer(state: AttemptState, told: AttemptAnswer, change = {}, at = now) {
  const aggregate = aggregateOf({ state: 'processing' }, { state, codeUrl: null, ...change });
  return decideAttemptAnswer(aggregate, id, told, at);
}

test('whatever channels say in whatever order: only steps of the table, no money, proofs kept', () => {
  const steps = fc.array(fc.tuple(answers, fc.integer({ min: 0, max: 120 })), { maxLength: 25 });
  fc.assert(
    fc.property(fc.constantFrom(...states), steps, (start, told) => {
      let aggregate = aggregateOf({ state: 'processing' }, { state: start, codeUrl: null });
      let clock = now;
      for (const [said, seconds] of told) {
        clock = clock.add({ seconds });
        const before = attemptIn(aggregate, id);
        const change = decideAttemptAnswer(aggregate, id, said, clock);
        const after = attemptIn(change, id);
        if (after.state !== before.state) {
          expect(canMoveAttempt(before.state, after.state)).toBe(true);
          if (after.state === 'failed' || after.state === 'closed') {
            expect(after.proof).not.toBeNull();
            expect(after.dueAt).toBeNull();
          }
        }
        if (!isOpenAttempt(before.state)) expect(after).toEqual(before);
        expect(['succeeded', 'late_success'].includes(after.state)).toBe(
          ['succeeded', 'late_success'].includes(start),
        );
        expect(change.transfers).toEqual([]);
        expect(after.submissions).toBeLessThanOrEqual(3);
        aggregate = { order: change.order, attempts: change.attempts };
      }
    }),
  );
});

test('an unknown answer turns only what was just submitted into unknown', () => {
  for (const state of states) {
    const after = attemptIn(answer(state, { kind: 'unknown' }), id);
    expect(after.state).toBe(state === 'submitted' ? 'unknown' : state);
  }
});

test('a refusal fails what was sent once; what was sent again is asked about instead', () => {
  expect(attemptIn(answer('submitted', refused), id)).toMatchObject({
    state: 'failed',
    proof: { kind: 'refusal', code: 'C' },
  });
  for (const state of ['submitted', 'unknown'] as const) {
    const again = attemptIn(answer(state, refused, { submissions: 2 }), id);
    expect(again).toMatchObject({ state: 'unknown', proof: null });
  }
});

test('not found proves nothing too early, or asked once; late enough and twice it does', () => {
  const told = { kind: 'not_found', rule } as const;
  const early = attemptIn(answer('unknown', told, {}, now.add({ seconds: 5 })), id);
  expect(early).toMatchObject({ state: 'unknown', proof: null });
  expect(early.firstNotFoundAt).not.toBeNull();
  const first = { firstNotFoundAt: now.add({ seconds: 55 }) };
  const soon = attemptIn(answer('unknown', told, first, now.add({ seconds: 64 })), id);
  expect(soon.state).toBe('unknown');
  const late = attemptIn(answer('unknown', told, first, now.add({ seconds: 65 })), id);
  expect(late).toMatchObject({ state: 'failed', proof: { kind: 'not_found' } });
  const closing = attemptIn(answer('closing', told, first, now.add({ seconds: 65 })), id);
  expect(closing).toMatchObject({ state: 'closed', proof: { kind: 'not_found' } });
});

test('what the channel has confirmed once is not undone by "not found"', () => {
  const told = { kind: 'not_found', rule } as const;
  const first = { firstNotFoundAt: now, codeUrl: 'weixin://x' };
  for (const state of ['pending', 'closing'] as const) {
    const after = attemptIn(answer(state, told, first, now.add({ hours: 24 })), id);
    expect(after.state).toBe(state);
  }
});

test('sending again begins the proof anew', () => {
  const first = { firstNotFoundAt: now, submissions: 1 };
  const after = attemptIn(answer('unknown', { kind: 'resend' }, first, now.add({ hours: 1 })), id);
  expect(after).toMatchObject({ submissions: 2, firstNotFoundAt: null });
  expect(after.submittedAt.toString()).toBe(now.add({ hours: 1 }).toString());
});

test('nothing is sent again for an order that is closing, paid or closed', () => {
  const fresh = aggregateOf({ state: 'processing' }, { state: 'unknown' });
  const attempt = attemptIn(fresh, id);
  expect(maySendAgain(fresh, attempt)).toBe(true);
  for (const order of [
    { closing: 'expired' as const },
    { state: 'succeeded' as const },
    { state: 'canceled' as const },
  ]) {
    const { order: row } = aggregateOf({ ...order }, { state: 'unknown' });
    expect(maySendAgain({ ...fresh, order: row }, attempt)).toBe(false);
  }
});

test('when the last open attempt of a closing order ends, the order is closed and tells it', () => {
  const aggregate = aggregateOf(
    { state: 'requires_action', closing: 'expired' },
    { state: 'closing' },
  );
  const change = decideAttemptAnswer(aggregate, id, { kind: 'ended', state: 'closed' }, now);
  expect(change.order).toMatchObject({ state: 'expired', dueAt: null });
  expect(change.events.map((event) => event.type)).toEqual(['payments.order_closed']);
});
