import type { Page } from '@keyturn/kernel';
import { type AccountCode, accountCodes } from '@keyturn/ledger';
import { type TSchema, Type } from 'typebox';
import {
  answer,
  answerCommand,
  DateSchema,
  type HttpApp,
  IdempotencyHeaderSchema,
  IdSchema,
  idempotencyKey,
  PageQuerySchema,
  ProblemSchema,
  RefusedError,
  uuidOf,
} from '../../platform/index.ts';
import { principalOf } from '../../who/access/index.ts';
import type { ExceptionState, ProposedAccount } from './decide/exception-state.ts';
import {
  AssignmentSchema,
  BillSchema,
  ExceptionSchema,
  ExceptionStateSchema,
  HealthSchema,
  ImportSchema,
  ProofSchema,
  ProposalSchema,
  ReasonSchema,
  ReconcileReportSchema,
  StatementSchema,
} from './schemas.ts';
import type { ReconciliationService } from './types.ts';

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const tags = ['Reconciliation'];
const reads = { access: ['operator:viewer', 'operator'] } as const;
const works = { access: ['operator:finance', 'operator:approver', 'operator:admin'] } as const;

const listOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next_cursor: Type.Optional(Type.String()) });

function pageOf<T>({ items, nextCursor }: Page<T>): { items: T[]; next_cursor?: string } {
  return { items: [...items], ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }) };
}

/** A day from the wire; the schema has checked its form, not that there is such a day. */
function dayOf(text: string, param: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    const values = { field: param, problem: 'there is no such day', problem_zh: '没有这一天' };
    throw new RefusedError({ code: 'request_invalid', param, values });
  }
}

export function registerReconciliationRoutes(app: HttpApp, service: ReconciliationService): void {
  uploadRoute(app, service);
  fileRoutes(app, service);
  proofRoutes(app, service);
  exceptionReads(app, service);
  exceptionSteps(app, service);
}

/** Larger than what the service takes, so that its own refusal says what to do. */
const bodyLimit = 48 * 1024 * 1024;

/** In a context of its own, where bodies stay bytes. */
function uploadRoute(app: HttpApp, service: ReconciliationService): void {
  app.register(async (scope: HttpApp) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      '/v1/statements',
      {
        bodyLimit,
        schema: {
          tags,
          summary: "Take in a bank's account statement: camt.052, 053, 054 or MT940, 941, 942, 950",
          description:
            'The body is the file. The same bytes change nothing and give the first answer.',
          operationId: 'importStatement',
          consumes: ['application/octet-stream'],
          querystring: Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }) }),
          response: { 200: ImportSchema, ...problems },
        },
        config: works,
      },
      async (request) => {
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const by = { source: 'uploaded', id: principalOf(request).id } as const;
        return answer(await service.importStatement(bytes, request.query.name, by));
      },
    );
  });
}

function fileRoutes(app: HttpApp, service: ReconciliationService): void {
  app.get(
    '/v1/statement-files',
    {
      schema: {
        tags,
        summary: 'Files taken in, the newest first',
        operationId: 'listStatementFiles',
        querystring: PageQuerySchema,
        response: { 200: listOf(ImportSchema), ...problems },
      },
      config: reads,
    },
    async (request) => pageOf(answer(await service.files(request.query))),
  );
  app.get(
    '/v1/statement-files/:id',
    {
      schema: {
        tags,
        summary: 'What became of one file',
        operationId: 'getStatementFile',
        params: Type.Object({ id: IdSchema('stm') }),
        response: { 200: ImportSchema, ...problems },
      },
      config: reads,
    },
    async (request) => answer(await service.file(uuidOf('stm', request.params.id, 'id'))),
  );
  app.get(
    '/v1/statements',
    {
      schema: {
        tags,
        summary: 'Statements, the newest first; of one custody account when said',
        operationId: 'listStatements',
        querystring: Type.Object({
          ...PageQuerySchema.properties,
          account_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        }),
        response: { 200: listOf(StatementSchema), ...problems },
      },
      config: reads,
    },
    async (request) => {
      const { account_id: accountId, ...page } = request.query;
      return pageOf(answer(await service.statements({ ...page, accountId })));
    },
  );
  app.get(
    '/v1/channel-bills',
    {
      schema: {
        tags,
        summary: "An acquirer contract's trade bills, the newest first",
        operationId: 'listChannelBills',
        querystring: Type.Object({
          ...PageQuerySchema.properties,
          contract_id: Type.String({ minLength: 1, maxLength: 64 }),
        }),
        response: { 200: listOf(BillSchema), ...problems },
      },
      config: reads,
    },
    async (request) => {
      const { contract_id: contractId, ...page } = request.query;
      return pageOf(answer(await service.bills({ ...page, contractId })));
    },
  );
}

