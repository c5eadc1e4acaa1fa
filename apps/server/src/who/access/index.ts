export { type ActorOf, ActorSchema, type ActorView, actorOfRule, actorsOf } from './actors.ts';
export { fourEyes } from './decide/four-eyes.ts';
export { accessErrors } from './errors.ts';
export { type GateOptions, registerAccess, sessionCookie } from './gate.ts';
export { accessPollers } from './jobs.ts';
export {
  type AccessRule,
  type ApiKeyRole,
  type OperatorRole,
  type Principal,
  principalOf,
} from './principal.ts';
export { type AccessRouteOptions, registerAccessRoutes } from './routes.ts';
export { type AccessDeps, createAccessService } from './service.ts';
export type {
  AccessService,
  ApiKeyView,
  AuditView,
  IssuedApiKey,
  NewApiKey,
  NewOperator,
  OperatorView,
} from './types.ts';
export { idPrefix } from './views.ts';
