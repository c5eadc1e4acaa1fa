import {
  type ErrorRegistry,
  mergeErrors,
  type SteerableClock,
  steerableClock,
} from '@keyturn/kernel';
import { ledgerErrors } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import type { Logger } from 'pino';
import {
  type CommandRunner,
  createCommandRunner,
  createLogger,
  createMetrics,
  createOutbox,
  type Metrics,
  type Outbox,
  platformErrors,
} from '../src/platform/index.ts';

/** What a module's service stands on, over a database of the test's own. */
export interface TestPlatform {
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  readonly outbox: Outbox;
  readonly clock: SteerableClock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly errors: ErrorRegistry;
  readonly commands: CommandRunner;
  close(): Promise<void>;
}

/**
 * @param registries the error registries of the modules under test, besides platform's and
 * ledger's
 */
export async function createTestPlatform(
  ...registries: readonly ErrorRegistry[]
): Promise<TestPlatform> {
  const testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  const clock = steerableClock('2026-11-20T02:00:00Z');
  const logger = createLogger('test', process.env['KEYTURN_LOG_LEVEL'] ?? 'silent');
  const metrics = createMetrics('test');
  const errors = mergeErrors(platformErrors, ledgerErrors, ...registries);
  const commands = createCommandRunner({
    database,
    clock,
    logger,
    errors,
    onEvents: () => undefined,
  });
  return {
    testDatabase,
    database,
    outbox: createOutbox(database),
    clock,
    logger,
    metrics,
    errors,
    commands,
    close: async () => {
      await commands.close();
      await testDatabase.drop();
    },
  };
}
