import type { Fault } from '../../core/faults.ts';
import type { ReportedStatus, TransactionStatus } from '../xml/pain002.ts';
import type { Payment, PaymentState } from './store.ts';

const statuses: Record<PaymentState, TransactionStatus> = {
  waiting: 'PDNG',
  accepted: 'ACTC',
  in_process: 'ACSP',
  stuck: 'PDNG',
  said_rejected: 'RJCT',
  settled: 'ACSC',
  rejected: 'RJCT',
};

/** What the bank says about a payment. */
export function reportStatus(payment: Payment): ReportedStatus {
  const { amount, state } = payment;
  return {
    paymentInformationId: payment.paymentInformationId,
    instructionId: payment.instructionId,
    endToEndId: payment.endToEndId,
    status: statuses[state],
    reason: payment.reason,
    amount: amount === 0n ? undefined : amount,
    acceptedMs: state === 'rejected' ? undefined : payment.submittedMs,
    bankReference: payment.bankReference,
  };
}

/** What it says when it lies: the status that was asked for, or the opposite of the true one. */
export function distortStatus(truth: ReportedStatus, fault: Fault): ReportedStatus {
  const bare = { ...truth, reason: undefined, bankReference: undefined };
  if (fault.kind === 'accepted') return { ...bare, status: 'ACTC' };
  if (truth.status === 'RJCT') return { ...bare, status: 'ACSC' };
  const reason = { code: 'NARR', text: 'the payment was refused by the clearing' };
  return { ...bare, status: 'RJCT', reason };
}
