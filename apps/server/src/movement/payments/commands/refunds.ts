import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { CommandContext, CommandKind } from '../../../platform/index.ts';
import type { Aggregate, Change } from '../decide/change.ts';
import type { RefundRequest } from '../decide/refund-request.ts';
import {
  decideApproveRefund,
  decideRefundAnswer,
  decideRejectRefund,
  decideRetryRefund,
  decideSubmitRefund,
  maySubmitRefund,
  type RefundAnswer,
} from '../decide/refund-steps.ts';
import { refuse } from '../errors.ts';
import type { Refund } from '../tables.ts';
import type { PaymentsState } from '../unit.ts';
import { type RefundRecord, refundRecord } from '../views.ts';
import { orderNotFound } from './confirm.ts';
import { type BookingUnits, bookingUnits, lockAccountsOf } from './units.ts';

export const requestRefundKind: CommandKind<
  RefundRequest & { readonly orderId: string },
  BookingUnits,
  RefundRecord
> = {
  name: 'payments.request_refund',
  units: bookingUnits,
  load: async (tx, units, calls) => {
    await units.payments.lockOrders(
      tx,
      calls.map(({ input }) => input.orderId),
    );
    await lockAccountsOf(tx, units, calls);
  },
  decide: ({ payments }, { orderId, ...request }, context) => {
    const order = payments.order(orderId);
    if (!order) return orderNotFound(orderId);
    const refund = payments.requestRefund(orderId, request, context);
    return refund.ok ? ok(refundRecord(order, refund.value)) : refund;
  },
};

interface RefundStep<Input extends { readonly refundId: string }, Output> {
  readonly name: string;
  decide(found: {
    readonly input: Input;
    readonly aggregate: Aggregate;
    readonly refund: Refund;
    readonly now: Temporal.Instant;
    /** The ledger's reason why it refused what was decided first. */
    readonly blocked?: string;
  }): Result<Change, Refusal>;
  output(refund: Refund, aggregate: Aggregate, before: Refund): Output;
}

/** A command on one refund: its order and attempts are locked with it. */
function refundStepKind<Input extends { readonly refundId: string }, Output>(
  step: RefundStep<Input, Output>,
): CommandKind<Input, BookingUnits, Output> {
  return {
    name: step.name,
    units: bookingUnits,
    load: async (tx, units, calls) => {
      await units.payments.lockRefunds(
        tx,
        calls.map(({ input }) => input.refundId),
      );
      await lockAccountsOf(tx, units, calls);
    },
    decide: ({ payments }, input, context) => carryOut(payments, step, input, context),
  };
}

function carryOut<Input extends { readonly refundId: string }, Output>(
  payments: PaymentsState,
  step: RefundStep<Input, Output>,
  input: Input,
  context: CommandContext,
): Result<Output, Refusal> {
  const refund = payments.refund(input.refundId);
  const aggregate = refund && payments.aggregate(refund.orderId);
  if (!refund || !aggregate) {
    const values = { refund_id: encodeId('rfd', input.refundId) };
    return refuse('refund_not_found', { values });
  }
  const found = { input, aggregate, refund, now: context.now };
  const change = step.decide(found);
  let applied = change.ok ? payments.apply(change.value, context) : change;
  if (change.ok && !applied.ok && refund.state === 'failed') {
    const other = step.decide({ ...found, blocked: applied.error.code });
    applied = other.ok ? payments.apply(other.value, context) : other;
  }
  if (!applied.ok) return applied;
  const next = payments.refund(refund.id) ?? refund;
  return ok(step.output(next, applied.value, refund));
}

type ByPerson = { readonly refundId: string; readonly by: string };

const viewOf = (refund: Refund, { order }: Aggregate) => refundRecord(order, refund);

export const approveRefundKind = refundStepKind<ByPerson, RefundRecord>({
  name: 'payments.approve_refund',
  decide: ({ aggregate, refund, input, now }) =>
    decideApproveRefund(aggregate, refund, input.by, now),
  output: viewOf,
});

export const rejectRefundKind = refundStepKind<ByPerson, RefundRecord>({
  name: 'payments.reject_refund',
  decide: ({ aggregate, refund, input, now }) =>
    decideRejectRefund(aggregate, refund, input.by, now),
  output: viewOf,
});

export const retryRefundKind = refundStepKind<ByPerson, RefundRecord>({
  name: 'payments.retry_refund',
  decide: ({ aggregate, refund, now }) => decideRetryRefund(aggregate, refund, now),
  output: viewOf,
});

/** Says `send` when the refund is now to be sent: what is sent was stored before. */
export const submitRefundKind = refundStepKind<
  { readonly refundId: string },
  { readonly send: boolean }
>({
  name: 'payments.submit_refund',
  decide: ({ aggregate, refund, now }) => ok(decideSubmitRefund(aggregate, refund, now)),
  output: (refund, _aggregate, before) => ({ send: refund.submissions > before.submissions }),
});

export const answerRefundKind = refundStepKind<
  { readonly refundId: string; readonly answer: RefundAnswer },
  { readonly state: string; readonly mayResend: boolean }
>({
  name: 'payments.answer_refund',
  decide: ({ aggregate, refund, input, now, blocked }) =>
    ok(decideRefundAnswer(aggregate, refund, input.answer, now, blocked)),
  output: (refund) => ({ state: refund.state, mayResend: maySubmitRefund(refund) }),
});
