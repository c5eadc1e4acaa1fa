import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { wireTime } from '../core/clock.ts';
import { Refusal } from '../core/refusal.ts';
import type { Account } from './accounts.ts';
import { toJson } from './fen.ts';
import type { Entry } from './ledger.ts';
import type { BankOffice } from './office.ts';
import { reportStatus } from './payments/status.ts';
import type { Payment } from './payments/store.ts';
import { parseDay } from './statements.ts';
import { presentVirtual } from './virtual-accounts.ts';

const entriesQuery = Type.Object(
  {
    date: Type.Optional(Type.String()),
    after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
    limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
  },
  { additionalProperties: false },
);
const paymentQuery = Type.Object(
  { client_id: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
const maxEntries = 1_000;

/** JSON whose amounts are fen. */
export function sendAdmin(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(toJson(body));
}

/** An account with its truth, in fen. */
export function presentAccount(office: BankOffice, account: Account) {
  const { account: number, clientId, name, kind, balance, held, openedOn } = account;
  const virtualTotal = office.accounts.virtualTotal(number);
  return {
    account: number,
    client_id: clientId,
    name,
    kind,
    currency: 'CNY',
    booked: balance,
    available: balance - held,
    on_virtual_accounts: virtualTotal,
    opened_on: openedOn,
    as_of: wireTime(office.clock.nowMs()),
  };
}

/** An entry on the admin API; the amount in fen, negative for a debit. */
function presentEntry(entry: Entry) {
  return {
    seq: entry.seq,
    bank_reference: entry.bankReference,
    account: entry.account,
    virtual_account: entry.virtualAccount ?? null,
    kind: entry.kind,
    amount: entry.amount,
    balance_after: entry.balanceAfter,
    booked_at: wireTime(entry.bookedMs),
    booked_on: entry.bookedOn,
    end_to_end_id: entry.endToEndId ?? null,
    debtor_name: entry.debtorName,
    debtor_account: entry.debtorAccount,
    creditor_name: entry.creditorName,
    creditor_account: entry.creditorAccount,
    creditor_agent: entry.creditorAgent ?? null,
    remittance: entry.remittance,
    return_reason: entry.returnReason ?? null,
    original_reference: entry.originalReference ?? null,
  };
}

function presentPayment(payment: Payment) {
  return {
    client_id: payment.clientId,
    end_to_end_id: payment.endToEndId,
    account: payment.account,
    virtual_account: payment.virtualAccount ?? null,
    amount: payment.amount,
    creditor_name: payment.creditorName,
    creditor_account: payment.creditorAccount,
    state: payment.state,
    status: reportStatus(payment).status,
    reason: payment.reason?.code ?? null,
    submitted_at: wireTime(payment.submittedMs),
    settled_at: payment.settledMs === undefined ? null : wireTime(payment.settledMs),
    bank_reference: payment.bankReference ?? null,
    return_reference: payment.returnReference ?? null,
    fault: payment.fault?.kind ?? null,
  };
}

function readAccount(office: BankOffice, number: string) {
  const account = office.accounts.find(number);
  if (account !== undefined) return presentAccount(office, account);
  const virtual = office.accounts.findVirtual(number);
  if (virtual === undefined) {
    throw new Refusal(404, `the bank has no account ${number}: check the number`);
  }
  const { account: master, balance, held } = virtual;
  return {
    ...presentVirtual(virtual),
    account: master,
    booked: balance,
    available: balance - held,
  };
}

/** What is true, for tests and people to compare with what the bank said. */
export function registerAdminReadRoutes(app: FastifyInstance, office: BankOffice): void {
  app.get<{ Params: { account: string } }>('/bank/accounts/:account', (request, reply) =>
    sendAdmin(reply, 200, readAccount(office, request.params.account)),
  );

  app.get<{ Params: { account: string }; Querystring: Static<typeof entriesQuery> }>(
    '/bank/accounts/:account/entries',
    { schema: { querystring: entriesQuery } },
    (request, reply) => {
      const { account } = request.params;
      const { date, after = '0', limit = '100' } = request.query;
      if (office.accounts.find(account) === undefined) {
        throw new Refusal(404, `the bank has no account ${account}: check the number`);
      }
      if (date !== undefined && parseDay(date) === undefined) {
        throw new Refusal(400, `date "${date}" is no day: write YYYY-MM-DD`);
      }
      const size = Math.min(Math.max(Number.parseInt(limit, 10), 1), maxEntries);
      const entries = office.ledger.page(account, date, Number.parseInt(after, 10), size);
      const totals = office.ledger.totals(account, date);
      return sendAdmin(reply, 200, {
        entries: entries.map(presentEntry),
        next_after: entries.length === size ? (entries.at(-1)?.seq ?? null) : null,
        totals: { ...totals, net: totals.credits - totals.debits },
      });
    },
  );

  app.get<{ Params: { end_to_end_id: string }; Querystring: Static<typeof paymentQuery> }>(
    '/bank/payments/:end_to_end_id',
    { schema: { querystring: paymentQuery } },
    (request, reply) => {
      const { end_to_end_id } = request.params;
      const { client_id } = request.query;
      const payment = office.payments
        .findAny(end_to_end_id)
        .find(({ clientId }) => client_id === undefined || clientId === client_id);
      if (payment === undefined) {
        throw new Refusal(404, `there is no payment ${end_to_end_id}: check the EndToEndId`);
      }
      return sendAdmin(reply, 200, presentPayment(payment));
    },
  );

  app.get<{ Params: { account: string; date: string } }>(
    '/bank/statements/:account/:date',
    (request, reply) => {
      const { account, date } = request.params;
      const issued = office.statements.issued(account, date);
      if (issued === undefined) {
        throw new Refusal(404, `no statement of ${account} for ${date} was issued yet`);
      }
      return sendAdmin(reply, 200, { account, date, fault: issued.fault ?? null });
    },
  );
}
