import {
  type PaymentStatusReport,
  readPain002,
  type StatusReason,
  writePain001,
} from '@keyturn/bank-messages';
import { bankDate } from '@keyturn/kernel';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { answered, type ChannelAnswer, refused, unknown } from '../answer.ts';
import type { CallResult } from '../calls.ts';
import type { EscrowBankContract } from '../contract.ts';
import {
  type EscrowBankOperation,
  escrowBankError,
  paymentStateOf,
} from '../decide/escrow-bank-codes.ts';
import { parseExactJson } from '../exact-json.ts';
import { maskMessage } from '../masking.ts';
import type {
  BankPaymentRequest,
  BankPaymentState,
  VirtualAccountOpening,
  VirtualAccountState,
} from '../types.ts';
import { type BankExchange, type EscrowBankClient, readBankError } from './client.ts';

/** The escrow bank's interface for one client. Every answer is verified before it is believed. */
export interface EscrowBank {
  openVirtualAccount(request: VirtualAccountOpening): Promise<CallResult<{ number: string }>>;
  closeVirtualAccount(account: string, number: string): Promise<CallResult<VirtualAccountState>>;
  virtualAccount(account: string, number: string): Promise<CallResult<VirtualAccountState>>;
  balance(account: string): Promise<CallResult<{ booked: bigint; available: bigint }>>;
  pay(request: BankPaymentRequest): Promise<CallResult<BankPaymentState>>;
  paymentStatus(endToEndId: string): Promise<CallResult<BankPaymentState>>;
  statement(account: string, date: Temporal.PlainDate): Promise<CallResult<Uint8Array>>;
}

type Verified = Extract<BankExchange, { kind: 'verified' }>;

const readVirtual = Compile(
  Type.Object({
    virtual_account: Type.String({ minLength: 1 }),
    state: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
    balance: Type.Optional(Type.BigInt()),
  }),
);
const readBalance = Compile(
  Type.Object({
    account: Type.String(),
    currency: Type.String(),
    booked: Type.BigInt(),
    available: Type.BigInt(),
  }),
);

function accountPath(account: string): string {
  return `/v1/accounts/${encodeURIComponent(account)}`;
}

function virtualPath(account: string, number: string): string {
  return `${accountPath(account)}/virtual-accounts/${encodeURIComponent(number)}`;
}

export function createEscrowBank(
  contract: EscrowBankContract,
  client: EscrowBankClient,
): EscrowBank {
  async function call<T>(
    operation: EscrowBankOperation,
    request: {
      readonly method: 'GET' | 'POST';
      readonly path: string;
      readonly body?: { readonly type: 'json' | 'xml'; readonly text: string };
    },
    read: (answer: Verified) => ChannelAnswer<T> | undefined,
  ): Promise<CallResult<T>> {
    const { method, path, body } = request;
    const exchange = await client.call(method, path, body);
    const sent = `${method} ${path}\n${maskMessage(body?.text ?? '')}`;
    if (exchange.kind !== 'verified') {
      return {
        answer: unknown(exchange.reason),
        reached: exchange.kind === 'unverified',
        transcript: { request: sent, response: exchange.reason },
      };
    }
    const said =
      operation === 'statement' && exchange.status === 200
        ? `(${exchange.body.length} bytes)`
        : maskMessage(exchange.body.toString('utf8'));
    const answer = read(exchange) ?? errorOf(operation, exchange);
    const transcript = { request: sent, response: `${exchange.status} ${said}` };
    return { answer, reached: true, transcript };
  }

  function virtualAnswer(number: string) {
    return (answer: Verified): ChannelAnswer<VirtualAccountState> | undefined => {
      const json = jsonOf(answer);
      if (answer.status !== 200 || !readVirtual.Check(json)) return undefined;
      if (json.virtual_account !== number) return unknown('the answer is about another account');
      const { state, balance } = json;
      return answered({ number, state, ...(balance === undefined ? {} : { balance }) });
    };
  }

  return {
    openVirtualAccount: (request) => {
      const { requestId: request_id, name, reference } = request;
      const path = `${accountPath(request.account)}/virtual-accounts`;
      const text = JSON.stringify({ request_id, name, reference });
      const body = { type: 'json', text } as const;
      return call('open_virtual_account', { method: 'POST', path, body }, (answer) => {
        const json = jsonOf(answer);
        if (answer.status !== 201 || !readVirtual.Check(json)) return undefined;
        return answered({ number: json.virtual_account });
      });
    },
    closeVirtualAccount: (account, number) => {
      const path = `${virtualPath(account, number)}/close`;
      const request = { method: 'POST', path } as const;
      return call('close_virtual_account', request, virtualAnswer(number));
    },
    virtualAccount: (account, number) => {
      const request = { method: 'GET', path: virtualPath(account, number) } as const;
      return call('virtual_account', request, virtualAnswer(number));
    },
    balance: (account) => {
      const path = `${accountPath(account)}/balance`;
      return call('balance', { method: 'GET', path }, (answer) => {
        const json = jsonOf(answer);
        if (answer.status !== 200 || !readBalance.Check(json)) return undefined;
        if (json.account !== account) return unknown('the answer is about another account');
        return answered({ booked: json.booked, available: json.available });
      });
    },
    pay: async (request) => {
      const order = writeOrder(contract, request);
      if (typeof order !== 'string') return order;
      const body = { type: 'xml', text: order } as const;
      return call('pay', { method: 'POST', path: '/v1/payments', body }, (answer) =>
        answer.status === 200 ? statusOf(answer.body, request.endToEndId) : undefined,
      );
    },
    paymentStatus: (endToEndId) => {
      const path = `/v1/payments/${encodeURIComponent(endToEndId)}`;
      return call('payment_status', { method: 'GET', path }, (answer) => {
        if (answer.status === 200) return statusOf(answer.body, endToEndId);
        const json = jsonOf(answer);
        const isGone = readBankError.Check(json) && json.code === 'PAYMENT_UNKNOWN';
        return isGone ? answered({ state: 'not_found' }) : undefined;
      });
    },
    statement: (account, date) => {
      const path = `/v1/statements/${encodeURIComponent(account)}/${date.toString()}`;
      return call<Uint8Array>('statement', { method: 'GET', path }, (answer) =>
        answer.status === 200 ? answered(answer.body) : undefined,
      );
    },
  };
}

