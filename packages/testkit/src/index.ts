export { amounts, edgeAmounts, weights } from './arbitraries.ts';
export {
  administer,
  clusterVariables,
  createTestDatabase,
  inDatabase,
  type TestDatabase,
  templateName,
} from './database.ts';
export { askAll, type Finding, findBroken, type Invariant, withReader } from './invariants.ts';
export {
  createPostgresProxy,
  type Direction,
  type PassingMessage,
  type PostgresProxy,
  type Verdict,
} from './postgres-proxy.ts';
export { createRandom, type Random } from './random.ts';
