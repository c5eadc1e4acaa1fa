import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { CommandContext, CommandKind } from '../../../platform/index.ts';
import { attemptIn, type Change } from '../decide/change.ts';
import { contradict, decideConfirm, decidePlace } from '../decide/confirm.ts';
import { refuse } from '../errors.ts';
import { applyArrival, type BookingUnits, bookingUnits, lockAccountsOf } from './units.ts';

/** A success as a channel told it: by notification, or when it was asked. */
export interface ConfirmInput {
  readonly contractId: string;
  /** out_trade_no. */
  readonly number: string;
  readonly channelNumber: string;
  readonly amount: bigint;
  /** When the channel says one. */
  readonly currency?: string;
  /** RFC 3339. */
  readonly paidAt: string;
}

export interface ConfirmOutput {
  readonly attempt_id: string;
  readonly attempt_state: string;
  readonly order_state: string;
}

/**
 * The hot path. One batch: lock orders, their attempts, read who has the channel numbers, lock
 * accounts, read command keys; then write. The number of statements does not depend on the size of
 * the batch.
 */
export function confirmKind(
  automaticRefundLimit: bigint,
): CommandKind<ConfirmInput, BookingUnits, ConfirmOutput> {
  return {
    name: 'payments.confirm',
    units: bookingUnits,
    load: async (tx, units, calls) => {
      await units.payments.lockOrdersOfAttempts(
        tx,
        calls.map(({ input }) => input.number),
      );
      await units.payments.loadChannelNumbers(
        tx,
        calls.map(({ input }) => input),
      );
      await lockAccountsOf(tx, units, calls);
    },
    decide: ({ payments }, input, context) => {
      const attempt = payments.attemptByNumber(input.number);
      const aggregate = attempt && payments.aggregate(attempt.orderId);
      if (!attempt || !aggregate || attempt.contractId !== input.contractId) {
        const values = { number: input.number, contract_id: input.contractId };
        return refuse('attempt_not_found', { values });
      }
      const rules = { now: context.now, refundId: context.newId(attempt.orderId) };
      const holder = payments.holderOf(input);
      const success = { ...input, paidAt: Temporal.Instant.from(input.paidAt) };
      const applied = applyArrival(payments, context, (blocked) => {
        if (holder !== undefined && holder !== attempt.id) {
          return ok(taken(aggregate, attempt.id, input, holder, context));
        }
        return ok(
          decideConfirm(aggregate, attempt.id, success, {
            ...rules,
            automaticRefundLimit,
            ...(blocked === undefined ? {} : { blocked }),
          }),
        );
      });
      if (!applied.ok) return applied;
      return ok({
        attempt_id: encodeId('att', attempt.id),
        attempt_state: attemptIn(applied.value, attempt.id).state,
        order_state: applied.value.order.state,
      });
    },
  };
}

/** The channel's number belongs to another attempt: one of the two is not true. */
function taken(
  aggregate: Parameters<typeof decideConfirm>[0],
  attemptId: string,
  input: ConfirmInput,
  holder: string,
  context: CommandContext,
): Change {
  return contradict(
    aggregate,
    attemptIn(aggregate, attemptId),
    {
      kind: 'channel_number',
      expected: `not that of ${encodeId('att', holder)}`,
      said: input.channelNumber,
      at: context.now.toString(),
    },
    context.now,
  );
}

/** Tries again to place money whose destination took none. */
export function placeKind(
  automaticRefundLimit: bigint,
): CommandKind<
  { readonly orderId: string; readonly attemptId: string },
  BookingUnits,
  { readonly placed: boolean }
> {
  return {
    name: 'payments.place',
    units: bookingUnits,
    load: async (tx, units, calls) => {
      await units.payments.lockOrders(
        tx,
        calls.map(({ input }) => input.orderId),
      );
      await lockAccountsOf(tx, units, calls);
    },
    decide: ({ payments }, input, context): Result<{ placed: boolean }, Refusal> => {
      const aggregate = payments.aggregate(input.orderId);
      if (!aggregate) return orderNotFound(input.orderId);
      const refundId = context.newId(input.orderId);
      const applied = applyArrival(payments, context, (blocked) =>
        ok(
          decidePlace(aggregate, input.attemptId, {
            now: context.now,
            refundId,
            automaticRefundLimit,
            ...(blocked === undefined ? {} : { blocked }),
          }),
        ),
      );
      if (!applied.ok) return applied;
      return ok({ placed: attemptIn(applied.value, input.attemptId).suspenseMinor === 0n });
    },
  };
}

export function orderNotFound(orderId: string): Result<never, Refusal> {
  return refuse('order_not_found', { values: { order_id: encodeId('ord', orderId) } });
}
