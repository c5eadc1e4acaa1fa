export {
  administer,
  clusterVariables,
  createTestDatabase,
  inDatabase,
  type TestDatabase,
  templateName,
} from './database.ts';
