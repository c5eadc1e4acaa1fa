import { defineConfig } from 'vitest/config';

/**
 * Every statement that the tests make the platform send is written down and judged at the end,
 * when that is asked for.
 */
const judgesStatements = process.env['KEYTURN_STATEMENTS'] === 'judge';

/**
 * One configuration for every workspace. Two workers: the suite is meant for two cores, and each
 * test file that needs PostgreSQL has a database of its own on the run's one server.
 */
export default defineConfig({
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    globalSetup: [
      ...(judgesStatements ? ['apps/server/test/statements/run.ts'] : []),
      'apps/server/test/global-setup.ts',
    ],
    setupFiles: judgesStatements ? ['apps/server/test/statements/set-up.ts'] : [],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
