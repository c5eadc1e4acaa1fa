import { assert } from '@keyturn/kernel';
import type { CommandContext } from '../../platform/index.ts';
import type { DealStep } from './decide/deal-state.ts';
import { movingOf } from './money.ts';
import { type Deal, heldOf, isEscrowed, type Leg, missingOf, type Release } from './tables.ts';
import type { EscrowUnit } from './unit.ts';

/** How a deal goes on by what happened to its money. */

/** Takes a funding deal on when nothing that it requires is missing any more. */
export function settleFunding(escrow: EscrowUnit, dealId: string, context: CommandContext): void {
  const deal = dealIn(escrow, dealId);
  if (deal.state !== 'funding') return;
  const terms = escrow.terms(dealId);
  const required = new Set(terms.items.filter((item) => item.required).map(({ key }) => key));
  const open = escrow
    .itemsOf(dealId)
    .some((item) => required.has(item.key) && missingOf(item) > 0n);
  if (open) return;
  const stepped = escrow.step(deal, 'all_funded', 'fund');
  assert(stepped.ok, 'a funding deal becomes funded');
  escrow.tell(dealId, 'escrow.deal_funded', {}, context);
  escrow.line(dealId, { kind: 'deal_funded' }, context.now);
}

/** What one leg's end means for its release: done when all arrived, failed when one did not. */
export function settleRelease(
  escrow: EscrowUnit,
  releaseId: string,
  context: CommandContext,
): Release {
  const release = escrow.releases.get(releaseId);
  assert(release !== undefined, 'a leg belongs to a release');
  const states = escrow
    .legsOf(release.dealId)
    .filter((leg) => leg.releaseId === releaseId)
    .map(({ state }) => state);
  if (states.includes('moving')) return release;
  const done = states.every((state) => state === 'paid');
  return escrow.releases.update(releaseId, {
    state: done ? 'done' : 'failed',
    doneAt: done ? context.now : null,
  });
}

/** Where a deal stands after money arrived, failed or came back. */
export function settleDeal(escrow: EscrowUnit, dealId: string, context: CommandContext): void {
  const deal = dealIn(escrow, dealId);
  const items = escrow.itemsOf(dealId);
  if (movingOf(items) > 0n) return;
  if (deal.state === 'refunding') {
    settleRefund(escrow, deal, context);
    return;
  }
  const step = releaseStep(escrow, deal);
  if (step === undefined) return;
  const stepped = escrow.step(deal, step, 'release');
  if (!stepped.ok || stepped.value.state === deal.state) return;
  const final = stepped.value.state === 'released';
  escrow.deals.update(dealId, { finalAt: final ? context.now : null });
  if (!final) return;
  escrow.tell(dealId, 'escrow.deal_released', {}, context);
  escrow.line(dealId, { kind: 'deal_released' }, context.now);
}

function releaseStep(escrow: EscrowUnit, deal: Deal): DealStep | undefined {
  const items = escrow.itemsOf(deal.id).filter(isEscrowed);
  const released = items.reduce((sum, item) => sum + item.releasedMinor, 0n);
  const held = items.reduce((sum, item) => sum + heldOf(item), 0n);
  const terms = escrow.terms(deal.id);
  const required = new Set(terms.items.filter((item) => item.required).map(({ key }) => key));
  const missing = escrow
    .itemsOf(deal.id)
    .some((item) => required.has(item.key) && missingOf(item) > 0n);
  if (held === 0n && released > 0n && !missing) return 'settle_all';
  if (deal.state === 'released') return released > 0n ? 'undo_part' : 'undo_all';
  if (released > 0n) return 'settle_part';
  return 'undo_all';
}

/** A refund is over when nothing moves and nothing that was to go back is left. */
function settleRefund(escrow: EscrowUnit, deal: Deal, context: CommandContext): void {
  const left = escrow.itemsOf(deal.id).reduce((sum, item) => sum + heldOf(item), 0n);
  if (left > 0n) return;
  const shortfall = [...escrow.shortfalls.all()]
    .filter(({ dealId }) => dealId === deal.id)
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const stepped = escrow.step(deal, shortfall > 0n ? 'refund_part' : 'refund_all', 'refund');
  assert(stepped.ok, 'a refunding deal ends');
  escrow.deals.update(deal.id, { finalAt: context.now });
  escrow.tell(deal.id, 'escrow.deal_refunded', { shortfall_minor: shortfall }, context);
  const kind = shortfall > 0n ? 'deal_partly_refunded' : 'deal_refunded';
  escrow.line(deal.id, { kind, amountMinor: shortfall }, context.now);
}

/** How a leg ended at the bank or acquirer. */
export type LegEnd =
  | { readonly state: 'paid' }
  | { readonly state: 'failed'; readonly reason: string }
  /** `backMinor`: what is on its item again; the rest was kept by a bank on the way. */
  | { readonly state: 'returned'; readonly reason: string; readonly backMinor: bigint };

/**
 * Books the end of a leg on its item. A repeat, and what the leg's state does not know, changes
 * nothing.
 */
export function endLeg(
  escrow: EscrowUnit,
  leg: Leg,
  end: LegEnd,
  context: CommandContext,
): boolean {
  const returned = leg.state === 'paid' && end.state === 'returned';
  // A refund that the acquirer refused can be tried again there, and then succeeds after all; and a
  // bank may have paid what it had refused.
  const revived = leg.state === 'failed' && end.state === 'paid';
  if (leg.state !== 'moving' && !returned && !revived) return false;
  const item = escrow.items.get(leg.itemId);
  assert(item !== undefined, 'a leg belongs to an item');
  const amount = leg.amountMinor;
  const back = end.state === 'paid' ? 0n : end.state === 'failed' ? amount : end.backMinor;
  assert(back <= amount, 'no more comes back than was sent');
  const refund = leg.purpose === 'refund';
  const moved = refund ? 'refundingMinor' : 'movingMinor';
  const arrived = refund ? 'refundedMinor' : 'releasedMinor';
  const before = returned ? amount : 0n;
  escrow.items.update(item.id, {
    ...(leg.state === 'moving' ? { [moved]: item[moved] - amount } : {}),
    [arrived]: item[arrived] - before + amount - back,
  });
  const given = (revived ? amount : 0n) - back;
  if (given !== 0n && leg.fundingId !== null) {
    const funding = escrow.fundings.get(leg.fundingId);
    assert(funding !== undefined, 'a refund gives a payment back');
    escrow.fundings.update(funding.id, { refundedMinor: funding.refundedMinor + given });
  }
  const reason = end.state === 'paid' ? null : end.reason;
  escrow.legs.update(leg.id, { state: end.state, reason, finalAt: context.now });
  return true;
}

function dealIn(escrow: EscrowUnit, dealId: string): Deal {
  const deal = escrow.deals.get(dealId);
  assert(deal !== undefined, 'a deal of this batch');
  return deal;
}
