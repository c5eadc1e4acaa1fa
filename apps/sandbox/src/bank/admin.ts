import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { worldDate } from '../core/clock.ts';
import { Refusal } from '../core/refusal.ts';
import { accountKinds, virtualDigits } from './accounts.ts';
import { presentAccount, registerAdminReadRoutes, sendAdmin } from './admin-read.ts';
import { readPublicKey } from './clients.ts';
import type { BankOffice } from './office.ts';

const strict = { additionalProperties: false };
const name = Type.String({ minLength: 1, maxLength: 140 });
const identifier = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,35}$' });
const accountNumber = Type.String({ pattern: '^\\d{8,24}$', description: '8 to 24 digits' });
/** An amount on the wire; what `maxFen` is as a bigint. */
const fen = (minimum: number) => Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER });

const clientBody = Type.Object(
  {
    client_id: identifier,
    name,
    public_key_pem: Type.String({ maxLength: 10_000 }),
    key_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    notify_url: Type.Optional(Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()])),
  },
  strict,
);
const accountBody = Type.Object(
  {
    client_id: identifier,
    account: accountNumber,
    name,
    kind: Type.Union(accountKinds.map((kind) => Type.Literal(kind))),
    currency: Type.Literal('CNY'),
    opening_balance: Type.Optional(fen(0)),
  },
  strict,
);
const transferBody = Type.Object(
  {
    to_account: Type.String({ minLength: 1, maxLength: 34 }),
    amount: fen(1),
    debtor_name: name,
    debtor_account: Type.String({ minLength: 1, maxLength: 34 }),
    remittance: Type.Optional(Type.String({ maxLength: 500 })),
    end_to_end_id: Type.Optional(Type.String({ minLength: 1, maxLength: 35 })),
  },
  strict,
);
const decisionBody = Type.Object(
  {
    outcome: Type.Union([Type.Literal('pay'), Type.Literal('reject')]),
    reason: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{4}$' })),
    client_id: Type.Optional(identifier),
  },
  strict,
);

function checkUrl(value: string): string {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Refusal(
      400,
      `notify_url "${value}" is no http or https address: correct it or give null`,
    );
  }
  return value;
}

function registerClients(app: FastifyInstance, { commits, clients, keys }: BankOffice): void {
  app.post<{ Body: Static<typeof clientBody> }>(
    '/bank/clients',
    { schema: { body: clientBody } },
    async (request, reply) => {
      const { client_id, name, public_key_pem, key_id, notify_url } = request.body;
      readPublicKey(public_key_pem);
      const notifyUrl = typeof notify_url === 'string' ? checkUrl(notify_url) : undefined;
      await commits.write(() =>
        clients.upsert({
          clientId: client_id,
          name,
          publicKeyPem: public_key_pem,
          keyId: key_id,
          notifyUrl,
        }),
      );
      return sendAdmin(reply, 200, {
        client_id,
        bank_public_key_pem: keys.publicKeyPem,
        bank_key_id: keys.keyId,
        ca_pem: keys.caPem,
      });
    },
  );
}

function openAccount(
  office: BankOffice,
  body: Static<typeof accountBody>,
  ownerName: string,
): void {
  const { accounts, ledger, clock } = office;
  const { account, client_id: clientId, name, kind, opening_balance = 0 } = body;
  if (accounts.findVirtual(account) !== undefined) {
    throw new Refusal(409, `${account} is a virtual account: choose another number`);
  }
  if (accounts.find(account.slice(0, -virtualDigits)) !== undefined) {
    throw new Refusal(
      409,
      `${account} lies among another account's virtual numbers: choose another`,
    );
  }
  const now = clock.now();
  accounts.insert({ account, clientId, name, kind, openedOn: worldDate(now).toString() });
  if (opening_balance === 0) return;
  ledger.book(
    {
      account,
      virtualAccount: undefined,
      kind: 'opening',
      amount: BigInt(opening_balance),
      endToEndId: undefined,
      messageId: undefined,
      paymentInformationId: undefined,
      instructionId: undefined,
      debtorName: ownerName,
      debtorAccount: 'NOTPROVIDED',
      creditorName: ownerName,
      creditorAccount: account,
      creditorAgent: undefined,
      remittance: 'OPENING BALANCE',
      returnReason: undefined,
      originalReference: undefined,
    },
    now,
  );
}

