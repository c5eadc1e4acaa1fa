import { encodeId } from '@keyturn/kernel';
import type { Static } from 'typebox';
import { moneyToWire } from '../../../platform/index.ts';
import { type AgreementTerms, failureOf } from '../decide/agreement.ts';
import {
  heldOf,
  type Item,
  isEscrowed,
  type Leg,
  type Line,
  missingOf,
  type Release,
} from '../tables.ts';
import {
  type DealFacts,
  itemName,
  roleName,
  termsOfItem,
  type Viewer,
  visibleItems,
} from './facts.ts';
import { type FlowNode, flowOf } from './flow.ts';
import { type NextStep, nextSteps } from './next.ts';
import type { DealMoneySchema } from './schemas.ts';

export type DealMoneyView = Static<typeof DealMoneySchema>;

/**
 * What is where, what is next and who has to do it, how it came so, and the picture of it. A party
 * sees what concerns it: no other party's bank account, no names, none of the operator's ids.
 */
export function dealMoneyView(facts: DealFacts, viewer: Viewer): DealMoneyView {
  const { terms } = facts.agreement;
  const seen = visibleItems(terms, viewer);
  const show: Show = { facts, terms, viewer, seen };
  const items = facts.items.filter(({ key }) => seen.has(key));
  const legs = facts.legs.filter((leg) => items.some(({ id }) => id === leg.itemId));
  const sum = (of: (item: Item) => bigint) =>
    moneyToWire(
      items.reduce((total, item) => total + of(item), 0n),
      facts.deal.currency,
    );
  return {
    deal: dealHead(show),
    ...viewerOf(show),
    server_time: facts.now.toString(),
    totals: {
      // What was converted from another item is owed once, where it was paid.
      owed: sum((item) => item.paidMinor + missingOf(item)),
      paid: sum((item) => item.paidMinor),
      held: sum((item) => (isEscrowed(item) ? heldOf(item) : 0n)),
      moving: sum((item) => item.movingMinor + item.refundingMinor),
      released: sum((item) => item.releasedMinor),
      refunded: sum((item) => item.refundedMinor),
      shared: sum((item) => item.sharedMinor),
    },
    items: items.map((item) => itemView(show, item)),
    next: nextSteps(facts)
      .filter((step) => step.item === undefined || seen.has(step.item))
      .map((step) => nextView(show, step)),
    conditions: conditionViews(show),
    releases: facts.releases
      .filter((release) => legs.some(({ releaseId }) => releaseId === release.id))
      .map((release) => releaseView(show, release)),
    refunds: legs.filter(({ purpose }) => purpose !== 'release').map((leg) => legView(show, leg)),
    shortfalls: facts.shortfalls
      .filter(({ amountMinor, itemId }) => amountMinor > 0n && items.some((i) => i.id === itemId))
      .map(({ itemId, role, reason, amountMinor }) => ({
        item: named(terms, keyOf(facts, itemId)),
        owed_by: roleView(terms, role),
        reason,
        amount: moneyToWire(amountMinor, facts.deal.currency),
      })),
    timeline: facts.lines
      .filter(({ itemKey }) => itemKey === null || seen.has(itemKey))
      .map((line) => lineView(show, line)),
    flow: flowView(show),
  };
}

interface Show {
  readonly facts: DealFacts;
  readonly terms: AgreementTerms;
  readonly viewer: Viewer;
  readonly seen: ReadonlySet<string>;
}

function keyOf(facts: DealFacts, itemId: string): string {
  return facts.items.find(({ id }) => id === itemId)?.key ?? '';
}

function named(terms: AgreementTerms, key: string) {
  return { key, name: itemName(terms, key) };
}

function roleView(terms: AgreementTerms, role: string) {
  return { role, name: roleName(terms, role) };
}

