import { type TSchema, Type } from 'typebox';
import { IdSchema, InstantSchema, PageQuerySchema } from '../../platform/index.ts';
import { apiKeyRoles, operatorRoles } from './principal.ts';
import { idPrefix } from './views.ts';

const exact = { additionalProperties: false };

export const OperatorIdSchema = IdSchema(idPrefix.operator);
export const ApiKeyIdSchema = IdSchema(idPrefix.apiKey);
const IntegratorIdSchema = IdSchema(idPrefix.integrator);

/** A name without control characters, and not of spaces alone. */
const NameSchema = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f]+$',
});

const OperatorRolesSchema = Type.Array(Type.Enum([...operatorRoles]), {
  minItems: 1,
  maxItems: operatorRoles.length,
});
const ApiKeyRolesSchema = Type.Array(Type.Enum([...apiKeyRoles]), {
  minItems: 1,
  maxItems: apiKeyRoles.length,
  description:
    'reader: looks only; writer: changes all but the ledger; ledger: writes in the own books of the ledger. writer when left out',
});

export const LogInSchema = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 100 }),
    password: Type.String({ minLength: 1, maxLength: 1000 }),
  },
  { ...exact, title: 'LogIn' },
);

export const OperatorSchema = Type.Object(
  {
    id: OperatorIdSchema,
    username: Type.String(),
    name: Type.String(),
    roles: Type.Array(Type.Enum([...operatorRoles])),
    state: Type.Enum(['active', 'disabled']),
    created_at: InstantSchema,
  },
  { title: 'Operator' },
);

export const SessionSchema = Type.Object(
  {
    operator: OperatorSchema,
    csrf_token: Type.String({ description: 'For the header X-CSRF-Token at each change' }),
    expires_at: InstantSchema,
  },
  { title: 'OperatorSession' },
);

export const MeSchema = Type.Object(
  {
    kind: Type.Enum(['integrator', 'operator']),
    id: Type.String(),
    name: Type.String(),
    roles: Type.Array(Type.String()),
    csrf_token: Type.Optional(Type.String()),
  },
  { title: 'Me' },
);

export const PasswordChangeSchema = Type.Object(
  {
    current_password: Type.String({ minLength: 1, maxLength: 1000 }),
    new_password: Type.String({ minLength: 1, maxLength: 1000 }),
  },
  { ...exact, title: 'PasswordChange' },
);

export const NewOperatorSchema = Type.Object(
  {
    username: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$',
      description: '3 to 64 letters, digits, dots, dashes, underscores; case does not matter',
    }),
    name: NameSchema,
    password: Type.String({ minLength: 1, maxLength: 1000, description: '12 to 200 characters' }),
    roles: OperatorRolesSchema,
  },
  { ...exact, title: 'NewOperator' },
);

export const NewApiKeySchema = Type.Object(
  {
    name: NameSchema,
    integrator_id: Type.Optional(IntegratorIdSchema),
    roles: Type.Optional(ApiKeyRolesSchema),
    expires_at: Type.Optional(InstantSchema),
  },
  { ...exact, title: 'NewApiKey' },
);

export const ApiKeySchema = Type.Object(
  {
    id: ApiKeyIdSchema,
    prefix: Type.String({ description: 'How its tokens begin' }),
    name: Type.String(),
    integrator: Type.Object({ id: IntegratorIdSchema, name: Type.String() }),
    roles: ApiKeyRolesSchema,
    state: Type.Enum(['active', 'revoked']),
    expires_at: Type.Optional(InstantSchema),
    created_at: InstantSchema,
    revoked_at: Type.Optional(InstantSchema),
  },
  { title: 'ApiKey' },
);

export const IssuedApiKeySchema = Type.Object(
  {
    api_key: ApiKeySchema,
    token: Type.Optional(
      Type.String({
        description:
          'Shown once. A repeat of the call does not have it: revoke the key and make another',
      }),
    ),
  },
  { title: 'IssuedApiKey' },
);

export const AuditSchema = Type.Object(
  {
    id: IdSchema(idPrefix.audit),
    at: InstantSchema,
    who: Type.Object({
      kind: Type.Enum(['operator', 'integrator', 'unknown']),
      id: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
    }),
    what: Type.String({ description: 'The operation' }),
    method: Type.String(),
    path: Type.String(),
    object: Type.Optional(Type.String({ description: 'What it was done to, or what was made' })),
    address: Type.String({ description: 'Network address that it came from' }),
    request_id: Type.String(),
    result: Type.Optional(
      Type.Object(
        { status: Type.Integer(), code: Type.Optional(Type.String()), at: InstantSchema },
        { description: 'Missing when the process ended before it had answered' },
      ),
    ),
  },
  { title: 'AuditRecord' },
);

export const ListQuerySchema = Type.Object({ ...PageQuerySchema.properties }, exact);

export const AuditQuerySchema = Type.Object(
  { ...PageQuerySchema.properties, operator_id: Type.Optional(OperatorIdSchema) },
  exact,
);

export function pageSchema<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), next_cursor: Type.Optional(Type.String()) });
}
