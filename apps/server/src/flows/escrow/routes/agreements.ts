import { Type } from 'typebox';
import {
  answer,
  answerCommand,
  type HttpApp,
  IdempotencyHeaderSchema,
  IdSchema,
  idempotencyKey,
  PageQuerySchema,
  uuidOf,
} from '../../../platform/index.ts';
import { principalOf } from '../../../who/access/index.ts';
import { AgreementListSchema, AgreementSchema, NewAgreementSchema } from '../schemas.ts';
import { termsFromWire } from '../terms-wire.ts';
import type { EscrowService } from '../types.ts';
import { listOf, listQuery, people, problems } from './shared.ts';

const tags = ['Agreements'];
const params = Type.Object({ id: IdSchema('agr') });

export function agreementRoutes(app: HttpApp, escrow: EscrowService): void {
  draftRoutes(app, escrow);
  readRoutes(app, escrow);
}

function draftRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/agreements',
    {
      config: people,
      schema: {
        tags,
        summary:
          'Draft a version of an agreement: what is paid, kept, released and given back when',
        operationId: 'draftAgreement',
        headers: IdempotencyHeaderSchema,
        body: NewAgreementSchema,
        response: { 201: AgreementSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const { name, version, terms } = request.body;
      const draft = { name, version, terms: termsFromWire(terms) };
      const outcome = await escrow.draftAgreement(idempotencyKey(request, by.id), by, draft);
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
  app.post(
    '/v1/agreements/:id/publish',
    {
      config: { access: ['operator:approver'] },
      schema: {
        tags,
        summary: 'Publish a draft; by another than who made it',
        operationId: 'publishAgreement',
        headers: IdempotencyHeaderSchema,
        params,
        response: { 200: AgreementSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const id = uuidOf('agr', request.params.id, 'id');
      const outcome = await escrow.publishAgreement(idempotencyKey(request, by.id), by, id);
      return answerCommand(reply, outcome);
    },
  );
}

function readRoutes(app: HttpApp, escrow: EscrowService): void {
  app.get(
    '/v1/agreements/:id',
    {
      config: people,
      schema: {
        tags,
        summary: 'One version of an agreement',
        operationId: 'getAgreement',
        params,
        response: { 200: AgreementSchema, ...problems },
      },
    },
    async (request) => answer(await escrow.agreement(uuidOf('agr', request.params.id, 'id'))),
  );
  app.get(
    '/v1/agreements',
    {
      config: people,
      schema: {
        tags,
        summary: 'Agreements, the newest first',
        operationId: 'listAgreements',
        querystring: PageQuerySchema,
        response: { 200: AgreementListSchema, ...problems },
      },
    },
    async (request) => listOf(answer(await escrow.agreements(listQuery(request.query)))),
  );
}
