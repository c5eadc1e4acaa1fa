import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import { fourEyes } from '../../../who/access/index.ts';
import { failureOf } from '../decide/agreement.ts';
import { amountText } from '../decide/release.ts';
import { refuse } from '../errors.ts';
import { type MoneyGround, type MoneyUnits, movingOf } from '../money.ts';
import type { Deal } from '../tables.ts';
import { unwind } from '../unwind.ts';
import { type Actor, defineDealCommand } from './define.ts';
import { rejectRelease } from './release.ts';
import { unknownKey } from './terms.ts';

export interface CancelDeal {
  readonly dealId: string;
  /** The failure of the agreement that it is; the first one when not said. */
  readonly failure?: string;
  readonly reason: string;
  readonly by: Actor;
}

/**
 * Asks for a deal to end. Open orders are closed and requests dropped; the money waits for
 * approval.
 */
export function defineCancelDeal(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<CancelDeal, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.cancel_deal',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: (units, input: CancelDeal, context) => {
      const { escrow } = units;
      const found = escrow.deal(input.dealId);
      if (!found.ok) return found;
      const deal = found.value;
      const terms = escrow.terms(deal.id);
      const failure = failureOf(terms, input.failure ?? null);
      const known = terms.failures.map(({ key }) => key);
      if (!failure) return unknownKey('failure', input.failure ?? '', known, 'failure');
      if (deal.state === 'draft' || deal.state === 'agreed') return drop(units, input, context);
      const moving = movingOf(escrow.itemsOf(deal.id));
      if (moving > 0n) {
        const values = { amount: amountText(moving, deal.currency) };
        return refuse('deal_money_moving', { values });
      }
      const stepped = escrow.step(deal, 'request_cancel', 'cancel');
      if (!stepped.ok) return stepped;
      const asked = escrow.deals.update(deal.id, {
        failureKey: failure.key,
        failureReason: input.reason,
        failureBy: input.by.id,
      });
      const closed = closeOpen(units, deal, input.by.id, context);
      if (!closed.ok) return closed;
      escrow.tell(deal.id, 'escrow.cancel_requested', { failure: failure.key }, context);
      const parameters = { failure: failure.key, reason: input.reason };
      escrow.line(deal.id, { kind: 'cancel_requested', parameters }, context.now);
      if (failure.approval === 'required') return ok({ dealId: deal.id });
      const checker = encodeId('agr', deal.agreementId);
      return start(units, ground, asked, checker, context);
    },
  });
}

function drop(
  { escrow }: MoneyUnits,
  input: CancelDeal,
  context: CommandContext,
): Result<{ dealId: string }, Refusal> {
  const deal = escrow.deal(input.dealId);
  if (!deal.ok) return deal;
  const stepped = escrow.step(deal.value, 'drop', 'cancel');
  if (!stepped.ok) return stepped;
  escrow.deals.update(input.dealId, { finalAt: context.now, failureReason: input.reason });
  escrow.tell(input.dealId, 'escrow.deal_canceled', {}, context);
  const parameters = { reason: input.reason };
  escrow.line(input.dealId, { kind: 'deal_canceled', parameters }, context.now);
  return ok({ dealId: input.dealId });
}

/** Nobody shall pay any more, and nothing that waits shall leave. */
function closeOpen(
  units: MoneyUnits,
  deal: Deal,
  by: string,
  context: CommandContext,
): Result<undefined, Refusal> {
  const { escrow, payments } = units;
  for (const release of escrow.releases.all()) {
    if (release.dealId === deal.id && release.state === 'pending_approval') {
      rejectRelease(units, release, by, 'deal_canceled', context);
    }
  }
  for (const item of escrow.itemsOf(deal.id)) {
    const order = payments.order(item.orderId ?? '');
    const over = !order || order.closing !== null || order.finalAt !== null;
    if (item.openMinor === 0n || over) continue;
    const closed = payments.closeOrder(order.id, 'canceled', 'refund', context);
    if (!closed.ok) return closed;
  }
  return ok(undefined);
}

function start(
  units: MoneyUnits,
  ground: MoneyGround,
  deal: Deal,
  checker: string,
  context: CommandContext,
): Result<{ dealId: string }, Refusal> {
  const stepped = units.escrow.step(deal, 'start_refund', 'refund');
  if (!stepped.ok) return stepped;
  units.escrow.deals.update(deal.id, { finalAt: null });
  const approval = { maker: deal.failureBy ?? deal.integratorId, checker };
  const done = unwind(units, ground, stepped.value, approval, context);
  return done.ok ? ok({ dealId: deal.id }) : done;
}

export interface DecideCancel {
  readonly dealId: string;
  readonly by: Actor;
}

/** Lets the money of a failed deal go back, by another than who asked for it. */
export function defineApproveCancel(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<DecideCancel, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.approve_cancel',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: (units, input: DecideCancel, context) => {
      const deal = units.escrow.deal(input.dealId);
      if (!deal.ok) return deal;
      if (deal.value.state !== 'cancel_requested') {
        const values = { state: deal.value.state, action: 'approve' };
        return refuse('deal_state_refused', { values });
      }
      const eyes = fourEyes(deal.value.failureBy ?? '', input.by);
      if (!eyes.ok) return eyes;
      return start(units, ground, deal.value, input.by.id, context);
    },
  });
}

/**
 * Takes the wish to cancel back; the deal goes on where it was. Its closed orders are opened anew.
 */
export function defineWithdrawCancel(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<DecideCancel, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.withdraw_cancel',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: ({ escrow }, input: DecideCancel, context) => {
      const deal = escrow.deal(input.dealId);
      if (!deal.ok) return deal;
      const stepped = escrow.step(deal.value, 'withdraw_cancel', 'withdraw');
      if (!stepped.ok) return stepped;
      escrow.deals.update(input.dealId, {
        failureKey: null,
        failureReason: null,
        failureBy: null,
      });
      escrow.tell(input.dealId, 'escrow.cancel_withdrawn', {}, context);
      escrow.line(input.dealId, { kind: 'cancel_withdrawn' }, context.now);
      return ok({ dealId: input.dealId });
    },
  });
}

/** Tries again what failed of a refund, and what was missing and may be there now. */
export function defineContinueRefund(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<DecideCancel, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.continue_refund',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: (units, input: DecideCancel, context) => {
      const deal = units.escrow.deal(input.dealId);
      if (!deal.ok) return deal;
      if (deal.value.state === 'cancel_requested') {
        const values = { state: deal.value.state, action: 'refund' };
        return refuse('deal_state_refused', { values });
      }
      const eyes = fourEyes(deal.value.failureBy ?? '', input.by);
      if (!eyes.ok) return eyes;
      return start(units, ground, deal.value, input.by.id, context);
    },
  });
}
