import type { Clock } from '@keyturn/kernel';
import type { Logger } from 'pino';
import type { ReceiptRecorded } from '../../banks/custody/index.ts';
import { isPaymentsEvent } from '../../movement/payments/index.ts';
import { isPayoutsEvent } from '../../movement/payouts/index.ts';
import {
  type Consumer,
  createConsumer,
  createPoller,
  type Outbox,
  type Poller,
} from '../../platform/index.ts';
import { topUpReference } from './commands/top-up.ts';
import type { SettlementService } from './types.ts';

/** Shares paid orders out; takes in what acquirers settle and what own money arrives. */
export function settlementConsumers(deps: {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settlement: SettlementService;
}): Consumer[] {
  const { settlement } = deps;
  return [
    createConsumer({
      ...deps,
      name: 'settlement.orders',
      types: ['payments.order_paid'],
      handle: async (event) => {
        if (!isPaymentsEvent(event, 'payments.order_paid')) return;
        await settlement.onOrderPaid(event.id, event.occurredAt, event.payload);
      },
    }),
    createConsumer({
      ...deps,
      name: 'settlement.receipts',
      types: ['custody.receipt_recorded'],
      handle: async (event) => {
        // Written by custody, whose type says what it holds.
        const receipt = event.payload as unknown as ReceiptRecorded;
        await settlement.onReceipt(event.id, receipt);
      },
    }),
    createConsumer({
      ...deps,
      name: 'settlement.refunds',
      types: ['payments.refund_requested', 'payments.refund_succeeded', 'payments.refund_failed'],
      handle: async (event) => settlement.onRefund(event.id, event.objectId),
    }),
    createConsumer({
      ...deps,
      name: 'settlement.payouts',
      types: ['payouts.failed', 'payouts.canceled', 'payouts.returned'],
      handle: async (event) => {
        const ended =
          isPayoutsEvent(event, 'payouts.failed') ||
          isPayoutsEvent(event, 'payouts.canceled') ||
          isPayoutsEvent(event, 'payouts.returned');
        if (!ended || event.payload.reference_kind !== topUpReference) return;
        await settlement.onPayoutFailed(event.id, event.payload.payout_id);
      },
    }),
  ];
}

export function settlementPollers(deps: {
  readonly logger: Logger;
  readonly settlement: SettlementService;
}): Poller[] {
  const { logger, settlement } = deps;
  return [
    createPoller({ name: 'settlement.splits', logger, work: settlement.due.splits }),
    createPoller({ name: 'settlement.windows', logger, work: settlement.due.windows }),
    createPoller({
      name: 'settlement.top_ups',
      logger,
      work: settlement.due.topUps,
      intervalMs: 5_000,
    }),
  ];
}