function registerAccounts(app: FastifyInstance, office: BankOffice): void {
  const { commits, clients, accounts } = office;
  app.post<{ Body: Static<typeof accountBody> }>(
    '/bank/accounts',
    { schema: { body: accountBody } },
    async (request, reply) => {
      const { body } = request;
      const client = clients.find(body.client_id);
      if (client === undefined) {
        throw new Refusal(404, `there is no client ${body.client_id}: POST /bank/clients first`);
      }
      const account = await commits.write(() => {
        const existing = accounts.find(body.account);
        if (existing !== undefined && existing.clientId !== body.client_id) {
          throw new Refusal(
            409,
            `${body.account} belongs to another client: choose another number`,
          );
        }
        if (existing === undefined) openAccount(office, body, client.name);
        else accounts.update(body.account, body.name, body.kind);
        return accounts.find(body.account);
      });
      if (account === undefined) throw new Error('the account was not stored');
      return sendAdmin(reply, 200, presentAccount(office, account));
    },
  );
}

function registerTransfers(app: FastifyInstance, office: BankOffice): void {
  app.post<{ Body: Static<typeof transferBody> }>(
    '/bank/transfers',
    { schema: { body: transferBody } },
    async (request, reply) => {
      const { to_account, amount, debtor_name, debtor_account, end_to_end_id } = request.body;
      const { bankReference } = await office.commits.write(() =>
        office.incoming.credit({
          account: to_account,
          amount: BigInt(amount),
          debtorName: debtor_name,
          debtorAccount: debtor_account,
          remittance: request.body.remittance ?? '',
          ...(end_to_end_id === undefined ? {} : { endToEndId: end_to_end_id }),
        }),
      );
      await office.notices.sendEarly();
      return sendAdmin(reply, 201, { bank_reference: bankReference });
    },
  );
}

function registerDecisions(app: FastifyInstance, office: BankOffice): void {
  app.post<{ Params: { end_to_end_id: string }; Body: Static<typeof decisionBody> }>(
    '/bank/payments/:end_to_end_id/decide',
    { schema: { body: decisionBody } },
    async (request, reply) => {
      const { end_to_end_id } = request.params;
      const { outcome, reason = 'NARR', client_id } = request.body;
      const payment = office.payments
        .findAny(end_to_end_id)
        .find(({ clientId }) => client_id === undefined || clientId === client_id);
      if (payment === undefined) {
        throw new Refusal(404, `there is no payment ${end_to_end_id}: check the EndToEndId`);
      }
      const decided = await office.commits.write(() =>
        office.process.decide(payment, outcome, reason, office.clock.now()),
      );
      if (!decided) {
        throw new Refusal(
          409,
          `payment ${end_to_end_id} is ${payment.state}: it cannot be changed`,
        );
      }
      return sendAdmin(reply, 200, { end_to_end_id, outcome });
    },
  );
  app.delete<{ Params: { account: string; date: string } }>(
    '/bank/statements/:account/:date',
    async (request, reply) => {
      const { account, date } = request.params;
      const withdrawn = await office.commits.write(() => office.statements.withdraw(account, date));
      if (!withdrawn) {
        throw new Refusal(
          404,
          `no statement of ${account} for ${date} was issued: nothing to withdraw`,
        );
      }
      return reply.code(204).send();
    },
  );
}

/** The bank's part of the admin API: enrolment, money from outside, the truth to compare with. */
export function registerBankAdmin(app: FastifyInstance, office: BankOffice): void {
  registerClients(app, office);
  registerAccounts(app, office);
  registerTransfers(app, office);
  registerDecisions(app, office);
  registerAdminReadRoutes(app, office);
}
