import { assert, type Clock } from '@keyturn/kernel';
import type { Logger } from 'pino';
import { custodyEvents } from '../../banks/custody/index.ts';
import {
  type Consumer,
  createConsumer,
  createPoller,
  type EventRecord,
  type Outbox,
  type Poller,
} from '../../platform/index.ts';
import type { PaymentsService } from './types.ts';

interface JobDeps {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly payments: PaymentsService;
}

/** A text of an event's payload; undefined when it is not there. */
function textOf(event: EventRecord, key: string): string | undefined {
  const value = event.payload[key];
  assert(value === undefined || typeof value === 'string', `${key} of ${event.type} is a text`);
  return value;
}

/**
 * Transfers pay the orders whose virtual accounts they arrive on; an account that opens lets the
 * payer pay.
 */
export function paymentsConsumers(deps: JobDeps): Consumer[] {
  const { payments } = deps;

  async function handle(event: EventRecord): Promise<void> {
    const ownerId = textOf(event, 'owner_id');
    if (ownerId === undefined || textOf(event, 'owner_kind') !== 'order') return;
    if (event.type === custodyEvents.virtualAccountOpened) {
      await payments.onTransferAccountOpened(ownerId);
      return;
    }
    const receiptId = textOf(event, 'receipt_id');
    if (receiptId === undefined || textOf(event, 'kind') !== 'transfer') return;
    await payments.onReceipt(event.id, receiptId, ownerId);
  }

  return [
    createConsumer({
      name: 'payments.receipts',
      outbox: deps.outbox,
      clock: deps.clock,
      logger: deps.logger,
      types: [custodyEvents.receiptRecorded, custodyEvents.virtualAccountOpened],
      handle,
    }),
  ];
}

/** Asks channels about attempts and refunds, sends refunds, closes orders whose time is over. */
export function paymentsPollers({
  logger,
  payments,
}: Pick<JobDeps, 'logger' | 'payments'>): Poller[] {
  return [
    createPoller({ name: 'payments.attempts', logger, work: payments.due.attempts }),
    createPoller({ name: 'payments.refunds', logger, work: payments.due.refunds }),
    createPoller({ name: 'payments.orders', logger, work: payments.due.orders }),
  ];
}
