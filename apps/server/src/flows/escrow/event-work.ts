import { isPaymentsEvent } from '../../movement/payments/index.ts';
import { isPayoutsEvent } from '../../movement/payouts/index.ts';
import { type CommandOutcome, type EventRecord, RefusedError } from '../../platform/index.ts';
import type { EndLeg } from './commands/end-leg.ts';
import type { ClosedOrder, ItemPayment } from './commands/funding.ts';
import { escrowReferences } from './references.ts';

/** The commands that events lead to. */
export interface EventCommands {
  recordPayment(key: string, input: ItemPayment): Promise<CommandOutcome<unknown>>;
  recordClosedOrder(key: string, input: ClosedOrder): Promise<CommandOutcome<unknown>>;
  endLeg(key: string, input: EndLeg): Promise<CommandOutcome<unknown>>;
}

/** The types of events that tell something about a deal's money. */
export const eventTypes = [
  'payments.order_paid',
  'payments.order_closed',
  'payments.refund_succeeded',
  'payments.refund_failed',
  'payouts.paid',
  'payouts.failed',
  'payouts.canceled',
  'payouts.returned',
] as const;

/** Takes what happened below to the deal that it is about; others' events change nothing. */
export function createEventWork(commands: EventCommands, refresh: () => Promise<void>) {
  return async (event: EventRecord): Promise<void> => {
    const command = commandFor(commands, event);
    if (!command) return;
    await refresh();
    const outcome = await command();
    // A consumer's command that is refused parks its event for somebody to look at.
    if (!outcome.ok) throw new RefusedError(outcome.error);
  };
}

type Start = () => Promise<CommandOutcome<unknown>>;

function commandFor(commands: EventCommands, event: EventRecord): Start | undefined {
  if (isPaymentsEvent(event, 'payments.order_paid')) {
    const { payload } = event;
    if (payload.reference_kind !== escrowReferences.item || !payload.reference_id) return undefined;
    const input: ItemPayment = {
      itemId: payload.reference_id,
      orderId: payload.order_id,
      amountMinor: payload.amount,
      remainingMinor: payload.remaining_minor,
      method: payload.method,
      ...(payload.attempt_id === undefined ? {} : { attemptId: payload.attempt_id }),
      ...(payload.receipt_id === undefined ? {} : { receiptId: payload.receipt_id }),
    };
    return () => commands.recordPayment(`escrow.record_payment:${event.id}`, input);
  }
  if (isPaymentsEvent(event, 'payments.order_closed')) {
    const { reference_kind, reference_id: itemId, order_id: orderId, reason } = event.payload;
    if (reference_kind !== escrowReferences.item || !itemId) return undefined;
    const key = `escrow.record_closed_order:${event.id}`;
    return () => commands.recordClosedOrder(key, { itemId, orderId, reason });
  }
  const end = endOf(event);
  return end && (() => commands.endLeg(`escrow.end_leg:${event.id}`, end));
}

function endOf(event: EventRecord): EndLeg | undefined {
  if (isPaymentsEvent(event, 'payments.refund_succeeded')) {
    return refundEnd(event.payload, { state: 'paid' });
  }
  if (isPaymentsEvent(event, 'payments.refund_failed')) {
    return refundEnd(event.payload, { state: 'failed', reason: event.payload.code });
  }
  if (isPayoutsEvent(event, 'payouts.paid')) return payoutEnd(event.payload, { state: 'paid' });
  if (isPayoutsEvent(event, 'payouts.failed')) {
    const reason = `${event.payload.code} ${event.payload.reason}`.trim();
    return payoutEnd(event.payload, { state: 'failed', reason });
  }
  if (isPayoutsEvent(event, 'payouts.canceled')) {
    return payoutEnd(event.payload, { state: 'failed', reason: event.payload.reason });
  }
  if (isPayoutsEvent(event, 'payouts.returned')) {
    const { reason, returned_minor: backMinor } = event.payload;
    return payoutEnd(event.payload, { state: 'returned', reason, backMinor });
  }
  return undefined;
}

interface Referring {
  readonly reference_kind?: string;
  readonly reference_id?: string;
}

function refundEnd(
  payload: Referring & { readonly refund_id: string },
  end: EndLeg['end'],
): EndLeg | undefined {
  if (payload.reference_kind !== escrowReferences.item) return undefined;
  return { refundId: payload.refund_id, end };
}

function payoutEnd(payload: Referring, end: EndLeg['end']): EndLeg | undefined {
  if (payload.reference_kind !== escrowReferences.leg || !payload.reference_id) return undefined;
  return { legId: payload.reference_id, end };
}
