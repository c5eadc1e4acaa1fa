import { isUtf8 } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';
import type { WorldClock } from '../../core/clock.ts';
import { worldInstant } from '../../core/clock.ts';
import type { Faults } from '../../core/faults.ts';
import type { Accounts } from '../accounts.ts';
import type { BankCalendar } from '../calendar.ts';
import type { Notices } from '../notices.ts';
import { BankRefusal } from '../refusals.ts';
import { type Initiation, type Instruction, type Reason, readPain001 } from '../xml/pain001.ts';
import { type ReportedStatus, type StatusReport, writePain002 } from '../xml/pain002.ts';
import { judge } from './judge.ts';
import type { PaymentProcess } from './process.ts';
import { reportStatus } from './status.ts';
import type { Payment, PaymentStore } from './store.ts';

export interface SubmitDeps {
  clock: WorldClock;
  faults: Faults;
  calendar: BankCalendar;
  accounts: Accounts;
  notices: Notices;
  payments: PaymentStore;
  process: PaymentProcess;
}

/** A fresh message id of the bank's. */
export function statusReportId(): string {
  return `PSR${randomUUID().replaceAll('-', '')}`;
}

function fingerprintOf(instruction: Instruction): string {
  const { debtorAccount, virtualAccount, amount, creditorName, creditorAccount } = instruction;
  const content = [debtorAccount, virtualAccount, String(amount), creditorName, creditorAccount];
  content.push(instruction.creditorAgent, instruction.remittance, instruction.reason?.text);
  const json = JSON.stringify(content.map((part) => part ?? null));
  return createHash('sha256').update(json).digest('hex');
}

function refusedStatus(instruction: Instruction, reason: Reason): ReportedStatus {
  return {
    paymentInformationId: instruction.paymentInformationId,
    instructionId: instruction.instructionId,
    endToEndId: instruction.endToEndId,
    status: 'RJCT',
    reason,
    amount: instruction.amount,
    acceptedMs: undefined,
    bankReference: undefined,
  };
}

function groupStatus(transactions: readonly ReportedStatus[]) {
  const refused = transactions.filter(({ status }) => status === 'RJCT');
  if (refused.length === 0) return { status: 'ACTC', reason: undefined } as const;
  const all = refused.length === transactions.length;
  // Alone in its message, a transfer's reason is the message's too.
  const reason = transactions.length === 1 ? refused[0]?.reason : undefined;
  return { status: all ? 'RJCT' : 'PART', reason } as const;
}

function repeatedId(instructions: readonly Instruction[]): Reason | undefined {
  const seen = new Set<string>();
  for (const { endToEndId } of instructions) {
    if (seen.has(endToEndId)) {
      return { code: 'AM05', text: `EndToEndId ${endToEndId} stands twice in the message` };
    }
    seen.add(endToEndId);
  }
  return undefined;
}

