import type { PaymentsDeps } from '../types.ts';
import { confirmKind, placeKind } from './confirm.ts';
import {
  answerAttemptKind,
  applyReceiptKind,
  closeOrderKind,
  createAttemptKind,
  createOrderKind,
  createSessionKind,
} from './orders.ts';
import {
  answerRefundKind,
  approveRefundKind,
  rejectRefundKind,
  requestRefundKind,
  retryRefundKind,
  submitRefundKind,
} from './refunds.ts';

/** All commands of this module. */
export function defineCommands({
  commands: runner,
  automaticRefundLimitMinor: automaticRefundLimit,
  createReceiptsUnit,
}: Pick<PaymentsDeps, 'commands' | 'automaticRefundLimitMinor' | 'createReceiptsUnit'>) {
  return {
    createOrder: runner.define(createOrderKind),
    createAttempt: runner.define(createAttemptKind),
    answerAttempt: runner.define(answerAttemptKind),
    confirm: runner.define(confirmKind(automaticRefundLimit)),
    place: runner.define(placeKind(automaticRefundLimit)),
    closeOrder: runner.define(closeOrderKind),
    applyReceipt: runner.define(applyReceiptKind(createReceiptsUnit)),
    createSession: runner.define(createSessionKind),
    requestRefund: runner.define(requestRefundKind),
    approveRefund: runner.define(approveRefundKind),
    rejectRefund: runner.define(rejectRefundKind),
    retryRefund: runner.define(retryRefundKind),
    submitRefund: runner.define(submitRefundKind),
    answerRefund: runner.define(answerRefundKind),
  };
}

export type PaymentsCommands = ReturnType<typeof defineCommands>;