function proofRoutes(app: HttpApp, service: ReconciliationService): void {
  app.post(
    '/v1/reconciliations',
    {
      schema: {
        tags,
        summary: 'Fetch, match and prove one bank day now',
        description: 'Doing it again changes nothing that stands.',
        operationId: 'reconcile',
        body: Type.Object({ date: DateSchema }, { additionalProperties: false }),
        response: { 200: ReconcileReportSchema, ...problems },
      },
      config: works,
    },
    async (request) => answer(await service.reconcile(dayOf(request.body.date, 'date'))),
  );
  app.get(
    '/v1/reconciliation-health',
    {
      schema: {
        tags,
        summary: 'Whether the feeds come, and what is open',
        operationId: 'getReconciliationHealth',
        response: { 200: HealthSchema, ...problems },
      },
      config: reads,
    },
    async () => service.health(),
  );
  app.get(
    '/v1/proofs',
    {
      schema: {
        tags,
        summary: 'Daily safety proofs without their items, the newest day first',
        operationId: 'listProofs',
        querystring: PageQuerySchema,
        response: { 200: listOf(ProofSchema), ...problems },
      },
      config: reads,
    },
    async (request) => pageOf(answer(await service.proofs(request.query))),
  );
  app.get(
    '/v1/proofs/:date',
    {
      schema: {
        tags,
        summary: 'The daily safety proof of a day, item by item',
        operationId: 'getProof',
        params: Type.Object({ date: DateSchema }),
        querystring: Type.Object({
          version: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
        }),
        response: { 200: ProofSchema, ...problems },
      },
      config: reads,
    },
    async (request) => {
      const day = dayOf(request.params.date, 'date');
      return answer(await service.storedProof(day, request.query.version));
    },
  );
}

const ExceptionParams = Type.Object({ id: IdSchema('exc') });

function exceptionReads(app: HttpApp, service: ReconciliationService): void {
  app.get(
    '/v1/exceptions',
    {
      schema: {
        tags,
        summary: 'Exceptions in a state, or all that are not resolved; the oldest first',
        operationId: 'listExceptions',
        querystring: Type.Object({
          ...PageQuerySchema.properties,
          state: Type.Optional(ExceptionStateSchema),
        }),
        response: { 200: listOf(ExceptionSchema), ...problems },
      },
      config: reads,
    },
    async (request) => {
      const { state, ...page } = request.query;
      const query = { ...page, state: state as ExceptionState | undefined };
      return pageOf(answer(await service.exceptions(query)));
    },
  );
  app.get(
    '/v1/exceptions/:id',
    {
      schema: {
        tags,
        summary: 'One exception with its evidence and steps',
        operationId: 'getException',
        params: ExceptionParams,
        response: { 200: ExceptionSchema, ...problems },
      },
      config: reads,
    },
    async (request) => answer(await service.exception(uuidOf('exc', request.params.id, 'id'))),
  );
}

const codes: ReadonlyMap<number, AccountCode> = new Map(
  Object.values(accountCodes).map((code) => [code, code]),
);

function sideOf(side: { code: number; owner: string }, param: string): ProposedAccount {
  const code = codes.get(side.code);
  if (code !== undefined) return { code, owner: side.owner };
  const problem = { problem: 'not in the chart of accounts', problem_zh: '科目表中没有该科目' };
  const values = { field: `${param}.code`, ...problem };
  throw new RefusedError({ code: 'request_invalid', param: `${param}.code`, values });
}

function exceptionSteps(app: HttpApp, service: ReconciliationService): void {
  const step = <Body extends TSchema>(name: string, summary: string, body: Body) => ({
    tags,
    summary,
    operationId: `${name}Exception`,
    params: ExceptionParams,
    headers: IdempotencyHeaderSchema,
    body,
    response: { 200: ExceptionSchema, ...problems },
  });
  app.post(
    '/v1/exceptions/:id/assign',
    {
      schema: step('assign', 'Give it to a person, with a deadline', AssignmentSchema),
      config: works,
    },
    async (request, reply) => {
      const by = principalOf(request);
      const { owner_id, deadline } = request.body;
      const to = {
        ownerId: uuidOf('opr', owner_id, 'owner_id'),
        ...(deadline === undefined ? {} : { deadline }),
      };
      const id = uuidOf('exc', request.params.id, 'id');
      return answerCommand(reply, await service.assign(idempotencyKey(request, by.id), by, id, to));
    },
  );
  app.post(
    '/v1/exceptions/:id/propose',
    { schema: step('propose', 'Say how it is to end', ProposalSchema), config: works },
    async (request, reply) => {
      const by = principalOf(request);
      const { note, journal } = request.body;
      const sides = journal && {
        journal: {
          debit: sideOf(journal.debit, 'journal.debit'),
          credit: sideOf(journal.credit, 'journal.credit'),
        },
      };
      const id = uuidOf('exc', request.params.id, 'id');
      const key = idempotencyKey(request, by.id);
      return answerCommand(reply, await service.propose(key, by, id, { note, ...sides }));
    },
  );
  app.post(
    '/v1/exceptions/:id/approve',
    {
      schema: step('approve', 'Agree as a second person: books the journal and resolves', Empty),
      config: { access: ['operator:approver'] },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const id = uuidOf('exc', request.params.id, 'id');
      return answerCommand(reply, await service.approve(idempotencyKey(request, by.id), by, id));
    },
  );
  app.post(
    '/v1/exceptions/:id/reopen',
    { schema: step('reopen', 'It was not over after all', ReasonSchema), config: works },
    async (request, reply) => {
      const by = principalOf(request);
      const id = uuidOf('exc', request.params.id, 'id');
      const key = idempotencyKey(request, by.id);
      return answerCommand(reply, await service.reopen(key, by, id, request.body.reason));
    },
  );
}

/** A call that says nothing but itself may come without a body. */
const Empty = Type.Optional(
  Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })]),
);