function jsonOf(answer: Verified): unknown {
  return parseExactJson(answer.body.toString('utf8'));
}

function errorOf(operation: EscrowBankOperation, answer: Verified): ChannelAnswer<never> {
  const json = jsonOf(answer);
  if (answer.status >= 400 && readBankError.Check(json)) {
    return escrowBankError(operation, answer.status, json);
  }
  return unknown(`the bank answered ${answer.status} with something that nobody knows`);
}

/** The pain.001, the same byte by byte for the same request; a result when it cannot be written. */
function writeOrder(
  contract: EscrowBankContract,
  request: BankPaymentRequest,
): string | CallResult<never> {
  const { client_name, bank_code } = contract.config;
  const written = writePain001({
    messageId: request.messageId,
    createdAt: request.now,
    initiatingParty: { name: client_name },
    groups: [
      {
        id: request.messageId,
        executionDate: bankDate(request.now),
        batchBooking: false,
        debtorName: client_name,
        debtorAccount: { number: request.account },
        debtorBank: { clearingMember: bank_code },
        ...(request.virtualAccount === undefined
          ? {}
          : { ultimateDebtor: { id: request.virtualAccount } }),
        transfers: [
          {
            endToEndId: request.endToEndId,
            amount: request.amount,
            currency: request.currency,
            creditorName: request.payee.name,
            creditorAccount: { number: request.payee.number },
            creditorBank: { clearingMember: request.payee.bankCode },
            remittance: request.remittance,
          },
        ],
      },
    ],
  });
  if (written.ok) return written.value;
  const { code } = written.error;
  return {
    answer: refused(
      'ORDER_INVALID',
      `the payment order cannot be written (${code}); nothing was sent`,
      'Check the names, numbers and lengths of the pay-out.',
    ),
    reached: true,
    transcript: { request: '(not sent)', response: code },
  };
}

/**
 * What a pain.002 says about one payment. What it says only for the whole message counts for it
 * too.
 */
function statusOf(body: Buffer, endToEndId: string): ChannelAnswer<BankPaymentState> {
  const report = readPain002(body, 'the answer to the payment');
  if (!report.ok) return unknown(`the bank's answer cannot be read (${report.error.code})`);
  const found = find(report.value, endToEndId);
  if (found === undefined) return unknown('the answer is about another payment');
  const [reason] = found.reasons;
  const text = found.reasons.flatMap(({ info }) => info).join(' ');
  return paymentStateOf({
    status: found.status,
    reason: reason?.code ?? reason?.proprietary,
    reasonText: text === '' ? undefined : text,
    bankReference: found.bankReference,
  });
}

function find(
  report: PaymentStatusReport,
  endToEndId: string,
):
  | {
      readonly status: string | undefined;
      readonly reasons: readonly StatusReason[];
      readonly bankReference: string | undefined;
    }
  | undefined {
  const transactions = report.groups.flatMap((group) =>
    group.transactions.map((transaction) => ({ group, transaction })),
  );
  if (transactions.length === 0) {
    return { status: report.status, reasons: report.reasons, bankReference: undefined };
  }
  const match = transactions.find(
    ({ transaction }) => transaction.originalEndToEndId === endToEndId,
  );
  if (match === undefined) return undefined;
  const { group, transaction } = match;
  const reasons = [transaction.reasons, group.reasons, report.reasons].find((r) => r.length > 0);
  return {
    status: transaction.status ?? group.status ?? report.status,
    reasons: reasons ?? [],
    bankReference: transaction.bankReference,
  };
}
