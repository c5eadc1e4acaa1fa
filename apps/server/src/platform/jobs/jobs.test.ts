import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { createJobs, type Jobs } from './jobs.ts';

let platform: TestPlatform;
let jobs: Jobs;

beforeAll(async () => {
  platform = await createTestPlatform();
  jobs = createJobs({ url: platform.testDatabase.url, logger: platform.logger });
});
afterAll(async () => {
  await jobs.stop();
  await platform.close();
});

test('a job that was asked for twice under one key runs once, tried again when it fails', async () => {
  const seen: unknown[] = [];
  let first = true;
  await jobs.add('close-day', { date: '2026-11-20' }, 'close 2026-11-20');
  await jobs.add('close-day', { date: '2026-11-20' }, 'close 2026-11-20');
  const done = new Promise<void>((resolve) => {
    const work = async (payload: unknown) => {
      if (first) {
        first = false;
        throw new Error('not yet');
      }
      seen.push(payload);
      resolve();
    };
    void jobs.start([{ name: 'close-day', work, maxAttempts: 5 }]);
  });
  await done;
  expect(seen).toEqual([{ date: '2026-11-20' }]);
});
