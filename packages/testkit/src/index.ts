export {
  administer,
  clusterVariables,
  createTestDatabase,
  inDatabase,
  type TestDatabase,
  templateName,
} from './database.ts';
export { createPostgresProxy, type Direction, type PostgresProxy } from './postgres-proxy.ts';
