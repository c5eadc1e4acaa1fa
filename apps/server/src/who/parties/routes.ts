import { decodeId, type Page, present } from '@keyturn/kernel';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  answer,
  answerCommand,
  type HttpApp,
  IdempotencyHeaderSchema,
  idempotencyKey,
  ProblemSchema,
  uuidOf,
} from '../../platform/index.ts';
import {
  BankAccountIdSchema,
  BankAccountSchema,
  ListQuerySchema,
  MerchantIdSchema,
  MerchantSchema,
  NewBankAccountSchema,
  NewMerchantSchema,
  NewPersonSchema,
  OwnerQuerySchema,
  PersonIdSchema,
  PersonSchema,
  pageSchema,
} from './schemas.ts';
import type { OwnerKind, PartiesService, Requester } from './types.ts';
import { idPrefix } from './views.ts';

const config = { access: ['integrator', 'operator'] } as const;
const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };

export function registerPartiesRoutes(app: HttpApp, parties: PartiesService): void {
  personRoutes(app, parties);
  merchantRoutes(app, parties);
  bankAccountRoutes(app, parties);
}

function requester(request: FastifyRequest): Requester {
  const { kind, id } = present(request.principal, 'the principal of a route that is not public');
  return { kind, id };
}

function listOf<T>(page: Page<T>): { items: T[]; next_cursor?: string } {
  const { items, nextCursor } = page;
  return { items: [...items], ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }) };
}

function personRoutes(app: HttpApp, parties: PartiesService): void {
  app.post(
    '/v1/persons',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'Create a person',
        operationId: 'createPerson',
        headers: IdempotencyHeaderSchema,
        body: NewPersonSchema,
        response: { 201: PersonSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = requester(request);
      const { name, id_document, phone } = request.body;
      const outcome = await parties.createPerson(idempotencyKey(request, by.id), by, {
        name,
        ...(id_document === undefined ? {} : { idDocument: id_document }),
        ...(phone === undefined ? {} : { phone }),
      });
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
  app.get(
    '/v1/persons',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'List people, the newest first',
        operationId: 'listPersons',
        querystring: ListQuerySchema,
        response: { 200: pageSchema(PersonSchema), ...problems },
      },
    },
    async (request) => listOf(answer(await parties.persons(requester(request), request.query))),
  );
  app.get(
    '/v1/persons/:id',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'Get a person',
        operationId: 'getPerson',
        params: Type.Object({ id: PersonIdSchema }),
        response: { 200: PersonSchema, ...problems },
      },
    },
    async (request) => {
      const id = uuidOf(idPrefix.person, request.params.id, 'id');
      return answer(await parties.person(id, requester(request)));
    },
  );
}

function merchantRoutes(app: HttpApp, parties: PartiesService): void {
  app.post(
    '/v1/merchants',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'Create a merchant',
        operationId: 'createMerchant',
        headers: IdempotencyHeaderSchema,
        body: NewMerchantSchema,
        response: { 201: MerchantSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = requester(request);
      const { name, kind, legal_name, registration_number } = request.body;
      const outcome = await parties.createMerchant(idempotencyKey(request, by.id), by, {
        name,
        kind,
        ...(legal_name === undefined ? {} : { legalName: legal_name }),
        ...(registration_number === undefined ? {} : { registrationNumber: registration_number }),
      });
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
  app.get(
    '/v1/merchants',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'List merchants, the newest first',
        operationId: 'listMerchants',
        querystring: ListQuerySchema,
        response: { 200: pageSchema(MerchantSchema), ...problems },
      },
    },
    async (request) => listOf(answer(await parties.merchants(requester(request), request.query))),
  );
  app.get(
    '/v1/merchants/:id',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'Get a merchant',
        operationId: 'getMerchant',
        params: Type.Object({ id: MerchantIdSchema }),
        response: { 200: MerchantSchema, ...problems },
      },
    },
    async (request) => {
      const id = uuidOf(idPrefix.merchant, request.params.id, 'id');
      return answer(await parties.merchant(id, requester(request)));
    },
  );
}

function bankAccountRoutes(app: HttpApp, parties: PartiesService): void {
  app.post(
    '/v1/bank-accounts',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'Add a bank account to a person or merchant',
        operationId: 'addBankAccount',
        headers: IdempotencyHeaderSchema,
        body: NewBankAccountSchema,
        response: { 201: BankAccountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = requester(request);
      const { number, holder_name, bank_code, bank_name } = request.body;
      const outcome = await parties.addBankAccount(idempotencyKey(request, by.id), by, {
        ...ownerOf(request.body.owner_id),
        number,
        ...(holder_name === undefined ? {} : { holderName: holder_name }),
        bankCode: bank_code,
        bankName: bank_name,
      });
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
  app.get(
    '/v1/bank-accounts',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'List the bank accounts of a person or merchant, the newest 100',
        operationId: 'listBankAccounts',
        querystring: OwnerQuerySchema,
        response: { 200: pageSchema(BankAccountSchema), ...problems },
      },
    },
    async (request) => {
      const { ownerId } = ownerOf(request.query.owner_id);
      return { items: [...(await parties.bankAccountsOf(ownerId, requester(request)))] };
    },
  );
  app.get(
    '/v1/bank-accounts/:id',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'Get a bank account',
        operationId: 'getBankAccount',
        params: Type.Object({ id: BankAccountIdSchema }),
        response: { 200: BankAccountSchema, ...problems },
      },
    },
    async (request) => {
      const id = uuidOf(idPrefix.bankAccount, request.params.id, 'id');
      return answer(await parties.bankAccount(id, requester(request)));
    },
  );
  disableRoute(app, parties);
}

function disableRoute(app: HttpApp, parties: PartiesService): void {
  app.post(
    '/v1/bank-accounts/:id/disable',
    {
      config,
      schema: {
        tags: ['Parties'],
        summary: 'Disable a bank account for good',
        operationId: 'disableBankAccount',
        headers: IdempotencyHeaderSchema,
        params: Type.Object({ id: BankAccountIdSchema }),
        response: { 200: BankAccountSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = requester(request);
      const id = uuidOf(idPrefix.bankAccount, request.params.id, 'id');
      const key = idempotencyKey(request, by.id);
      return answerCommand(reply, await parties.disableBankAccount(key, by, id));
    },
  );
}

/** Whose account: the prefix says whether a person's or a merchant's. */
function ownerOf(wire: string): { ownerKind: OwnerKind; ownerId: string } {
  const person = decodeId(idPrefix.person, wire);
  if (person !== undefined) return { ownerKind: 'person', ownerId: person };
  return { ownerKind: 'merchant', ownerId: uuidOf(idPrefix.merchant, wire, 'owner_id') };
}
