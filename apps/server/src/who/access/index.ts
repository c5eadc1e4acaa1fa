export { fourEyes } from './decide/four-eyes.ts';
export { accessErrors } from './errors.ts';
export {
  type AccessRule,
  type ApiKeyRole,
  type OperatorRole,
  type Principal,
  principalOf,
} from './principal.ts';
export type {
  AccessService,
  ApiKeyView,
  AuditView,
  IssuedApiKey,
  NewApiKey,
  NewOperator,
  OperatorView,
} from './types.ts';
