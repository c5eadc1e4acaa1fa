export { PostgresError, type PostgresErrorCode } from './errors.ts';
export type { ConnectionParameters } from './ready.ts';
export {
  type PostgresExit,
  type PostgresLogger,
  type PostgresServer,
  type StartOptions,
  startPostgres,
} from './start.ts';
