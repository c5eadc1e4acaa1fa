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
    expect(all).toMatchInlineSnapshot(`
      [
        "draft: agree>agreed drop>canceled",
        "agreed: open_order>funding drop>canceled",
        "funding: open_order>funding all_funded>funded start_release>funding settle_part>funding settle_all>released undo_part>funding undo_all>funding request_cancel>cancel_requested",
        "funded: start_release>releasing settle_part>partially_released settle_all>released undo_all>funded request_cancel>cancel_requested",
        "releasing: start_release>releasing settle_part>partially_released settle_all>released undo_part>partially_released undo_all>funded",
        "partially_released: open_order>partially_released start_release>releasing settle_part>partially_released settle_all>released undo_part>partially_released undo_all>funded request_cancel>cancel_requested",
        "released: undo_part>partially_released undo_all>funded",
        "cancel_requested: withdraw_cancel>funded start_refund>refunding",
        "refunding: start_refund>refunding refund_all>refunded refund_part>partly_refunded",
        "refunded: start_refund>refunding",
        "partly_refunded: start_refund>refunding",
        "canceled: ",
      ]
    `);
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
