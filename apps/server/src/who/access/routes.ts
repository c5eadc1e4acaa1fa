import { encodeId, type Page, present } from '@keyturn/kernel';
import type { FastifyReply } from 'fastify';
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
import { csrfTokenOf } from './decide/token.ts';
import { sessionCookie } from './gate.ts';
import { principalOf } from './principal.ts';
import {
  ApiKeyIdSchema,
  ApiKeySchema,
  AuditQuerySchema,
  AuditSchema,
  IssuedApiKeySchema,
  ListQuerySchema,
  LogInSchema,
  MeSchema,
  NewApiKeySchema,
  NewOperatorSchema,
  OperatorIdSchema,
  OperatorSchema,
  PasswordChangeSchema,
  pageSchema,
  SessionSchema,
} from './schemas.ts';
import type { AccessService } from './types.ts';
import { idPrefix } from './views.ts';

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
/** What viewers too may do to themselves. */
const oneself = { access: ['operator', 'operator:viewer'] } as const;
const admin = { access: ['operator:admin'] } as const;

export interface AccessRouteOptions {
  /**
   * Whether browsers reach us by HTTPS alone; then they send the session's cookie in no other way.
   */
  readonly secureCookies: boolean;
}

export function registerAccessRoutes(
  app: HttpApp,
  access: AccessService,
  options: AccessRouteOptions,
): void {
  logInRoute(app, access, options);
  sessionRoutes(app, access, options);
  operatorRoutes(app, access);
  apiKeyRoutes(app, access);
  revokeRoute(app, access);
  auditRoute(app, access);
}

function cookieFlags({ secureCookies }: AccessRouteOptions) {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: secureCookies } as const;
}

/** Tokens are for whoever asked, not for anything on the way that keeps answers. */
function notKept(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}

function listOf<T>(page: Page<T>): { items: T[]; next_cursor?: string } {
  const { items, nextCursor } = page;
  return { items: [...items], ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }) };
}