function optional<K extends string, V>(key: K, value: V | null | undefined) {
  return value === null || value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

function dealHead({ facts, terms, viewer }: Show): DealMoneyView['deal'] {
  const { deal } = facts;
  const failure = deal.failureKey === null ? undefined : failureOf(terms, deal.failureKey);
  const inside = viewer === undefined;
  return {
    id: encodeId('deal', deal.id),
    number: deal.number,
    title: deal.title,
    city: deal.city,
    state: deal.state,
    currency: deal.currency,
    ...optional('deadline', deal.deadline?.toString()),
    created_at: deal.createdAt.toString(),
    ...optional('final_at', deal.finalAt?.toString()),
    ...(deal.freeze === null
      ? {}
      : {
          freeze: {
            items: [...deal.freeze.items],
            // Why money is frozen is between the operator and who ordered it.
            ...optional('reason', inside ? deal.freeze.reason : undefined),
            ...optional('until', deal.freeze.until),
          },
        }),
    ...(failure
      ? {
          failure: {
            key: failure.key,
            name: failure.name,
            ...optional('reason', inside ? deal.failureReason : undefined),
            ...optional(
              'asked_by',
              inside && deal.failureBy ? facts.who(deal.failureBy) : undefined,
            ),
          },
        }
      : {}),
  };
}

function viewerOf({ facts, terms, viewer }: Show): Pick<DealMoneyView, 'viewer'> {
  if (viewer === undefined) return {};
  const party = facts.deal.parties.find(({ role }) => role === viewer);
  const account = optional('account', party?.bankAccountMasked);
  return { viewer: { ...roleView(terms, viewer), ...account } };
}

function itemState(item: Item): DealMoneyView['items'][number]['state'] {
  const held = heldOf(item);
  if (item.movingMinor + item.refundingMinor > 0n) return 'moving';
  if (item.paidMinor + item.convertedInMinor === 0n)
    return item.openMinor > 0n ? 'ordered' : 'open';
  if (missingOf(item) > 0n) return 'partly_paid';
  if (held > 0n || item.sharedMinor > 0n) return 'paid';
  if (item.releasedMinor > 0n) return 'released';
  return item.refundedMinor > 0n ? 'refunded' : 'converted';
}

function itemView({ facts, terms }: Show, item: Item): DealMoneyView['items'][number] {
  const money = (amount: bigint) => moneyToWire(amount, facts.deal.currency);
  const its = termsOfItem(facts, item);
  const { freeze } = facts.deal;
  return {
    id: encodeId('itm', item.id),
    key: item.key,
    name: its.name,
    state: itemState(item),
    custody: its.regime,
    escrowed: isEscrowed(item),
    payer: roleView(terms, its.payer),
    beneficiary: roleView(terms, its.beneficiary),
    amount: money(item.amountMinor),
    paid: money(item.paidMinor),
    missing: money(missingOf(item)),
    held: money(heldOf(item)),
    promised: money(item.reservedMinor),
    moving: money(item.movingMinor),
    released: money(item.releasedMinor),
    refunding: money(item.refundingMinor),
    refunded: money(item.refundedMinor),
    converted_in: money(item.convertedInMinor),
    converted_out: money(item.convertedOutMinor),
    shared: money(item.sharedMinor),
    frozen: freeze !== null && (freeze.items.length === 0 || freeze.items.includes(item.key)),
    ...(item.orderId === null
      ? {}
      : { order: { id: encodeId('ord', item.orderId), open: money(item.openMinor) } }),
  };
}

function nextView({ facts, terms, viewer }: Show, step: NextStep): DealMoneyView['next'][number] {
  const release = terms.releases.find(({ key }) => key === step.release);
  const condition = terms.conditions.find(({ key }) => key === step.condition);
  const { who, to } = step;
  const target = to === undefined ? undefined : terms.items.find(({ key }) => key === to)?.name;
  const mine =
    who.kind === 'role' ? who.role === viewer : viewer === undefined && who.kind === 'operator';
  return {
    key: step.kind,
    who: who.kind === 'role' ? { ...who, name: roleName(terms, who.role) } : who,
    mine,
    ...(step.item === undefined ? {} : { item: named(terms, step.item) }),
    ...(to === undefined ? {} : { to: { key: to, name: target ?? roleName(terms, to) } }),
    ...(release ? { release: { key: release.key, name: release.name } } : {}),
    ...(condition ? { condition: { key: condition.key, name: condition.name } } : {}),
    ...(step.amount === undefined ? {} : { amount: moneyToWire(step.amount, facts.deal.currency) }),
    ...optional('order_id', step.orderId),
    ...optional('release_id', viewer === undefined ? step.releaseId : undefined),
  };
}

function conditionViews({ facts, terms, seen, viewer }: Show): DealMoneyView['conditions'] {
  const asked = new Set(
    terms.releases
      .filter(({ items }) => items.some(({ item }) => seen.has(item)))
      .flatMap(({ when }) => when),
  );
  return terms.conditions
    .filter(({ key, by }) => viewer === undefined || asked.has(key) || by === viewer)
    .map((condition) => {
      const proof = facts.evidence.find(({ kind }) => kind === condition.evidence);
      const mayRead = viewer === undefined || viewer === proof?.role;
      return {
        key: condition.key,
        name: condition.name,
        evidence: condition.evidence,
        by: roleView(terms, condition.by),
        fulfilled: proof !== undefined,
        ...optional('fulfilled_at', proof?.at.toString()),
        ...optional('reference', mayRead ? proof?.reference : undefined),
        ...optional('document_sha256', proof?.documentSha256),
      };
    });
}

function releaseView(show: Show, release: Release): DealMoneyView['releases'][number] {
  const { facts, terms, viewer } = show;
  const name = terms.releases.find(({ key }) => key === release.key)?.name;
  const parts = facts.legs.filter(({ releaseId }) => releaseId === release.id);
  const amount = parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const inside = viewer === undefined;
  return {
    id: encodeId('rel', release.id),
    key: release.key,
    name: name ?? { zh: release.key, en: release.key },
    state: release.state,
    to: roleView(terms, release.role),
    amount: moneyToWire(amount, facts.deal.currency),
    ...optional('maker', inside ? facts.who(release.maker) : undefined),
    ...optional('checker', inside && release.checker ? facts.who(release.checker) : undefined),
    ...optional('reason', inside ? release.reason : undefined),
    requested_at: release.requestedAt.toString(),
    ...optional('decided_at', release.decidedAt?.toString()),
    ...optional('done_at', release.doneAt?.toString()),
    parts: parts.map((leg) => legView(show, leg)),
  };
}

function legView({ facts, terms, viewer }: Show, leg: Leg): DealMoneyView['refunds'][number] {
  const party = facts.deal.parties.find(({ role }) => role === leg.role);
  const mayRead = viewer === undefined || viewer === leg.role;
  const account = leg.way === 'payout' && mayRead ? party?.bankAccountMasked : undefined;
  const inside = viewer === undefined;
  const payout = leg.payoutId === null ? undefined : encodeId('pyt', leg.payoutId);
  const refund = leg.refundId === null ? undefined : encodeId('rfd', leg.refundId);
  return {
    item: named(terms, keyOf(facts, leg.itemId)),
    to: roleView(terms, leg.role),
    way: leg.way,
    amount: moneyToWire(leg.amountMinor, facts.deal.currency),
    state: leg.state,
    ...optional('account', account),
    ...optional('payout_id', inside ? payout : undefined),
    ...optional('refund_id', inside ? refund : undefined),
    ...optional('reason', mayRead ? leg.reason : undefined),
    at: leg.at.toString(),
    ...optional('final_at', leg.finalAt?.toString()),
  };
}

/** Parameters that a party may not read: why, and by which paper. */
const insideOnly = new Set(['reason', 'reference']);

function lineView({ facts, terms, viewer }: Show, line: Line): DealMoneyView['timeline'][number] {
  const parameters: DealMoneyView['timeline'][number]['parameters'] = {};
  for (const [key, value] of Object.entries(line.parameters)) {
    if (viewer !== undefined && insideOnly.has(key) && line.role !== viewer) continue;
    parameters[key] = nameOfParameter(terms, key, value);
  }
  return {
    at: line.at.toString(),
    key: line.kind,
    ...(line.itemKey === null ? {} : { item: named(terms, line.itemKey) }),
    ...(line.role === null ? {} : { role: roleView(terms, line.role) }),
    ...(line.amountMinor === null
      ? {}
      : { amount: moneyToWire(line.amountMinor, facts.deal.currency) }),
    parameters,
  };
}

/** What the agreement names is shown by its name in both languages; the rest as it is. */
function nameOfParameter(terms: AgreementTerms, key: string, value: string) {
  const lists = {
    release: terms.releases,
    condition: terms.conditions,
    failure: terms.failures,
    to: terms.items,
  };
  const list = Object.hasOwn(lists, key) ? lists[key as keyof typeof lists] : [];
  return list.find((one) => one.key === value)?.name ?? value;
}

function flowView(show: Show): DealMoneyView['flow'] {
  const { facts, seen, viewer } = show;
  const { nodes, edges } = flowOf(facts, seen, viewer);
  const money = (amount: bigint) => moneyToWire(amount, facts.deal.currency);
  return {
    nodes: nodes.map((node) => ({
      id: node.id,
      kind: node.kind,
      label: labelOf(show, node),
      amount: money(node.amount),
    })),
    edges: edges.map((edge) => ({ ...edge, amount: money(edge.amount) })),
  };
}

function labelOf({ facts, terms, viewer }: Show, node: FlowNode) {
  if (node.item !== undefined)
    return { key: `flow.${node.kind}`, name: itemName(terms, node.item) };
  if (node.role === undefined) return { key: `flow.${node.kind}` };
  const party = facts.deal.parties.find(({ role }) => role === node.role);
  const mayRead = viewer === undefined || viewer === node.role;
  const name = mayRead ? facts.names.get(party?.id ?? '') : undefined;
  const account = node.kind === 'payee' && mayRead ? party?.bankAccountMasked : undefined;
  return {
    key: `flow.${node.kind}`,
    name: roleName(terms, node.role),
    ...optional('text', account ?? name),
  };
}
