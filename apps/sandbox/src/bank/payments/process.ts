import type { Due, Payload } from '../../core/due.ts';
import type { Accounts } from '../accounts.ts';
import { faultDuration, faultText } from '../fault-points.ts';
import type { EntryDraft, Ledger } from '../ledger.ts';
import type { Notices } from '../notices.ts';
import type { Payment, PaymentState, PaymentStore } from './store.ts';

const startKind = 'bank.payment.start';
const settleKind = 'bank.payment.settle';
const rejectKind = 'bank.payment.reject';
const returnKind = 'bank.payment.return';

/** World time from taking in to processing, and from there to the debit. */
const step = Temporal.Duration.from({ seconds: 1 });
/** Payee accounts whose bank sends the money back, and after how long. */
const returningPayee = /9999$/;
const returnAfter = 'PT2H';

export interface PaymentProcess {
  /** Plans the start of a payment that was just stored: at once, or when it can be executed. */
  plan(payment: Payment, executableFrom: Temporal.Instant): void;
  /** Takes the payment as far as its faults let it, now. */
  hurry(payment: Payment, now: Temporal.Instant): void;
  /** An operator ends what is stuck; false when there is nothing left to decide. */
  decide(
    payment: Payment,
    outcome: 'pay' | 'reject',
    reason: string,
    now: Temporal.Instant,
  ): boolean;
}

export interface ProcessDeps {
  due: Due;
  accounts: Accounts;
  ledger: Ledger;
  notices: Notices;
  payments: PaymentStore;
}

const payloadOf = ({ clientId, endToEndId }: Payment): Payload => ({
  client_id: clientId,
  end_to_end_id: endToEndId,
});

/** From these a payment is debited when its time has come. */
const startedStates: readonly PaymentState[] = ['in_process', 'stuck', 'said_rejected'];

/** The refusal's sentence when a fault, not the bank's rules, refuses. */
const faultSentence = 'the payment was refused by the clearing';

function debitOf(payment: Payment): EntryDraft {
  return {
    account: payment.account,
    virtualAccount: payment.virtualAccount,
    kind: 'payment',
    amount: -payment.amount,
    endToEndId: payment.endToEndId,
    messageId: payment.messageId,
    paymentInformationId: payment.paymentInformationId,
    instructionId: payment.instructionId,
    debtorName: payment.debtorName,
    debtorAccount: payment.account,
    creditorName: payment.creditorName,
    creditorAccount: payment.creditorAccount,
    creditorAgent: payment.creditorAgent,
    remittance: payment.remittance,
    returnReason: undefined,
    originalReference: undefined,
  };
}

/** Why and after how long the payee's bank sends the money back; undefined when it keeps it. */
function returnOf(payment: Payment): { reason: string; after: Temporal.Duration } | undefined {
  if (payment.fault?.kind === 'return') {
    const after = faultDuration(payment.fault, 'after', returnAfter);
    return after && { reason: faultText(payment.fault, 'reason', 'AC04'), after };
  }
  if (!returningPayee.test(payment.creditorAccount)) return undefined;
  return { reason: 'AC04', after: Temporal.Duration.from(returnAfter) };
}

function bookings(deps: ProcessDeps) {
  const { accounts, ledger, notices, payments, due } = deps;

  function creditPayee(payment: Payment, at: Temporal.Instant): void {
    const destination = accounts.destination(payment.creditorAccount);
    if (destination === undefined) return;
    const { account, virtualAccount, unusable } = destination;
    ledger.book(
      {
        ...debitOf(payment),
        account: account.account,
        virtualAccount: virtualAccount?.number,
        kind: 'incoming',
        amount: payment.amount,
        messageId: undefined,
        paymentInformationId: undefined,
        instructionId: undefined,
        creditorAccount: account.account,
        remittance:
          unusable === undefined ? payment.remittance : `${unusable} ${payment.remittance}`,
      },
      at,
    );
  }

  return {
    settle: (payment: Payment, at: Temporal.Instant) => {
      const debit = notices.withFault(payment.notifyFault, () =>
        ledger.book(debitOf(payment), at, true),
      );
      payments.settle(payment, debit.bankReference, debit.bookedMs);
      const comesBack = returnOf(payment);
      if (comesBack === undefined) {
        creditPayee(payment, at);
        return;
      }
      const returnAt = Temporal.Instant.fromEpochMilliseconds(debit.bookedMs)
        .toZonedDateTimeISO('UTC')
        .add(comesBack.after)
        .toInstant();
      due.schedule(returnKind, returnAt, { ...payloadOf(payment), reason: comesBack.reason });
    },
    giveBack: (payment: Payment, reason: string, at: Temporal.Instant) => {
      const source = accounts.findVirtual(payment.virtualAccount ?? '');
      const open = source !== undefined && source.closedMs === undefined;
      const { remittance } = payment;
      const entry = ledger.book(
        {
          ...debitOf(payment),
          virtualAccount: open ? source.number : undefined,
          kind: 'return',
          amount: payment.amount,
          remittance: source === undefined || open ? remittance : `${source.number} ${remittance}`,
          returnReason: reason,
          originalReference: payment.bankReference,
        },
        at,
      );
      payments.returned(payment, entry.bankReference);
    },
    reject: (payment: Payment, code: string) => {
      accounts.move(payment.account, 0n, -payment.amount, payment.virtualAccount);
      payments.setState(payment, 'rejected', { code, text: faultSentence });
    },
  };
}

