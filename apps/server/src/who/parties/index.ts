export { partiesErrors } from './errors.ts';
export { registerPartiesRoutes } from './routes.ts';
export { createPartiesService, type PartiesDeps } from './service.ts';
export type {
  BankAccountView,
  BookWanted,
  DocumentKind,
  LegalEntity,
  MerchantKind,
  MerchantView,
  NewBankAccount,
  NewMerchant,
  NewPerson,
  OwnerKind,
  PartiesService,
  PartyName,
  Payee,
  PersonView,
  Requester,
} from './types.ts';
