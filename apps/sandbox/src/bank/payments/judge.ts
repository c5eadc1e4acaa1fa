import { worldDate } from '../../core/clock.ts';
import type { Account, Destination, VirtualAccount } from '../accounts.ts';
import { formatYuan } from '../fen.ts';
import type { Instruction, Reason } from '../xml/pain001.ts';

/** What the bank knows when it looks at an instruction. */
export interface Circumstances {
  clientId: string;
  debtor: Account | undefined;
  /** The virtual account that the instruction names, if the bank has it. */
  virtual: VirtualAccount | undefined;
  /** Where the money goes when the payee's account is at this bank. */
  destination: Destination | undefined;
  now: Temporal.Instant;
}

/** How far ahead an execution date may lie. */
const maxDaysAhead = 60;
/** Payee accounts that do not exist, for whoever wants to see a refusal. */
const unknownPayee = /0000$/;

const reason = (code: string, text: string): Reason => ({ code, text });

function judgeDebtor(instruction: Instruction, known: Circumstances): Reason | undefined {
  const { debtor, virtual, clientId } = known;
  const { debtorAccount, virtualAccount } = instruction;
  if (debtor === undefined || debtor.clientId !== clientId) {
    return reason('AC02', `account ${debtorAccount} is no account of yours: check DbtrAcct`);
  }
  if (virtualAccount === undefined) return undefined;
  if (virtual === undefined || virtual.account !== debtor.account) {
    return reason(
      'AC02',
      `${debtorAccount} has no virtual account ${virtualAccount}: check UltmtDbtr`,
    );
  }
  if (virtual.closedMs !== undefined) {
    return reason('AC04', `virtual account ${virtualAccount} is closed: name another source`);
  }
  return undefined;
}

function judgeCreditor(instruction: Instruction, known: Circumstances): Reason | undefined {
  const { creditorAccount, creditorAgent, debtorAccount, virtualAccount } = instruction;
  if (unknownPayee.test(creditorAccount)) {
    return reason('AC01', `the payee's account ${creditorAccount} does not exist: check CdtrAcct`);
  }
  if (creditorAccount === (virtualAccount ?? debtorAccount)) {
    return reason('AC01', 'payer and payee are the same account: check CdtrAcct');
  }
  if (known.destination !== undefined) {
    if (known.destination.unusable === undefined) return undefined;
    return reason(
      'AC04',
      `virtual account ${creditorAccount} takes no money: it is closed or unknown`,
    );
  }
  if (creditorAgent !== undefined && /^\d{12}$/.test(creditorAgent)) return undefined;
  return reason(
    'RC01',
    "the payee's bank needs its CNAPS code of 12 digits in CdtrAgt/ClrSysMmbId",
  );
}

function judgeMoney(instruction: Instruction, known: Circumstances): Reason | undefined {
  const { debtor, virtual } = known;
  const amount = instruction.amount ?? 0n;
  for (const source of [virtual, debtor]) {
    if (source === undefined) continue;
    const available = source.balance - source.held;
    if (amount <= available) continue;
    const name =
      'number' in source ? `virtual account ${source.number}` : `account ${source.account}`;
    return reason(
      'AM04',
      `${formatYuan(available)} CNY are available on ${name}, ${formatYuan(amount)} are needed`,
    );
  }
  return undefined;
}

function judgeDate(instruction: Instruction, known: Circumstances): Reason | undefined {
  const latest = worldDate(known.now).add({ days: maxDaysAhead });
  if (Temporal.PlainDate.compare(instruction.requestedDate, latest) <= 0) return undefined;
  return reason(
    'DT01',
    `ReqdExctnDt lies more than ${maxDaysAhead} days ahead: ${latest} is the latest`,
  );
}

/** Why the bank refuses this instruction at once; undefined when it takes it in. */
export function judge(instruction: Instruction, known: Circumstances): Reason | undefined {
  return (
    instruction.reason ??
    judgeDebtor(instruction, known) ??
    judgeCreditor(instruction, known) ??
    judgeDate(instruction, known) ??
    judgeMoney(instruction, known)
  );
}