function logInRoute(app: HttpApp, access: AccessService, options: AccessRouteOptions): void {
  app.post(
    '/v1/operator-sessions',
    {
      config: { access: ['public'] },
      schema: {
        tags: ['Access'],
        summary: 'Log in as an operator',
        operationId: 'logIn',
        body: LogInSchema,
        response: { 201: SessionSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { username, password } = request.body;
      const attempt = { username, password, from: request.ip, requestId: request.id };
      const result = await access.logIn(attempt);
      if (!result.ok) {
        const seconds = result.error.values?.['seconds'];
        if (seconds !== undefined) reply.header('retry-after', seconds);
      }
      const { operator, token, csrfToken, expiresAt } = answer(result);
      reply.setCookie(sessionCookie, token, cookieFlags(options));
      return notKept(reply)
        .code(201)
        .send({ operator, csrf_token: csrfToken, expires_at: expiresAt.toString() });
    },
  );
}

function sessionRoutes(app: HttpApp, access: AccessService, options: AccessRouteOptions): void {
  app.delete(
    '/v1/operator-sessions/current',
    {
      config: oneself,
      schema: {
        tags: ['Access'],
        summary: 'Log out',
        operationId: 'logOut',
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      await access.logOut(request.cookies[sessionCookie] ?? '');
      reply.clearCookie(sessionCookie, cookieFlags(options));
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/v1/me',
    {
      config: { access: ['integrator', 'operator'] },
      schema: {
        tags: ['Access'],
        summary: 'Who am I',
        operationId: 'getMe',
        response: { 200: MeSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { kind, id, name, roles } = principalOf(request);
      const me = { kind, id: encodeId(idPrefix[kind], id), name, roles: [...roles] };
      if (kind === 'integrator') return notKept(reply).send(me);
      const token = present(request.cookies[sessionCookie], 'the token of a session');
      return notKept(reply).send({ ...me, csrf_token: csrfTokenOf(token) });
    },
  );
  app.post(
    '/v1/me/password',
    {
      config: oneself,
      schema: {
        tags: ['Access'],
        summary: 'Change the own password, ending the own other sessions',
        operationId: 'changePassword',
        body: PasswordChangeSchema,
        response: { 204: Type.Null(), ...problems },
      },
    },
    async (request, reply) => {
      const result = await access.changePassword({
        operatorId: principalOf(request).id,
        sessionToken: request.cookies[sessionCookie] ?? '',
        currentPassword: request.body.current_password,
        newPassword: request.body.new_password,
        from: request.ip,
      });
      answer(result);
      return reply.code(204).send(null);
    },
  );
}

function operatorRoutes(app: HttpApp, access: AccessService): void {
  app.post(
    '/v1/operators',
    {
      config: admin,
      schema: {
        tags: ['Access'],
        summary: 'Create an operator',
        operationId: 'createOperator',
        headers: IdempotencyHeaderSchema,
        body: NewOperatorSchema,
        response: { 201: OperatorSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request).id;
      const outcome = await access.createOperator(idempotencyKey(request, by), by, request.body);
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
  app.get(
    '/v1/operators',
    {
      config: admin,
      schema: {
        tags: ['Access'],
        summary: 'List operators, the newest first',
        operationId: 'listOperators',
        querystring: ListQuerySchema,
        response: { 200: pageSchema(OperatorSchema), ...problems },
      },
    },
    async (request, reply) => reply.send(listOf(answer(await access.operators(request.query)))),
  );
  app.post(
    '/v1/operators/:id/disable',
    {
      config: admin,
      schema: {
        tags: ['Access'],
        summary: 'Disable an operator: their sessions end at once',
        operationId: 'disableOperator',
        headers: IdempotencyHeaderSchema,
        params: Type.Object({ id: OperatorIdSchema }),
        response: { 200: OperatorSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request).id;
      const id = uuidOf(idPrefix.operator, request.params.id, 'id');
      const outcome = await access.disableOperator(idempotencyKey(request, by), by, id);
      return reply.send(answerCommand(reply, outcome));
    },
  );
}

function apiKeyRoutes(app: HttpApp, access: AccessService): void {
  app.post(
    '/v1/api-keys',
    {
      config: admin,
      schema: {
        tags: ['Access'],
        summary: 'Create an API key, for a new integrator or one that is there',
        operationId: 'createApiKey',
        headers: IdempotencyHeaderSchema,
        body: NewApiKeySchema,
        response: { 201: IssuedApiKeySchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request).id;
      const { name, integrator_id, roles, expires_at } = request.body;
      const integratorId =
        integrator_id && uuidOf(idPrefix.integrator, integrator_id, 'integrator_id');
      const outcome = await access.createApiKey(idempotencyKey(request, by), by, {
        name,
        ...(integratorId === undefined ? {} : { integratorId }),
        ...(roles === undefined ? {} : { roles }),
        ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
      });
      const { apiKey, token } = answerCommand(reply, outcome);
      return notKept(reply)
        .code(201)
        .send({ api_key: apiKey, ...(token === undefined ? {} : { token }) });
    },
  );
  app.get(
    '/v1/api-keys',
    {
      config: admin,
      schema: {
        tags: ['Access'],
        summary: 'List API keys, the newest first, without their secrets',
        operationId: 'listApiKeys',
        querystring: ListQuerySchema,
        response: { 200: pageSchema(ApiKeySchema), ...problems },
      },
    },
    async (request, reply) => reply.send(listOf(answer(await access.apiKeys(request.query)))),
  );
}

function revokeRoute(app: HttpApp, access: AccessService): void {
  app.post(
    '/v1/api-keys/:id/revoke',
    {
      config: admin,
      schema: {
        tags: ['Access'],
        summary: 'Revoke an API key: within five seconds no process takes it any more',
        operationId: 'revokeApiKey',
        headers: IdempotencyHeaderSchema,
        params: Type.Object({ id: ApiKeyIdSchema }),
        response: { 200: ApiKeySchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request).id;
      const id = uuidOf(idPrefix.apiKey, request.params.id, 'id');
      const outcome = await access.revokeApiKey(idempotencyKey(request, by), by, id);
      return reply.send(answerCommand(reply, outcome));
    },
  );
}

function auditRoute(app: HttpApp, access: AccessService): void {
  app.get(
    '/v1/audit',
    {
      config: admin,
      schema: {
        tags: ['Access'],
        summary: 'Read the audit trail, the newest first',
        operationId: 'listAudit',
        querystring: AuditQuerySchema,
        response: { 200: pageSchema(AuditSchema), ...problems },
      },
    },
    async (request, reply) => {
      const { limit, cursor, operator_id } = request.query;
      const principalId = operator_id && uuidOf(idPrefix.operator, operator_id, 'operator_id');
      return reply.send(listOf(answer(await access.audit({ limit, cursor, principalId }))));
    },
  );
}
