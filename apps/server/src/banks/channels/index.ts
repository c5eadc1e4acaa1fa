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
  type NotFoundFacts,
  nextQueryAt,
  notFoundProves,
  type ProofRule,
} from './decide/unknown-policy.ts';
export { channelsErrors } from './errors.ts';
export type * from './types.ts';
