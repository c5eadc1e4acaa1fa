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
    globalSetup: ['apps/server/test/global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
