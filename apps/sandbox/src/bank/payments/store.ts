import type { DatabaseSync } from 'node:sqlite';
import type { Fault } from '../../core/faults.ts';
import { optionalText, type Row, text } from '../../core/store.ts';
import { parseFault } from '../fault-points.ts';
import { count, exact, fen, optionalCount } from '../rows.ts';
import type { Reason } from '../xml/pain001.ts';

/**
 * waiting       for the large-value system to open, or for the requested day
 * accepted      checked, money held
 * in_process    about to be debited
 * stuck         a fault keeps it pending
 * said_rejected a fault says that it was refused; it will be paid nevertheless
 * said_settled  a fault says that it was debited; it will be refused nevertheless
 * settled       debited
 * rejected      refused, nothing held
 */
export const paymentStates = [
  'waiting',
  'accepted',
  'in_process',
  'stuck',
  'said_rejected',
  'said_settled',
  'settled',
  'rejected',
] as const;
export type PaymentState = (typeof paymentStates)[number];

/** One payment order of a client; its end-to-end id is unique per client for ever. */
export interface Payment {
  clientId: string;
  endToEndId: string;
  messageId: string;
  paymentInformationId: string;
  instructionId: string | undefined;
  account: string;
  virtualAccount: string | undefined;
  /** Fen; 0 when the order's amount could not be read. */
  amount: bigint;
  debtorName: string;
  creditorName: string;
  creditorAccount: string;
  creditorAgent: string | undefined;
  remittance: string;
  /** A digest of all that makes it this order and no other. */
  fingerprint: string;
  state: PaymentState;
  reason: Reason | undefined;
  submittedMs: number;
  settledMs: number | undefined;
  bankReference: string | undefined;
  returnReference: string | undefined;
  fault: Fault | undefined;
  /** The fault of the debit's notification. */
  notifyFault: Fault | undefined;
}

export interface PaymentStore {
  find(clientId: string, endToEndId: string): Payment | undefined;
  /** All clients' payments of this id: ids are unique per client only. */
  findAny(endToEndId: string): Payment[];
  insert(payment: Payment): void;
  setState(payment: Payment, state: PaymentState, reason?: Reason): void;
  settle(payment: Payment, bankReference: string, settledMs: number): void;
  returned(payment: Payment, returnReference: string): void;
  findMessage(
    clientId: string,
    messageId: string,
  ): { bodyHash: string; answer: string } | undefined;
  insertMessage(clientId: string, messageId: string, bodyHash: string, answer: string): void;
}

function parseReason(row: Row): Reason | undefined {
  const code = optionalText(row, 'reason_code');
  return code === undefined ? undefined : { code, text: optionalText(row, 'reason_text') ?? '' };
}

function parsePayment(row: Row): Payment {
  const state = paymentStates.find((each) => each === row['state']);
  if (state === undefined) throw new Error(`payment state ${String(row['state'])} is unknown`);
  return {
    clientId: text(row, 'client_id'),
    endToEndId: text(row, 'end_to_end_id'),
    messageId: text(row, 'message_id'),
    paymentInformationId: text(row, 'payment_information_id'),
    instructionId: optionalText(row, 'instruction_id'),
    account: text(row, 'account'),
    virtualAccount: optionalText(row, 'virtual_account'),
    amount: fen(row, 'amount'),
    debtorName: text(row, 'debtor_name'),
    creditorName: text(row, 'creditor_name'),
    creditorAccount: text(row, 'creditor_account'),
    creditorAgent: optionalText(row, 'creditor_agent'),
    remittance: text(row, 'remittance'),
    fingerprint: text(row, 'fingerprint'),
    state,
    reason: parseReason(row),
    submittedMs: count(row, 'submitted_ms'),
    settledMs: optionalCount(row, 'settled_ms'),
    bankReference: optionalText(row, 'bank_reference'),
    returnReference: optionalText(row, 'return_reference'),
    fault: parseFault(optionalText(row, 'fault')),
    notifyFault: parseFault(optionalText(row, 'notify_fault')),
  };
}

const faultJson = (fault: Fault | undefined) =>
  fault === undefined ? null : JSON.stringify(fault);

function prepare(store: DatabaseSync) {
  const own = 'where client_id = ? and end_to_end_id = ?';
  return {
    find: exact(store, `select * from bank_payment ${own}`),
    findAny: exact(store, 'select * from bank_payment where end_to_end_id = ? limit 100'),
    insert: store.prepare(`insert into bank_payment (client_id, end_to_end_id, message_id,
      payment_information_id, instruction_id, account, virtual_account, amount, debtor_name,
      creditor_name, creditor_account, creditor_agent, remittance, fingerprint, state, reason_code,
      reason_text, submitted_ms, fault, notify_fault)
      values (${new Array(20).fill('?').join(', ')})`),
    state: store.prepare(
      `update bank_payment set state = ?, reason_code = ?, reason_text = ? ${own}`,
    ),
    settle: store.prepare(`update bank_payment set state = 'settled', reason_code = null,
      reason_text = null, bank_reference = ?, settled_ms = ? ${own}`),
    returned: store.prepare(`update bank_payment set return_reference = ? ${own}`),
    message: store.prepare(
      'select body_hash, answer from bank_message where client_id = ? and message_id = ?',
    ),
    insertMessage: store.prepare('insert into bank_message values (?, ?, ?, ?)'),
  };
}

export function openPaymentStore(store: DatabaseSync): PaymentStore {
  const sql = prepare(store);
  return {
    find: (clientId, endToEndId) => {
      const row = sql.find.get(clientId, endToEndId);
      return row === undefined ? undefined : parsePayment(row);
    },
    findAny: (endToEndId) => sql.findAny.all(endToEndId).map(parsePayment),
    insert: (payment) => {
      // biome-ignore format: in the order of the columns
      sql.insert.run(payment.clientId, payment.endToEndId, payment.messageId,
        payment.paymentInformationId, payment.instructionId ?? null, payment.account,
        payment.virtualAccount ?? null, payment.amount, payment.debtorName, payment.creditorName,
        payment.creditorAccount, payment.creditorAgent ?? null, payment.remittance,
        payment.fingerprint, payment.state, payment.reason?.code ?? null,
        payment.reason?.text ?? null, payment.submittedMs, faultJson(payment.fault),
        faultJson(payment.notifyFault));
    },
    setState: ({ clientId, endToEndId }, state, reason) => {
      sql.state.run(state, reason?.code ?? null, reason?.text ?? null, clientId, endToEndId);
    },
    settle: ({ clientId, endToEndId }, bankReference, settledMs) => {
      sql.settle.run(bankReference, settledMs, clientId, endToEndId);
    },
    returned: ({ clientId, endToEndId }, returnReference) => {
      sql.returned.run(returnReference, clientId, endToEndId);
    },
    findMessage: (clientId, messageId) => {
      const row = sql.message.get(clientId, messageId);
      if (row === undefined) return undefined;
      return { bodyHash: text(row, 'body_hash'), answer: text(row, 'answer') };
    },
    insertMessage: (clientId, messageId, bodyHash, answer) => {
      sql.insertMessage.run(clientId, messageId, bodyHash, answer);
    },
  };
}
