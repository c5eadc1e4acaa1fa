import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { assert } from '@keyturn/kernel';
import { ProblemSchema } from '../platform/index.ts';
import type { AccessRule } from '../who/access/index.ts';
import { hoistTitled } from './hoist-titled.ts';
import { version } from './version.ts';

/** What the parts of the API are about; each operation has one of these tags. */
const tags = {
  Parties: 'People and merchants of deals, and the bank accounts that they are paid to',
  Agreements: 'What is paid, kept, released and given back when: the rules of deals, by version',
  Deals: 'Deals from the first signature to the last cent: items, evidence, releases, refunds',
  Orders: 'What somebody owes for one purpose, and the attempts to pay it',
  Refunds: 'Money that goes back the way that it came',
  Cashier: 'What the page of a payer asks; who has the link has the right',
  Payouts: 'Money that leaves to bank accounts, by two people',
  Settlement: 'How payments of merchants are shared, settled by acquirers, and available',
  Channels: 'Contracts with acquirers and banks, and what was said over them',
  Custody: 'Accounts at banks, and what the banks booked on them',
  Reconciliation: 'Statements, bills, exceptions, and the daily proof that all money is there',
  Ledger: 'The books behind everything: journals, accounts, and their check',
  Access: 'Operators, sessions, API keys, and who did what',
  Platform: 'How the platform is',
} as const;

const description = `Moves and keeps the money of property deals.

Amounts are integers in minor units (120000 CNY minor units are 1200.00 yuan). Calls that move
money or state carry an \`Idempotency-Key\`: a repeat with the same key and body does nothing twice
and gives the first answer, with \`Idempotent-Replayed: true\`. Errors are RFC 9457 problems; what
a \`code\` means and what to do about it is at \`/docs/errors\`.`;

/** The OpenAPI 3.1 document, made from the schemas that validate requests. */
export const documentOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Keyturn API',
      version,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'API key of an integrator, `ktk_…`',
        },
        operatorSession: {
          type: 'apiKey',
          in: 'cookie',
          name: 'keyturn_session',
          description: 'Session of an operator, from logging in',
        },
        csrfToken: {
          type: 'apiKey',
          in: 'header',
          name: 'X-CSRF-Token',
          description: 'Beside the session, at each change; from logging in or from /v1/me',
        },
      },
    },
  },
  transform: ({ schema, url, route }) => {
    // What plug-ins add, such as files of web pages, has no schema and is no part of the API.
    if (schema === undefined || schema.hide === true) return { schema: { hide: true }, url };
    return { schema: describeRoute(schema, route.method, route.config?.access ?? []), url };
  },
  transformObject: (document) => {
    assert('openapiObject' in document, 'the document is OpenAPI');
    return hoistTitled(document.openapiObject);
  },
};

type Schema = Parameters<NonNullable<FastifyDynamicSwaggerOptions['transform']>>[0]['schema'];

/** What the document says beyond the schemas that validate. */
function describeRoute(
  schema: Schema,
  method: string | string[],
  access: readonly AccessRule[],
): Schema {
  const isSafe = [method].flat().every((name) => name === 'GET' || name === 'HEAD');
  const headers = describeKey(schema.headers);
  return {
    ...schema,
    security: securityOf(access, isSafe),
    ...(headers === undefined ? {} : { headers }),
    ...(schema.body === undefined && schema.consumes ? { body: anyBytes } : {}),
    response: describeAnswers(schema.response, schema.produces, headers !== undefined),
  };
}

const anyBytes = { type: 'string', format: 'binary', description: 'The bytes as they are' };

/** Who may call: keys of integrators, or sessions of operators in one of the roles. */
function securityOf(access: readonly AccessRule[], isSafe: boolean): Record<string, string[]>[] {
  if (access.includes('public')) return [];
  const rolesOf = (kind: string) =>
    access.flatMap((rule) => (rule.startsWith(`${kind}:`) ? [rule.slice(kind.length + 1)] : []));
  const session = { operatorSession: access.includes('operator') ? [] : rolesOf('operator') };
  const key = { apiKey: access.includes('integrator') ? [] : rolesOf('integrator') };
  return [
    ...(access.some((rule) => rule.startsWith('integrator')) ? [key] : []),
    ...(access.some((rule) => rule.startsWith('operator'))
      ? [isSafe ? session : { ...session, csrfToken: [] }]
      : []),
  ];
}

/** The key is optional to the validator, which leaves its absence to an error of its own. */
function describeKey(headers: unknown): object | undefined {
  const { properties } = (headers ?? {}) as { readonly properties?: Record<string, object> };
  const key = properties?.['idempotency-key'];
  if (key === undefined) return undefined;
  const named = { ...key, minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]{1,200}$' };
  return {
    type: 'object',
    properties: { 'Idempotency-Key': named },
    required: ['Idempotency-Key'],
  };
}

const replayed = {
  'Idempotent-Replayed': {
    type: 'string',
    enum: ['true'],
    description: 'Present when this is the first answer given again',
  },
};

const descriptions: Readonly<Record<string, string>> = {
  '200': 'Done',
  '201': 'Made',
  '204': 'Done; nothing to say',
  '4xx': 'Refused: `code` says why, `detail` what to do',
  '5xx': 'Not carried out for now: `retryable` says whether asking again helps',
};

function describeAnswers(
  response: unknown,
  produces: readonly string[] | undefined,
  hasKey: boolean,
): object {
  // Any call can be refused, and any can find the platform out of order.
  const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
  const answers: [string, object][] = Object.entries({
    ...problems,
    ...(response as Record<string, object>),
  });
  return Object.fromEntries(
    answers.map(([status, schema]) => {
      const isProblem = /^[45]xx$/i.test(status);
      const type = isProblem ? 'application/problem+json' : (produces?.[0] ?? 'application/json');
      const text = { 'x-response-description': descriptions[status.toLowerCase()] ?? 'Answer' };
      if ('type' in schema && schema.type === 'null') return [status, { ...text, type: 'null' }];
      const headers = hasKey && !isProblem ? { headers: replayed } : {};
      return [status, { ...text, ...headers, content: { [type]: { schema } } }];
    }),
  );
}
