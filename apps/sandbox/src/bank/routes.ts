import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { wireTime } from '../core/clock.ts';
import type { Account } from './accounts.ts';
import { faultInteger, faultText } from './fault-points.ts';
import { toJson } from './fen.ts';
import { hangUp, rawBody } from './guard.ts';
import type { BankOffice } from './office.ts';
import { distortStatus, reportStatus } from './payments/status.ts';
import { statusReportId } from './payments/submit.ts';
import { BankRefusal } from './refusals.ts';
import { parseDay } from './statements.ts';
import { presentVirtual, type VirtualAccounts } from './virtual-accounts.ts';
import { writePain002 } from './xml/pain002.ts';

const name = Type.String({ minLength: 1, maxLength: 140 });
const openingRequest = Type.Object(
  {
    request_id: Type.String({ minLength: 1, maxLength: 64 }),
    name,
    reference: Type.String({ minLength: 1, maxLength: 140 }),
  },
  { additionalProperties: false },
);

function readOpening(body: Buffer) {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new BankRefusal('FORMAT_INVALID', 'the body is no JSON: send an object');
  }
  if (Value.Check(openingRequest, value)) return value;
  const [first] = Value.Errors(openingRequest, value);
  const where = first?.instancePath || 'the body';
  throw new BankRefusal('FORMAT_INVALID', `${where} ${first?.message ?? 'does not fit'}`);
}

function sendJson(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(toJson(body));
}

function sendXml(reply: FastifyReply, xml: string): FastifyReply {
  return reply.code(200).type('application/xml; charset=utf-8').send(xml);
}

type AccountRoute = { Params: { account: string } };
type VirtualRoute = { Params: { account: string; virtual_account: string } };

function registerAccounts(app: FastifyInstance, office: BankOffice): void {
  const { commits, accounts, virtualAccounts, clock, faults } = office;
  const own = (request: FastifyRequest<AccountRoute>) =>
    office.ownAccount(request, request.params.account);

  app.get<AccountRoute>('/v1/accounts/:account/balance', (request, reply) => {
    const { account, balance, held } = own(request);
    const as_of = wireTime(clock.nowMs());
    const body = { account, currency: 'CNY', booked: balance, available: balance - held, as_of };
    return sendJson(reply, 200, body);
  });

  app.post<AccountRoute>('/v1/accounts/:account/virtual-accounts', async (request, reply) => {
    const opening = readOpening(rawBody(request));
    const master = own(request);
    const virtual = await commits.write(() => virtualAccounts.open(master, opening));
    // What was answered first: a later closing is seen by GET.
    return sendJson(reply, 201, presentVirtual({ ...virtual, closedMs: undefined }));
  });

  app.get<VirtualRoute>(
    '/v1/accounts/:account/virtual-accounts/:virtual_account',
    (request, reply) => {
      const virtual = virtualAccounts.find(own(request), request.params.virtual_account);
      const available = virtual.balance - virtual.held;
      const body = { ...presentVirtual(virtual), balance: virtual.balance, available };
      return sendJson(reply, 200, body);
    },
  );

  app.post<VirtualRoute>(
    '/v1/accounts/:account/virtual-accounts/:virtual_account/close',
    async (request, reply) => {
      const master = own(request);
      const number = request.params.virtual_account;
      const virtual = await commits.write(() =>
        closeUnlessRefused(virtualAccounts, master, number, () =>
          faults.take('bank.close_virtual_account', {
            client_id: master.clientId,
            account: master.account,
            virtual_account: number,
          }),
        ),
      );
      const { balance } = accounts.findVirtual(number) ?? virtual;
      return sendJson(reply, 200, { ...presentVirtual(virtual), balance });
    },
  );
}

function closeUnlessRefused(
  virtualAccounts: VirtualAccounts,
  master: Account,
  number: string,
  takeFault: () => unknown,
) {
  virtualAccounts.find(master, number);
  if (takeFault() !== undefined) {
    throw new BankRefusal('CLOSE_REFUSED', `${number} cannot be closed now: ask again later`);
  }
  return virtualAccounts.close(master, number);
}

function registerPayments(app: FastifyInstance, office: BankOffice): void {
  const { commits, faults, payments, submit, notices, clock } = office;

  app.post('/v1/payments', async (request, reply) => {
    const { clientId } = office.guard.clientOf(request);
    const body = rawBody(request);
    const answer = await commits.write(() => submit(clientId, body));
    await notices.sendEarly();
    return sendXml(reply, answer);
  });

  app.get<{ Params: { end_to_end_id: string } }>(
    '/v1/payments/:end_to_end_id',
    async (request, reply) => {
      const { clientId } = office.guard.clientOf(request);
      const { end_to_end_id } = request.params;
      const unknown = () =>
        new BankRefusal('PAYMENT_UNKNOWN', `no payment ${end_to_end_id} came from ${clientId}`);
      const payment = payments.find(clientId, end_to_end_id);
      if (payment === undefined) throw unknown();
      if (payment.fault?.kind === 'silence') {
        await hangUp(request, reply, payment.fault.delay_ms ?? 0);
        return reply;
      }
      const subject = { client_id: clientId, end_to_end_id, account: payment.account };
      const fault = faults.take('bank.status', subject);
      if (fault?.kind === 'not_found') throw unknown();
      if (fault?.kind === 'error') {
        const code = faultText(fault, 'code', 'SYSTEM_ERROR');
        const message = 'the status cannot be told now: ask again later';
        return sendJson(reply, faultInteger(fault, 'status', 500), { code, message });
      }
      const truth = reportStatus(payment);
      const xml = writePain002({
        id: statusReportId(),
        createdMs: clock.nowMs(),
        originalMessageId: payment.messageId,
        group: undefined,
        transactions: [fault === undefined ? truth : distortStatus(truth, fault)],
      });
      return sendXml(reply, xml);
    },
  );
}

function registerStatements(app: FastifyInstance, office: BankOffice): void {
  app.get<{ Params: { account: string; date: string } }>(
    '/v1/statements/:account/:date',
    async (request, reply) => {
      const account = office.ownAccount(request, request.params.account);
      const day = parseDay(request.params.date);
      if (day === undefined) {
        throw new BankRefusal('FORMAT_INVALID', `"${request.params.date}" is no day: YYYY-MM-DD`);
      }
      const { name: owner } = office.guard.clientOf(request);
      const xml = await office.commits.write(() => office.statements.issue(account, owner, day));
      return sendXml(reply, xml);
    },
  );
}

/** The bank's API for its clients. */
export function registerBankRoutes(app: FastifyInstance, office: BankOffice): void {
  registerAccounts(app, office);
  registerPayments(app, office);
  registerStatements(app, office);
}
