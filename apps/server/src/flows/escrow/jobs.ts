import type { Clock } from '@keyturn/kernel';
import type { Logger } from 'pino';
import {
  type Consumer,
  createConsumer,
  createPoller,
  type Outbox,
  type Poller,
} from '../../platform/index.ts';
import { eventTypes } from './event-work.ts';
import type { EscrowService } from './types.ts';

/** Takes deals on by what happens to their orders, refunds and pay-outs. */
export function escrowConsumers(deps: {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly escrow: EscrowService;
}): Consumer[] {
  const { outbox, clock, logger, escrow } = deps;
  return [
    createConsumer({
      outbox,
      clock,
      logger,
      name: 'escrow.money',
      types: eventTypes,
      handle: escrow.onEvent,
    }),
  ];
}

export function escrowPollers(deps: {
  readonly logger: Logger;
  readonly escrow: EscrowService;
}): Poller[] {
  const { logger, escrow } = deps;
  return [createPoller({ name: 'escrow.freezes', logger, work: escrow.dueFreezes })];
}
