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
import type { PayoutsService } from './types.ts';

interface JobDeps {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly payouts: PayoutsService;
}

/** A text of an event's payload, which is there. */
function textOf(event: EventRecord, key: string): string {
  const value = event.payload[key];
  assert(typeof value === 'string', `${key} of ${event.type} is a text`);
  return value;
}

/** Debits say that a pay-out is paid, returns bring it back; both name it by its end-to-end id. */
export function payoutsConsumers(deps: JobDeps): Consumer[] {
  const { payouts } = deps;

  async function handle(event: EventRecord): Promise<void> {
    if (typeof event.payload['end_to_end_id'] !== 'string') return;
    const endToEndId = textOf(event, 'end_to_end_id');
    const receiptId = textOf(event, 'receipt_id');
    if (event.type === custodyEvents.debitSeen) {
      const amount = event.payload['amount'];
      assert(typeof amount === 'bigint', 'an amount is minor units');
      await payouts.onDebit(event.id, {
        endToEndId,
        receiptId,
        amount,
        currency: textOf(event, 'currency'),
        bankReference: textOf(event, 'bank_reference'),
        bookedOn: textOf(event, 'value_date'),
      });
      return;
    }
    if (textOf(event, 'kind') === 'return') {
      await payouts.onReturn(event.id, receiptId, endToEndId);
    }
  }

  return [
    createConsumer({
      name: 'payouts.entries',
      outbox: deps.outbox,
      clock: deps.clock,
      logger: deps.logger,
      types: [custodyEvents.receiptRecorded, custodyEvents.debitSeen],
      handle,
    }),
  ];
}

/** Sends what is approved, asks banks about what they have. */
export function payoutsPollers({ logger, payouts }: Pick<JobDeps, 'logger' | 'payouts'>): Poller[] {
  return [createPoller({ name: 'payouts.due', logger, work: payouts.due })];
}
