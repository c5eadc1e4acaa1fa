export {
  type Command,
  type CommandCall,
  type CommandContext,
  type CommandKind,
  type CommandOutcome,
  type CommandRunner,
  type CommandRunnerOptions,
  createCommandRunner,
} from './commands/runner.ts';
export { type Config, ConfigError, readConfig } from './config.ts';
export { listMigrations, MigrationError, migrate } from './database/migrate.ts';
export { arrangeCluster, type DatabaseUrls } from './database/roles.ts';
export { createPoller, type Poller } from './due/poller.ts';
export { platformErrors } from './errors.ts';
export { type Bell, createBell } from './events/bell.ts';
export { type Consumer, createConsumer } from './events/consumer.ts';
export type { EventRecord, NewEvent } from './events/event.ts';
export { createOutbox, type Outbox } from './events/outbox.ts';
export {
  answersProbe,
  databaseProbe,
  type Health,
  type HealthProbe,
  lookAtHealth,
  type Overdue,
  outboxProbe,
  readConsumerLag,
  timeProbe,
} from './health/health.ts';
export { registerHealthRoutes } from './health/routes.ts';
export { languageOf, problemOf, sendProblem } from './http/problem.ts';
export { RefusedError } from './http/refused.ts';
export { answer, answerCommand, idempotencyKey, pageSize, uuidOf } from './http/request.ts';
export * from './http/schemas.ts';
export { createHttpApp, type HttpApp } from './http/server.ts';
export { createJobs, type JobKind, type Jobs } from './jobs/jobs.ts';
export { uuidOfAnyId } from './ledger/any-id.ts';
export { checkWholeLedger } from './ledger/check.ts';
export { createLedgerDesk } from './ledger/desk.ts';
export { observeDoor, observeQueue } from './ledger/door.ts';
export { createExpiryPoller } from './ledger/expiry.ts';
export {
  createPartitionsDesk,
  type PartitionsDesk,
  type PartView,
} from './ledger/partitions.ts';
export { registerLedgerRoutes } from './ledger/routes.ts';
export {
  createSealingPoller,
  loadSealKey,
  observeSealing,
  readTrustedSealKeys,
  sealingProbe,
} from './ledger/sealing.ts';
export {
  createLedgerService,
  type LedgerCaller,
  type LedgerService,
} from './ledger/service.ts';
export { keyFileOf } from './ledger/takeover/connection.ts';
export { registerTakeoverRoutes } from './ledger/takeover/routes.ts';
export { createTakeovers, type Takeovers } from './ledger/takeover/takeovers.ts';
export {
  createTakeoverPoller,
  observeTakeovers,
  takeoverProbe,
} from './ledger/takeover/working.ts';
export { type Concealed, concealed } from './secrets/concealed.ts';
export { KeyFileError, loadOrCreateKey } from './secrets/key-file.ts';
export { createSealer, SealError, type Sealer } from './secrets/sealer.ts';
export { createLogger } from './telemetry/logger.ts';
export { createMetrics, type Metrics } from './telemetry/metrics.ts';
export { type FollowedClock, followTime } from './time/time-source.ts';
