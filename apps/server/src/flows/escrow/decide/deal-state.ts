/**
 * The states of a deal. A freeze stands beside them. Time-outs hold; they never release by
 * themselves.
 */
export const dealStates = [
  'draft',
  'agreed',
  'funding',
  'funded',
  'releasing',
  'partially_released',
  'released',
  'cancel_requested',
  'refunding',
  'refunded',
  'partly_refunded',
  'canceled',
] as const;
export type DealState = (typeof dealStates)[number];

export const dealSteps = [
  'agree',
  'open_order',
  'all_funded',
  'start_release',
  'settle_part',
  'settle_all',
  'undo_part',
  'undo_all',
  'drop',
  'request_cancel',
  'withdraw_cancel',
  'start_refund',
  'refund_all',
  'refund_part',
] as const;
export type DealStep = (typeof dealSteps)[number];

type To = DealState | 'before';

/**
 * The one table of a deal's transitions; what is not in it is refused. `before` returns to the
 * state from which cancelling was asked. `settle_part` in `funding` keeps the deal gathering the
 * other items; `undo_part` and `undo_all` are for money that came back: something else stays
 * released, or nothing.
 */
const table: Readonly<Record<DealState, Readonly<Partial<Record<DealStep, To>>>>> = {
  draft: { agree: 'agreed', drop: 'canceled' },
  agreed: { open_order: 'funding', drop: 'canceled' },
  funding: {
    open_order: 'funding',
    all_funded: 'funded',
    start_release: 'funding',
    settle_part: 'funding',
    settle_all: 'released',
    undo_part: 'funding',
    undo_all: 'funding',
    request_cancel: 'cancel_requested',
  },
  funded: {
    start_release: 'releasing',
    settle_part: 'partially_released',
    settle_all: 'released',
    undo_all: 'funded',
    request_cancel: 'cancel_requested',
  },
  releasing: {
    start_release: 'releasing',
    settle_part: 'partially_released',
    settle_all: 'released',
    undo_part: 'partially_released',
    undo_all: 'funded',
  },
  partially_released: {
    open_order: 'partially_released',
    start_release: 'releasing',
    settle_part: 'partially_released',
    settle_all: 'released',
    undo_part: 'partially_released',
    undo_all: 'funded',
    request_cancel: 'cancel_requested',
  },
  // A pay-out can come back weeks after it was paid.
  released: { undo_part: 'partially_released', undo_all: 'funded' },
  cancel_requested: { withdraw_cancel: 'before', start_refund: 'refunding' },
  refunding: { refund_all: 'refunded', refund_part: 'partly_refunded', start_refund: 'refunding' },
  // Money that arrives or comes back late is given back as well.
  refunded: { start_refund: 'refunding' },
  partly_refunded: { start_refund: 'refunding' },
  canceled: {},
};

/** The state after a step, or undefined when the state does not know it. */
export function afterStep(
  state: DealState,
  step: DealStep,
  before: DealState | null = null,
): DealState | undefined {
  const to = table[state][step];
  return to === 'before' ? (before ?? undefined) : to;
}
