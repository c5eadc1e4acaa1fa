import { openDatabase } from '@keyturn/pipeline';
import { administer, createTestDatabase } from '@keyturn/testkit';
import { expect, test } from 'vitest';
import { listMigrations, MigrationError, migrate } from './migrate.ts';

test('a migrated database has every step once, and migrating again does nothing', async () => {
  const testDatabase = await createTestDatabase();
  expect(await migrate(testDatabase.superuserUrl, 'keyturn_app')).toEqual([]);
  const rows = await testDatabase.open().query('select name from platform.migration');
  expect(rows).toHaveLength((await listMigrations()).length);
  await testDatabase.drop();
});

test.each([
  [
    'of a newer version',
    `insert into platform.migration values ('9999_future.sql', 'x')`,
    /newer version/,
  ],
  ['with a changed step', `update platform.migration set sha256 = 'x'`, /was changed after it ran/],
])('a database %s is refused and left as it is', async (_name, sql, sentence) => {
  const testDatabase = await createTestDatabase();
  await administer(testDatabase.superuserUrl, sql);
  const attempt = migrate(testDatabase.superuserUrl, 'keyturn_app');
  await expect(attempt).rejects.toThrow(MigrationError);
  await expect(attempt).rejects.toThrow(sentence);
  await testDatabase.drop();
});

test('the running role is no owner and cannot make tables', async () => {
  const testDatabase = await createTestDatabase();
  const database = openDatabase({ url: testDatabase.url, applicationName: 'test' });
  await expect(database.query('create table platform.x (n int)')).rejects.toThrow(
    'permission denied',
  );
  await expect(database.query('delete from platform.command')).rejects.toThrow('permission denied');
  await database.close();
  await testDatabase.drop();
});
