export {
  type ClientOptions,
  createClient,
  type KeyturnClient,
  NoAnswerError,
  type Problem,
} from './client.ts';
export type { components, operations, paths } from './generated/api.d.ts';
