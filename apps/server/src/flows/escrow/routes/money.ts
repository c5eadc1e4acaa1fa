import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  answer,
  answerCommand,
  type CommandOutcome,
  type HttpApp,
  IdempotencyHeaderSchema,
  idempotencyKey,
  moneyFromWire,
  uuidOf,
} from '../../../platform/index.ts';
import { type Principal, principalOf } from '../../../who/access/index.ts';
import {
  CancelSchema,
  ConvertSchema,
  EvidenceSchema,
  FreezeSchema,
  NewReleaseSchema,
  RejectSchema,
  ReleaseListSchema,
  ReleaseQuerySchema,
} from '../schemas.ts';
import type { EscrowService } from '../types.ts';
import type { DealMoneyView } from '../view/deal-money.ts';
import { DealMoneySchema } from '../view/schemas.ts';
import { amountsFromWire } from './deals.ts';
import { dealParams, listOf, listQuery, people, problems, releaseParams } from './shared.ts';

const tags = ['Deals'];
const operators = { access: ['operator'] } as const;
const approvers = { access: ['operator:approver'] } as const;
const finance = { access: ['operator:finance', 'operator:approver'] } as const;

/** What all of these answer: the deal's money as it is then. */
const answers = { response: { 200: DealMoneySchema, ...problems } };

export function moneyRoutes(app: HttpApp, escrow: EscrowService): void {
  evidenceRoutes(app, escrow);
  releaseRoutes(app, escrow);
  decisionRoutes(app, escrow);
  failureRoutes(app, escrow);
  freezeRoutes(app, escrow);
}

type WithId = FastifyRequest<{ Params: { id: string } }>;

async function onDeal(
  request: WithId,
  reply: FastifyReply,
  carryOut: (key: string, by: Principal, id: string) => Promise<CommandOutcome<DealMoneyView>>,
): Promise<DealMoneyView> {
  const by = principalOf(request);
  const id = uuidOf('deal', request.params.id, 'id');
  return answerCommand(reply, await carryOut(idempotencyKey(request, by.id), by, id));
}

async function onRelease(
  request: WithId,
  reply: FastifyReply,
  carryOut: (key: string, by: Principal, id: string) => Promise<CommandOutcome<DealMoneyView>>,
): Promise<DealMoneyView> {
  const by = principalOf(request);
  const id = uuidOf('rel', request.params.id, 'id');
  return answerCommand(reply, await carryOut(idempotencyKey(request, by.id), by, id));
}

function evidenceRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/deals/:id/evidence',
    {
      config: people,
      schema: {
        tags,
        summary: 'Bring evidence that a condition asks for',
        operationId: 'addDealEvidence',
        headers: IdempotencyHeaderSchema,
        params: dealParams,
        body: EvidenceSchema,
        ...answers,
      },
    },
    (request, reply) => {
      const { kind, role, reference, document_sha256 } = request.body;
      const document = document_sha256 === undefined ? {} : { documentSha256: document_sha256 };
      return onDeal(request, reply, (key, by, id) =>
        escrow.addEvidence(key, by, id, { kind, role, reference, ...document }),
      );
    },
  );
  app.post(
    '/v1/deals/:id/conversions',
    {
      config: people,
      schema: {
        tags,
        summary: 'Turn the money of one item into that of another, as the agreement allows',
        operationId: 'convertDealItem',
        headers: IdempotencyHeaderSchema,
        params: dealParams,
        body: ConvertSchema,
        ...answers,
      },
    },
    (request, reply) => {
      const { from, to, amount } = request.body;
      const money = amount ? { amount: moneyFromWire(amount, 'amount') } : {};
      return onDeal(request, reply, (key, by, id) =>
        escrow.convert(key, by, id, { from, to, ...money }),
      );
    },
  );
}

function releaseRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/deals/:id/releases',
    {
      config: people,
      schema: {
        tags,
        summary: 'Ask for a release; its money is promised to it until somebody else decides',
        operationId: 'requestRelease',
        headers: IdempotencyHeaderSchema,
        params: dealParams,
        body: NewReleaseSchema,
        ...answers,
      },
    },
    (request, reply) => {
      const { key: release, items } = request.body;
      const parts = items ? { items: amountsFromWire(items, undefined) } : {};
      return onDeal(request, reply, (key, by, id) =>
        escrow.requestRelease(key, by, id, { key: release, ...parts }),
      );
    },
  );
  app.get(
    '/v1/releases',
    {
      config: operators,
      schema: {
        tags,
        summary: 'Releases in a state, those that wait longest first',
        operationId: 'listReleases',
        querystring: ReleaseQuerySchema,
        response: { 200: ReleaseListSchema, ...problems },
      },
    },
    async (request) =>
      listOf(answer(await escrow.releases(request.query.state, listQuery(request.query)))),
  );
}

function decisionRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/releases/:id/approve',
    {
      config: approvers,
      schema: {
        tags,
        summary: 'Approve a release; by another than who asked for it',
        operationId: 'approveRelease',
        headers: IdempotencyHeaderSchema,
        params: releaseParams,
        ...answers,
      },
    },
    (request, reply) => onRelease(request, reply, escrow.approveRelease),
  );
  app.post(
    '/v1/releases/:id/reject',
    {
      config: approvers,
      schema: {
        tags,
        summary: 'Reject a release; its money is free again',
        operationId: 'rejectRelease',
        headers: IdempotencyHeaderSchema,
        params: releaseParams,
        body: RejectSchema,
        ...answers,
      },
    },
    (request, reply) =>
      onRelease(request, reply, (key, by, id) =>
        escrow.rejectRelease(key, by, id, request.body.reason),
      ),
  );
}

function failureRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/deals/:id/cancel',
    {
      config: people,
      schema: {
        tags,
        summary: 'Ask for a deal to end; its money goes back once somebody else approves',
        operationId: 'cancelDeal',
        headers: IdempotencyHeaderSchema,
        params: dealParams,
        body: CancelSchema,
        ...answers,
      },
    },
    (request, reply) => {
      const { reason, failure } = request.body;
      const why = { reason, ...(failure === undefined ? {} : { failure }) };
      return onDeal(request, reply, (key, by, id) => escrow.cancel(key, by, id, why));
    },
  );
  const steps = [
    {
      path: 'cancel/approve',
      config: approvers,
      summary: 'Let the money of a failed deal go back; by another than who asked',
      operationId: 'approveCancelDeal',
      carryOut: escrow.approveCancel,
    },
    {
      path: 'cancel/withdraw',
      config: people,
      summary: 'Take the wish to end a deal back',
      operationId: 'withdrawCancelDeal',
      carryOut: escrow.withdrawCancel,
    },
    {
      path: 'refunds',
      config: approvers,
      summary: 'Try again what failed of a refund, or what was missing and may be there now',
      operationId: 'continueDealRefund',
      carryOut: escrow.continueRefund,
    },
  ] as const;
  for (const { path, config, summary, operationId, carryOut } of steps) {
    app.post(
      `/v1/deals/:id/${path}`,
      {
        config: { access: [...config.access] },
        schema: {
          tags,
          summary,
          operationId,
          headers: IdempotencyHeaderSchema,
          params: dealParams,
          ...answers,
        },
      },
      (request, reply) => onDeal(request, reply, carryOut),
    );
  }
}

function freezeRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/deals/:id/freeze',
    {
      config: finance,
      schema: {
        tags,
        summary: 'Stop money from leaving a deal, or some of its items, here and in the ledger',
        operationId: 'freezeDeal',
        headers: IdempotencyHeaderSchema,
        params: dealParams,
        body: FreezeSchema,
        ...answers,
      },
    },
    (request, reply) => {
      const { reason, items, until } = request.body;
      const end = until === undefined ? {} : { until: Temporal.Instant.from(until) };
      return onDeal(request, reply, (key, by, id) =>
        escrow.freeze(key, by, id, { reason, items: items ?? [], ...end }),
      );
    },
  );
  app.post(
    '/v1/deals/:id/unfreeze',
    {
      config: approvers,
      schema: {
        tags,
        summary: 'Lift the freeze of a deal',
        operationId: 'unfreezeDeal',
        headers: IdempotencyHeaderSchema,
        params: dealParams,
        ...answers,
      },
    },
    (request, reply) => onDeal(request, reply, escrow.unfreeze),
  );
}
