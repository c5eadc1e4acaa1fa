import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@keyturn/postgres';
import { administer, clusterVariables, inDatabase, templateName } from '@keyturn/testkit';
import { arrangeCluster, migrate } from '../src/platform/index.ts';

/** One PostgreSQL for the whole run, with a migrated template that each test file clones. */
export default async function setUp(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
  const server = await startPostgres({
    dataDirectory: directory,
    durable: false,
    settings: { max_connections: 200, shared_buffers: '128MB' },
  });
  const urls = await arrangeCluster(server.url, templateName);
  await migrate(urls.migrate, 'keyturn_app');
  await administer(
    inDatabase(server.url, 'postgres'),
    `alter database ${templateName} with is_template true`,
  );
  process.env[clusterVariables.superuser] = server.url;
  process.env[clusterVariables.app] = urls.app;
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
