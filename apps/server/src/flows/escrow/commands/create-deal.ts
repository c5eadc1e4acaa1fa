import { assert, encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec } from '@keyturn/ledger';
import type { Unit } from '@keyturn/pipeline';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import type { AgreementTerms, ItemTerms } from '../decide/agreement.ts';
import { refuse } from '../errors.ts';
import type { Routing } from '../routing.ts';
import type { Deal, Item, Party } from '../tables.ts';
import { createEscrowUnit, type EscrowUnit } from '../unit.ts';
import type { Actor } from './define.ts';

/** A new deal as the edge has checked it: parties exist, bank accounts are their own. */
export interface NewDeal {
  readonly agreementId: string;
  readonly title: string;
  readonly city: string;
  readonly currency: string;
  readonly parties: readonly Party[];
  /** Minor units by item key. */
  readonly items: readonly { readonly key: string; readonly amountMinor: bigint }[];
  readonly deadline?: string;
  readonly by: Actor;
}

interface Units extends Readonly<Record<string, Unit>> {
  readonly escrow: EscrowUnit;
}

/** Makes a deal by a published agreement, with its parties and the amounts of its items. */
export function defineCreateDeal(
  commands: CommandRunner,
  routing: Routing,
): Command<NewDeal, { dealId: string }> {
  return commands.define<NewDeal, Units, { dealId: string }>({
    name: 'escrow.create_deal',
    units: () => ({ escrow: createEscrowUnit() }),
    load: async (tx, { escrow }, calls) => {
      await escrow.loadAgreements(
        tx,
        calls.map(({ input }) => input.agreementId),
      );
    },
    decide: ({ escrow }, input, context): Result<{ dealId: string }, Refusal> => {
      const values = { agreement_id: encodeId('agr', input.agreementId) };
      const agreement = escrow.agreement(input.agreementId);
      if (!agreement) return refuse('agreement_not_found', { param: 'agreement_id', values });
      if (agreement.state !== 'published') return refuse('agreement_not_published', { values });
      const fits = checkFits(agreement.terms, input);
      if (!fits.ok) return fits;
      const homeless = agreement.terms.items.find(
        ({ regime }) => routing.ofRegime(regime, input.currency) === undefined,
      );
      if (homeless) {
        const { key: item, regime } = homeless;
        const values = { item, regime, currency: input.currency };
        return refuse('deal_custody_missing', { param: 'agreement_id', values });
      }
      return ok({ dealId: insertDeal(escrow, routing, agreement.terms, input, context) });
    },
  });
}

function checkFits(terms: AgreementTerms, input: NewDeal): Result<undefined, Refusal> {
  const paid = roles(terms);
  for (const role of terms.roles) {
    const party = input.parties.find((candidate) => candidate.role === role.key);
    const values = { role: role.key, kind: role.kind };
    const param = `parties.${role.key}`;
    if (!party) return refuse('deal_party_missing', { param, values });
    if (party.kind !== role.kind) return refuse('deal_party_unknown', { param, values });
    if (paid.has(role.key) && role.kind === 'person' && party.bankAccountId === null) {
      return refuse('release_payee_missing', { param, values });
    }
  }
  const known = terms.roles.map(({ key }) => key);
  const strange = input.parties.find(({ role }) => !known.includes(role));
  if (strange) {
    const values = { kind: 'role', key: strange.role, known: known.join(', ') };
    return refuse('deal_key_unknown', { param: 'parties', values });
  }
  return checkAmounts(terms, input);
}

function checkAmounts(terms: AgreementTerms, input: NewDeal): Result<undefined, Refusal> {
  const keys = terms.items.map(({ key }) => key);
  const strange = input.items.find(({ key }) => !keys.includes(key));
  if (strange) {
    const values = { kind: 'item', key: strange.key, known: keys.join(', ') };
    return refuse('deal_key_unknown', { param: 'items', values });
  }
  for (const key of keys) {
    const item = input.items.find((candidate) => candidate.key === key);
    if (!item || item.amountMinor <= 0n) {
      return refuse('deal_amount_missing', { param: `items.${key}`, values: { item: key } });
    }
  }
  return ok(undefined);
}

/**
 * The roles to whose bank accounts money may have to go: released to, forfeited to, or given back.
 */
function roles(terms: AgreementTerms): ReadonlySet<string> {
  const found = new Set(terms.releases.map(({ to }) => to));
  for (const item of terms.items) {
    if (item.methods.includes('bank_transfer')) found.add(item.payer);
    const forfeited = terms.failures.some(({ items }) =>
      items.some((part) => part.item === item.key && part.action === 'forfeit'),
    );
    if (forfeited && item.destination === 'escrowed') found.add(item.beneficiary);
  }
  return found;
}

function insertDeal(
  escrow: EscrowUnit,
  routing: Routing,
  terms: AgreementTerms,
  input: NewDeal,
  context: CommandContext,
): string {
  const id = context.newId(input.by.id);
  const number = encodeId('', id).slice(1);
  const deal: Deal = {
    id,
    number,
    agreementId: input.agreementId,
    integratorId: input.by.id,
    title: input.title,
    city: input.city,
    currency: input.currency,
    state: 'draft',
    stateBefore: null,
    parties: input.parties,
    agreedRoles: [],
    deadline: input.deadline === undefined ? null : Temporal.Instant.from(input.deadline),
    freeze: null,
    dueAt: null,
    failureKey: null,
    failureReason: null,
    failureBy: null,
    createdAt: context.now,
    finalAt: null,
    events: 0n,
    lines: 0,
  };
  escrow.deals.insert(deal);
  for (const [position, item] of terms.items.entries()) {
    const itemId = context.newId(id);
    const amountMinor = input.items.find(({ key }) => key === item.key)?.amountMinor ?? 0n;
    const account = accountFor(routing, item, itemId, input);
    escrow.items.insert(itemRow(itemId, deal, item, position, amountMinor, account));
  }
  const { agreementId: agreement_id } = input;
  escrow.tell(id, 'escrow.deal_created', { agreement_id, number }, context);
  escrow.line(id, { kind: 'deal_created' }, context.now);
  return id;
}

/** Where an item's money will lie: a fund of its own, or its beneficiary's pending account. */
function accountFor(
  routing: Routing,
  item: ItemTerms,
  itemId: string,
  { parties, currency }: NewDeal,
): AccountSpec {
  const route = routing.ofRegime(item.regime, currency);
  assert(route !== undefined, 'every item has a custody');
  const { book } = route;
  if (item.destination === 'escrowed') return { book, code: 2101, owner: itemId };
  const owner = parties.find(({ role }) => role === item.beneficiary)?.id ?? '';
  return { book, code: 2002, owner };
}

function itemRow(
  id: string,
  deal: Deal,
  item: ItemTerms,
  position: number,
  amountMinor: bigint,
  account: AccountSpec,
): Item {
  return {
    id,
    dealId: deal.id,
    key: item.key,
    position,
    amountMinor,
    ...account,
    paidMinor: 0n,
    convertedInMinor: 0n,
    convertedOutMinor: 0n,
    reservedMinor: 0n,
    movingMinor: 0n,
    releasedMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    sharedMinor: 0n,
    orderId: null,
    openMinor: 0n,
    fundedAt: null,
  };
}
