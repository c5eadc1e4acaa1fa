export type { ChannelAnswer } from './answer.ts';
export type {
  Contract,
  ContractDraft,
  EscrowBankConfig,
  EscrowBankContract,
  WechatPayConfig,
  WechatPayContract,
} from './contract.ts';
export {
  type ChannelCredentials,
  CredentialError,
  type CredentialStore,
  createCredentialStore,
  type EnrolmentData,
} from './credentials.ts';
export {
  type NotFoundFacts,
  nextQueryAt,
  notFoundProves,
  type ProofRule,
} from './decide/unknown-policy.ts';
export { noBill } from './decide/wechat-pay-codes.ts';
export { channelsErrors } from './errors.ts';
export { type AccountEntries, entryOf, readBankEntries } from './escrow-bank/entries.ts';
export { channelsPollers } from './jobs.ts';
export { maskName, maskNumber } from './masking.ts';
export { registerChannelsRoutes } from './routes.ts';
export { type ChannelsDeps, createChannelsService } from './service.ts';
export type * from './types.ts';
