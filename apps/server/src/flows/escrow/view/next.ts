import { encodeId } from '@keyturn/kernel';
import { failureOf } from '../decide/agreement.ts';
import { decideConversion } from '../decide/conversion.ts';
import { entitledOf, openConditions, takenBy } from '../decide/release.ts';
import { availableOf, missingOf } from '../tables.ts';
import { type DealFacts, termsOfItem } from './facts.ts';

/** Something that somebody has to do, or that a bank is doing. `kind` is the sentence's key. */
export interface NextStep {
  readonly kind:
    | 'agree'
    | 'open_order'
    | 'pay'
    | 'convert'
    | 'bring_evidence'
    | 'request_release'
    | 'approve_release'
    | 'approve_cancel'
    | 'bank_pays'
    | 'channel_refunds'
    | 'retry_release'
    | 'retry_refund'
    | 'settle_shortfall'
    | 'lift_freeze';
  /** Who has to do it: a role of the deal, the operator, or the bank. */
  readonly who:
    | { readonly kind: 'role'; readonly role: string }
    | { readonly kind: 'operator' }
    | { readonly kind: 'bank' };
  readonly item?: string;
  readonly to?: string;
  readonly release?: string;
  readonly condition?: string;
  readonly amount?: bigint;
  readonly orderId?: string;
  readonly releaseId?: string;
}

const operator = { kind: 'operator' } as const;
const bank = { kind: 'bank' } as const;
const roleOf = (role: string) => ({ kind: 'role', role }) as const;

/**
 * What is next, the most urgent first: what a bank does, what failed, approvals, payments,
 * evidence.
 */
export function nextSteps(facts: DealFacts): readonly NextStep[] {
  const { deal } = facts;
  if (deal.state === 'canceled') return [];
  const steps: NextStep[] = [];
  if (deal.freeze !== null) steps.push({ kind: 'lift_freeze', who: operator });
  steps.push(...moving(facts), ...approvals(facts));
  if (deal.state === 'draft') {
    const open = facts.agreement.terms.roles.filter(({ key }) => !deal.agreedRoles.includes(key));
    return [...steps, ...open.map(({ key }) => ({ kind: 'agree', who: roleOf(key) }) as const)];
  }
  if (['refunding', 'refunded', 'partly_refunded'].includes(deal.state)) {
    return [...steps, ...unwinding(facts)];
  }
  if (deal.state === 'cancel_requested') return steps;
  const failed = failedReleases(facts);
  // What failed is asked for again by the same release: it is not one more thing to do.
  const retried = new Set(failed.map(({ release }) => release));
  const asked = ready(facts).filter(({ release }) => !retried.has(release));
  return [...steps, ...failed, ...payments(facts), ...evidence(facts), ...asked];
}

function itemKey(facts: DealFacts, itemId: string): string {
  return facts.items.find(({ id }) => id === itemId)?.key ?? '';
}

function moving(facts: DealFacts): NextStep[] {
  return facts.legs
    .filter(({ state }) => state === 'moving')
    .map((leg) => ({
      kind: leg.way === 'acquirer' ? 'channel_refunds' : 'bank_pays',
      who: bank,
      item: itemKey(facts, leg.itemId),
      to: leg.role,
      amount: leg.amountMinor,
    }));
}

function approvals(facts: DealFacts): NextStep[] {
  const waiting = facts.releases
    .filter(({ state }) => state === 'pending_approval')
    .map((release): NextStep => {
      const legs = facts.legs.filter(({ releaseId }) => releaseId === release.id);
      const amount = legs.reduce((sum, leg) => sum + leg.amountMinor, 0n);
      const releaseId = encodeId('rel', release.id);
      const { key, role: to } = release;
      return { kind: 'approve_release', who: operator, release: key, to, amount, releaseId };
    });
  if (facts.deal.state !== 'cancel_requested') return waiting;
  return [...waiting, { kind: 'approve_cancel', who: operator }];
}

