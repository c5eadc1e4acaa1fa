import { encodeId, ok } from '@keyturn/kernel';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import type { MoneyGround, MoneyUnits } from '../money.ts';
import { endLeg, type LegEnd, settleDeal, settleRelease } from '../progress.ts';
import { heldOf, type Leg } from '../tables.ts';
import { defineDealCommand } from './define.ts';
import { rejectRelease } from './release.ts';

/** How a pay-out or refund ended, by the leg or by the refund that it was sent as. */
export interface EndLeg {
  readonly legId?: string;
  readonly refundId?: string;
  readonly end: LegEnd;
}

/** Takes a deal on when money has arrived, failed, or come back. */
export function defineEndLeg(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<EndLeg, { state: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.end_leg',
    keys: ({ legId, refundId }) => ({
      legs: legId === undefined ? [] : [legId],
      refunds: refundId === undefined ? [] : [refundId],
    }),
    decide: (units, input: EndLeg, context) => {
      const { escrow } = units;
      const leg =
        input.legId === undefined
          ? [...escrow.legs.all()].find(({ refundId }) => refundId === input.refundId)
          : escrow.legs.get(input.legId);
      if (!leg) return ok({ state: 'not_ours' });
      if (leg.state === 'failed' && input.end.state === 'paid') dropPromises(units, leg, context);
      if (!endLeg(escrow, leg, input.end, context)) return ok({ state: leg.state });
      tellEnd(units, leg, input.end, context);
      if (leg.releaseId !== null) settleRelease(escrow, leg.releaseId, context);
      reopen(units, leg, input.end);
      settleDeal(escrow, leg.dealId, context);
      return ok({ state: input.end.state });
    },
  });
}

/** What was promised anew since a leg had failed is gone when it turns out to be paid. */
function dropPromises(units: MoneyUnits, leg: Leg, context: CommandContext): void {
  const { escrow } = units;
  const item = escrow.items.get(leg.itemId);
  if (!item || heldOf(item) - item.reservedMinor >= leg.amountMinor) return;
  const waiting = escrow.legsOf(leg.dealId).filter(({ state, itemId }) => {
    return state === 'waiting' && itemId === item.id;
  });
  for (const releaseId of new Set(waiting.map((one) => one.releaseId))) {
    const release = escrow.releases.get(releaseId ?? '');
    if (!release) continue;
    rejectRelease(units, release, encodeId('deal', leg.dealId), 'paid_after_failure', context);
  }
}

/** A refund that came back after everything had seemed done is a task again. */
function reopen({ escrow }: MoneyUnits, leg: Leg, end: LegEnd): void {
  const deal = escrow.deals.get(leg.dealId);
  if (!deal || end.state === 'paid' || leg.purpose === 'release') return;
  if (deal.state !== 'refunded' && deal.state !== 'partly_refunded') return;
  const stepped = escrow.step(deal, 'start_refund', 'refund');
  if (stepped.ok) escrow.deals.update(deal.id, { finalAt: null });
}

function tellEnd({ escrow }: MoneyUnits, leg: Leg, end: LegEnd, context: CommandContext): void {
  const itemKey = escrow.items.get(leg.itemId)?.key ?? '';
  const { role, dealId, amountMinor } = leg;
  const amount = end.state === 'returned' ? end.backMinor : amountMinor;
  const of = { item_id: leg.itemId, item_key: itemKey, amount };
  const refund = leg.purpose === 'refund';
  const release_id = leg.releaseId ?? leg.id;
  if (end.state === 'paid') {
    if (refund) {
      escrow.tell(dealId, 'escrow.item_refunded', { ...of, leg_id: leg.id, role }, context);
    } else {
      escrow.tell(dealId, 'escrow.released', { ...of, release_id, role }, context);
    }
  } else if (refund) {
    const told = { ...of, leg_id: leg.id, reason: end.reason };
    escrow.tell(dealId, 'escrow.refund_undone', told, context);
  } else {
    const told = { ...of, release_id, role, reason: end.reason };
    escrow.tell(dealId, 'escrow.release_undone', told, context);
  }
  const kind = `${leg.purpose}_${end.state}`;
  const parameters = end.state === 'paid' ? {} : { reason: end.reason };
  escrow.line(dealId, { kind, itemKey, role, amountMinor: amount, parameters }, context.now);
}