/** Takes one instruction in: stores the payment, holds its money and plans what comes next. */
function createIntake(deps: SubmitDeps) {
  const { clock, faults, calendar, accounts, notices, payments, process } = deps;

  function executableFrom(instruction: Instruction, now: Temporal.Instant): Temporal.Instant {
    const day = worldInstant(Temporal.PlainDate.from(instruction.requestedDate), '00:00');
    const from = Temporal.Instant.compare(day, now) > 0 ? day : now;
    return calendar.executableFrom(from, instruction.amount ?? 0n);
  }

  function circumstances(clientId: string, instruction: Instruction, now: Temporal.Instant) {
    return {
      clientId,
      debtor: accounts.find(instruction.debtorAccount),
      virtual: accounts.findVirtual(instruction.virtualAccount ?? ''),
      destination: accounts.destination(instruction.creditorAccount),
      now,
    };
  }

  function accept(payment: Payment, from: Temporal.Instant, now: Temporal.Instant): void {
    const { clientId, account, virtualAccount, endToEndId, creditorAccount } = payment;
    const subject = { client_id: clientId, end_to_end_id: endToEndId, account };
    const whom = { creditor_account: creditorAccount, virtual_account: virtualAccount ?? '' };
    const fault = faults.take('bank.payment', { ...subject, ...whom });
    const notifyFault = notices.takeFault(clientId, { ...payment, kind: 'payment' });
    const stored = { ...payment, fault, notifyFault };
    payments.insert(stored);
    accounts.move(account, 0n, payment.amount, virtualAccount);
    if (notifyFault?.kind === 'early' && payment.state === 'accepted') process.hurry(stored, now);
    else process.plan(stored, from);
  }

  return (clientId: string, messageId: string, instruction: Instruction): ReportedStatus => {
    const fingerprint = fingerprintOf(instruction);
    const earlier = payments.find(clientId, instruction.endToEndId);
    if (earlier !== undefined) {
      if (earlier.fingerprint === fingerprint) return reportStatus(earlier);
      const text = `EndToEndId ${instruction.endToEndId} belongs to another payment: use a new one`;
      return refusedStatus(instruction, { code: 'AM05', text });
    }
    const now = clock.now();
    const reason = judge(instruction, circumstances(clientId, instruction, now));
    const from = executableFrom(instruction, now);
    const waits = Temporal.Instant.compare(from, now) > 0;
    const { debtorAccount, amount, reason: _own, requestedDate: _date, ...shared } = instruction;
    const payment: Payment = {
      ...shared,
      clientId,
      messageId,
      account: debtorAccount,
      amount: amount ?? 0n,
      fingerprint,
      state: reason !== undefined ? 'rejected' : waits ? 'waiting' : 'accepted',
      reason,
      submittedMs: now.epochMilliseconds,
      settledMs: undefined,
      bankReference: undefined,
      returnReference: undefined,
      fault: undefined,
      notifyFault: undefined,
    };
    if (reason !== undefined) {
      payments.insert(payment);
      return reportStatus(payment);
    }
    accept(payment, from, now);
    return { ...reportStatus(payment), status: 'ACTC' };
  };
}

/** Names in another encoding would become other names: such a body is refused. */
function decodeUtf8(body: Buffer): string {
  if (!isUtf8(body)) throw new BankRefusal('FORMAT_INVALID', 'the body is not UTF-8: encode it so');
  return body.toString('utf8');
}

/**
 * Takes in a pain.001 and gives the pain.002 that answers it. To be called in a transaction. The
 * same message again gives the same answer; a message that cannot be read, not even its id, throws
 * a BankRefusal.
 */
export function createSubmission(deps: SubmitDeps) {
  const { clock, payments } = deps;
  const takeIn = createIntake(deps);

  function report(messageId: string, rest: Pick<StatusReport, 'group' | 'transactions'>): string {
    const createdMs = clock.nowMs();
    return writePain002({ id: statusReportId(), createdMs, originalMessageId: messageId, ...rest });
  }

  function refuse(messageId: string, reason: Reason): string {
    return report(messageId, { group: { status: 'RJCT', reason }, transactions: [] });
  }

  function take(clientId: string, { messageId, instructions }: Initiation): string {
    const repeated = repeatedId(instructions);
    if (repeated !== undefined) return refuse(messageId, repeated);
    const transactions = instructions.map((each) => takeIn(clientId, messageId, each));
    return report(messageId, { group: groupStatus(transactions), transactions });
  }

  return (clientId: string, body: Buffer): string => {
    const message = readPain001(decodeUtf8(body));
    const messageId = message.ok ? message.initiation.messageId : message.messageId;
    if (messageId === undefined) {
      const why = message.ok ? '' : message.reason.text;
      throw new BankRefusal('FORMAT_INVALID', `the body is no pain.001.001.09: ${why}`);
    }
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const earlier = payments.findMessage(clientId, messageId);
    if (earlier !== undefined) {
      if (earlier.bodyHash === bodyHash) return earlier.answer;
      const text = `MsgId ${messageId} was used for another message: use a new one`;
      return refuse(messageId, { code: 'DU01', text });
    }
    const answer = message.ok
      ? take(clientId, message.initiation)
      : refuse(messageId, message.reason);
    payments.insertMessage(clientId, messageId, bodyHash, answer);
    return answer;
  };
}