/** Parts that failed or came back and that nobody has asked for again. */
function failedReleases(facts: DealFacts): NextStep[] {
  return facts.legs
    .filter((leg) => leg.purpose === 'release')
    .filter(({ state }) => state === 'failed' || state === 'returned')
    .filter((leg) => {
      const item = facts.items.find(({ id }) => id === leg.itemId);
      return item !== undefined && availableOf(item) >= leg.amountMinor;
    })
    .map((leg) => {
      const release = facts.releases.find(({ id }) => id === leg.releaseId)?.key ?? '';
      const item = itemKey(facts, leg.itemId);
      return { kind: 'retry_release', who: operator, item, release, amount: leg.amountMinor };
    });
}

function unwinding(facts: DealFacts): NextStep[] {
  const failure = failureOf(facts.agreement.terms, facts.deal.failureKey);
  const busy = facts.legs.some(({ state }) => state === 'moving');
  const left = busy
    ? []
    : facts.items
        .filter((item) => item.code === 2101 && availableOf(item) > 0n && failure)
        .map(
          (item): NextStep => ({
            kind: 'retry_refund',
            who: operator,
            item: item.key,
            amount: availableOf(item),
          }),
        );
  const owed = facts.shortfalls
    .filter(({ amountMinor }) => amountMinor > 0n)
    .map(
      (shortfall): NextStep => ({
        kind: 'settle_shortfall',
        who: roleOf(shortfall.role),
        item: itemKey(facts, shortfall.itemId),
        amount: shortfall.amountMinor,
      }),
    );
  return [...left, ...owed];
}

function payments(facts: DealFacts): NextStep[] {
  const { terms } = facts.agreement;
  const steps: NextStep[] = [];
  for (const rule of terms.conversions) {
    const from = facts.items.find(({ key }) => key === rule.from);
    const to = facts.items.find(({ key }) => key === rule.to);
    if (!from || !to || !['funding', 'funded'].includes(facts.deal.state)) continue;
    const amount = decideConversion(rule, from, to, undefined, facts.deal.currency);
    if (!amount.ok) continue;
    steps.push({
      kind: 'convert',
      who: operator,
      item: from.key,
      to: to.key,
      amount: amount.value,
    });
  }
  for (const item of facts.items) {
    const { payer, required } = termsOfItem(facts, item);
    const who = roleOf(payer);
    if (item.openMinor > 0n) {
      const orderId = encodeId('ord', item.orderId ?? '');
      steps.push({ kind: 'pay', who, item: item.key, amount: item.openMinor, orderId });
    } else if (missingOf(item) > 0n && required) {
      steps.push({ kind: 'open_order', who, item: item.key, amount: missingOf(item) });
    }
  }
  return steps;
}

function evidenceKinds(facts: DealFacts): ReadonlySet<string> {
  return new Set(facts.evidence.map(({ kind }) => kind));
}

function evidence(facts: DealFacts): NextStep[] {
  if (facts.deal.state === 'released') return [];
  const kinds = evidenceKinds(facts);
  return facts.agreement.terms.conditions
    .filter((condition) => !kinds.has(condition.evidence))
    .map(({ key, by }) => ({ kind: 'bring_evidence', who: roleOf(by), condition: key }));
}

/** Releases whose conditions are fulfilled and that still have something to give. */
function ready(facts: DealFacts): NextStep[] {
  const { terms } = facts.agreement;
  const kinds = evidenceKinds(facts);
  const steps: NextStep[] = [];
  for (const release of terms.releases) {
    if (openConditions(terms, release, kinds).length > 0) continue;
    if (facts.deal.state === 'funding' && !release.beforeFunded) continue;
    const ids = facts.releases.filter(({ key }) => key === release.key).map(({ id }) => id);
    let amount = 0n;
    for (const item of facts.items) {
      if (!release.items.some((part) => part.item === item.key)) continue;
      const taken = takenBy(facts.legs, new Set(ids), item.id);
      const left = entitledOf(terms, release, item, taken);
      const available = availableOf(item);
      amount += left < available ? left : available;
    }
    const { key, to } = release;
    if (amount > 0n) {
      steps.push({ kind: 'request_release', who: operator, release: key, to, amount });
    }
  }
  return steps;
}
