import { encodeId } from '@keyturn/kernel';
import type { Static } from 'typebox';
import { moneyToWire } from '../../platform/index.ts';
import type { ActorOf } from '../../who/access/index.ts';
import type {
  AgreementSchema,
  DealSchema,
  DealSummarySchema,
  WaitingReleaseSchema,
} from './schemas.ts';
import { type Agreement, type Deal, heldOf, type Item, type Release } from './tables.ts';
import { termsToWire } from './terms-wire.ts';
import { itemName, roleName } from './view/facts.ts';

export type AgreementView = Static<typeof AgreementSchema>;
export type DealSummary = Static<typeof DealSummarySchema>;
export type DealView = Static<typeof DealSchema>;
export type ReleaseSummary = Static<typeof WaitingReleaseSchema>;

export function agreementView(agreement: Agreement, who: ActorOf): AgreementView {
  return {
    id: encodeId('agr', agreement.id),
    name: agreement.name,
    version: agreement.version,
    state: agreement.state,
    terms: termsToWire(agreement.terms),
    made_by: who(agreement.madeBy),
    ...(agreement.publishedBy === null ? {} : { published_by: who(agreement.publishedBy) }),
    created_at: agreement.createdAt.toString(),
    ...(agreement.publishedAt === null ? {} : { published_at: agreement.publishedAt.toString() }),
  };
}

export function dealSummary(deal: Deal): DealSummary {
  return {
    id: encodeId('deal', deal.id),
    number: deal.number,
    agreement_id: encodeId('agr', deal.agreementId),
    title: deal.title,
    city: deal.city,
    currency: deal.currency,
    state: deal.state,
    frozen: deal.freeze !== null,
    ...(deal.deadline === null ? {} : { deadline: deal.deadline.toString() }),
    created_at: deal.createdAt.toString(),
    ...(deal.finalAt === null ? {} : { final_at: deal.finalAt.toString() }),
  };
}

export function dealView(
  deal: Deal,
  agreement: Agreement,
  items: readonly Item[],
  names: ReadonlyMap<string, string>,
): DealView {
  const money = (amount: bigint) => moneyToWire(amount, deal.currency);
  const { terms } = agreement;
  return {
    ...dealSummary(deal),
    agreement: { name: agreement.name, version: agreement.version },
    agreed_roles: [...deal.agreedRoles],
    parties: deal.parties.map((party) => {
      const name = names.get(party.id);
      return {
        role: party.role,
        name: roleName(terms, party.role),
        kind: party.kind,
        id: encodeId(party.kind === 'person' ? 'per' : 'mer', party.id),
        ...(name === undefined ? {} : { shown_as: name }),
        ...(party.bankAccountId === null
          ? {}
          : { bank_account_id: encodeId('bac', party.bankAccountId) }),
        ...(party.bankAccountMasked === null ? {} : { bank_account: party.bankAccountMasked }),
      };
    }),
    items: items.map((item) => ({
      id: encodeId('itm', item.id),
      key: item.key,
      name: itemName(terms, item.key),
      amount: money(item.amountMinor),
      paid: money(item.paidMinor),
      held: money(heldOf(item)),
      ...(item.orderId === null ? {} : { order_id: encodeId('ord', item.orderId) }),
    })),
  };
}

/** @param amount minor units, of all its parts */
export function releaseSummary(
  release: Release,
  deal: Deal,
  { terms }: Agreement,
  amount: bigint,
  who: ActorOf,
): ReleaseSummary {
  const name = terms.releases.find(({ key }) => key === release.key)?.name;
  return {
    id: encodeId('rel', release.id),
    deal_id: encodeId('deal', release.dealId),
    deal_number: deal.number,
    deal_title: deal.title,
    key: release.key,
    name: name ?? { zh: release.key, en: release.key },
    role: release.role,
    to: { role: release.role, name: roleName(terms, release.role) },
    amount: moneyToWire(amount, deal.currency),
    state: release.state,
    maker: who(release.maker),
    requested_at: release.requestedAt.toString(),
  };
}