/** Carries payments from being taken in to the debit, and back when they are returned. */
export function createPaymentProcess(deps: ProcessDeps): PaymentProcess {
  const { due, payments } = deps;
  const { settle, giveBack, reject } = bookings(deps);

  /** Without a duration it waits until somebody decides. */
  function endAfter(
    kind: string,
    payment: Payment,
    at: Temporal.Instant,
    after?: Temporal.Duration,
  ): void {
    if (after === undefined) return;
    due.schedule(kind, at.toZonedDateTimeISO('UTC').add(after).toInstant(), payloadOf(payment));
  }

  function start(payment: Payment, at: Temporal.Instant): void {
    if (payment.state !== 'accepted' && payment.state !== 'waiting') return;
    const { fault } = payment;
    if (fault?.kind === 'refuse') {
      reject(payment, faultText(fault, 'reason', 'NARR'));
    } else if (fault?.kind === 'stay_pending') {
      payments.setState(payment, 'stuck');
      endAfter(settleKind, payment, at, faultDuration(fault, 'after', 'P1D'));
    } else if (fault?.kind === 'say_rejected_then_pay') {
      const code = faultText(fault, 'reason', 'MS03');
      payments.setState(payment, 'said_rejected', { code, text: faultSentence });
      endAfter(settleKind, payment, at, faultDuration(fault, 'after', 'PT10M'));
    } else if (fault?.kind === 'say_paid_then_reject') {
      payments.setState(payment, 'said_settled');
      endAfter(rejectKind, payment, at, faultDuration(fault, 'after', 'PT10M'));
    } else {
      payments.setState(payment, 'in_process');
      endAfter(settleKind, payment, at, step);
    }
  }

  function settleIfOpen(payment: Payment, at: Temporal.Instant): void {
    if (startedStates.includes(payment.state)) settle(payment, at);
  }

  function handle(
    kind: string,
    work: (payment: Payment, at: Temporal.Instant, payload: Payload) => void,
  ) {
    due.handle(kind, (payload, at) => {
      const payment = payments.find(payload['client_id'] ?? '', payload['end_to_end_id'] ?? '');
      if (payment === undefined) throw new Error('the payment of due work does not exist');
      work(payment, at, payload);
    });
  }

  handle(startKind, start);
  handle(settleKind, settleIfOpen);
  handle(rejectKind, (payment) => {
    if (payment.state !== 'said_settled') return;
    reject(payment, faultText(payment.fault ?? { kind: '' }, 'reason', 'AC04'));
  });
  handle(returnKind, (payment, at, payload) => {
    if (payment.returnReference === undefined) giveBack(payment, payload['reason'] ?? 'AC04', at);
  });

  return {
    plan: (payment, executableFrom) => {
      const startAt = payment.state === 'waiting' ? executableFrom : executableFrom.add(step);
      due.schedule(startKind, startAt, payloadOf(payment));
    },
    hurry: (payment, now) => {
      start(payment, now);
      const started = payments.find(payment.clientId, payment.endToEndId);
      if (started?.state === 'in_process') settle(started, now);
    },
    decide: (payment, outcome, reason, now) => {
      if (payment.state === 'settled' || payment.state === 'rejected') return false;
      if (outcome === 'pay') settle(payment, now);
      else reject(payment, reason);
      return true;
    },
  };
}
