import type { Fault } from '../../core/faults.ts';
import { faultText } from '../fault-points.ts';
import type { ReportedStatus, TransactionStatus } from '../xml/pain002.ts';
import type { Payment, PaymentState } from './store.ts';

const statuses: Record<PaymentState, TransactionStatus> = {
  waiting: 'PDNG',
  accepted: 'ACTC',
  in_process: 'ACSP',
  stuck: 'PDNG',
  said_rejected: 'RJCT',
  said_settled: 'ACSC',
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
    bankReference: state === 'said_settled' ? inventedReference(payment) : payment.bankReference,
  };
}

/** The reference that a fault names for a debit that never was; undefined when it names none. */
function inventedReference({ fault }: Payment): string | undefined {
  const named = fault?.['bank_reference'];
  return typeof named === 'string' && named !== '' ? named : undefined;
}

/** What a client may be told of a payment that the bank has taken in. */
const takenIn: readonly TransactionStatus[] = ['ACTC', 'ACSP', 'PDNG'];

/**
 * What it says when it lies: that the payment is still under way, the opposite of what is true, or
 * the truth as if it were another payment's.
 */
export function distortStatus(truth: ReportedStatus, fault: Fault): ReportedStatus {
  const bare = { ...truth, reason: undefined, bankReference: undefined };
  if (fault.kind === 'another_payment') {
    return { ...truth, endToEndId: `${truth.endToEndId.slice(0, -1)}-` };
  }
  if (fault.kind === 'accepted') {
    const wanted = faultText(fault, 'status', 'ACTC');
    return { ...bare, status: takenIn.find((each) => each === wanted) ?? 'ACTC' };
  }
  if (truth.status === 'RJCT') return { ...bare, status: 'ACSC' };
  const code = faultText(fault, 'reason', 'NARR');
  const reason = { code, text: 'the payment was refused by the clearing' };
  return { ...bare, status: 'RJCT', reason };
}
