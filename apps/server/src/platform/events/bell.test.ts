import { afterAll, beforeAll, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { createBell } from './bell.ts';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await createTestPlatform();
});
afterAll(() => platform.close());

test('a ring in one process is heard in another, also after the listener lost its connection', async () => {
  const here = createBell(platform.database, platform.logger);
  const there = createBell(platform.testDatabase.open({ maxConnections: 1 }), platform.logger);
  let heard = Promise.withResolvers<void>();
  // The first call says that it listens.
  there.listen(() => heard.resolve());
  await heard.promise;
  heard = Promise.withResolvers<void>();
  here.ring();
  await heard.promise;
  heard = Promise.withResolvers<void>();
  const [row] = await platform.database.query<{ pid: number }>(
    `select pid from pg_stat_activity where query = 'listen keyturn_events'
      and datname = current_database()`,
  );
  await platform.testDatabase.terminate(row?.pid ?? 0);
  await heard.promise;
  await Promise.all([here.stop(), there.stop()]);
});
