import { defineConfig } from 'vitest/config';

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
    // The first writes down every statement that the platform sends, and judges them at the end.
    globalSetup: ['apps/server/test/statements/run.ts', 'apps/server/test/global-setup.ts'],
    setupFiles: ['apps/server/test/statements/set-up.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
