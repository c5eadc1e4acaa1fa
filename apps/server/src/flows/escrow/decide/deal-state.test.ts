import { describe, expect, it } from 'vitest';
import { afterStep, type DealState, dealStates, dealSteps } from './deal-state.ts';

describe('the states of a deal', () => {
  it('go on only by the steps of the table', () => {
    const all = dealStates.map(
      (state) =>
        `${state}: ${dealSteps
          .filter((step) => afterStep(state, step, 'funded') !== undefined)
          .map((step) => `${step}>${afterStep(state, step, 'funded')}`)
          .join(' ')}`,
    );
    expect(all).toMatchInlineSnapshot();
  });

  it('return to where they were when cancelling is withdrawn, and nowhere when that is not known', () => {
    expect(afterStep('cancel_requested', 'withdraw_cancel', 'partially_released')).toBe(
      'partially_released',
    );
    expect(afterStep('cancel_requested', 'withdraw_cancel')).toBeUndefined();
  });

  it('never lead from a deal that gave its money back to one that pays it out', () => {
    const reached = new Set<DealState>(['refunding']);
    for (const state of reached) {
      for (const step of dealSteps) {
        const to = afterStep(state, step, null);
        if (to) reached.add(to);
      }
    }
    expect([...reached].sort()).toEqual(['partly_refunded', 'refunded', 'refunding']);
  });

  it('reach every state from a draft', () => {
    const reached = new Set<DealState>(['draft']);
    for (const state of reached) {
      for (const step of dealSteps) {
        const to = afterStep(state, step, 'funded');
        if (to) reached.add(to);
      }
    }
    expect([...reached].sort()).toEqual([...dealStates].sort());
  });
});
