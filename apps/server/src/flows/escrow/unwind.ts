import { assert, encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { CommandContext } from '../../platform/index.ts';
import { type FailureTerms, failureOf } from './decide/agreement.ts';
import { planUnwind, type UnwindPlan, type UnwindStep } from './decide/unwind.ts';
import {
  type Approval,
  type MoneyGround,
  type MoneyUnits,
  partyOf,
  refuseFrozen,
  sendLeg,
} from './money.ts';
import { settleDeal } from './progress.ts';
import { accountOf, type Deal, type Item, isEscrowed, type Leg } from './tables.ts';
import { nextPosition } from './unit.ts';

/** Brings the money of a failed deal back, as far as it is there; the deal is `refunding`. */
export function unwind(
  units: MoneyUnits,
  ground: MoneyGround,
  deal: Deal,
  approval: Approval,
  context: CommandContext,
): Result<undefined, Refusal> {
  const { escrow } = units;
  const failure = failureOf(escrow.terms(deal.id), deal.failureKey);
  assert(failure !== undefined, 'a deal fails by its agreement');
  const keys = escrow.itemsOf(deal.id).map(({ key }) => key);
  const frozen = refuseFrozen(deal, keys);
  if (!frozen.ok) return frozen;
  const lacking = recoverShares(units, deal, failure, context);
  if (!lacking.ok) return lacking;
  const plan = planOf(units, deal, failure, lacking.value);
  keepShortfalls(units, deal, plan, context);
  for (const step of plan.steps) {
    const done = carryOut(units, ground, deal, step, approval, context);
    if (!done.ok) return done;
  }
  const out = plan.steps.filter(({ kind }) => kind !== 'reverse_conversion');
  const amount = out.reduce((sum, step) => sum + step.amount, 0n);
  const shortfall_minor = plan.shortfalls.reduce((sum, part) => sum + part.amount, 0n);
  escrow.tell(deal.id, 'escrow.refund_started', { amount, shortfall_minor }, context);
  escrow.line(deal.id, { kind: 'refund_started', amountMinor: amount }, context.now);
  settleDeal(escrow, deal.id, context);
  return ok(undefined);
}

/** Whether money that still arrives for the deal has to go back. */
export function hasFailed({ state }: Deal): boolean {
  return ['refunding', 'refunded', 'partly_refunded'].includes(state);
}

/** Gives back what arrived after a deal had failed. Whoever approved the failure approved this. */
export function refundLate(
  units: MoneyUnits,
  ground: MoneyGround,
  dealId: string,
  context: CommandContext,
): Result<undefined, Refusal> {
  const deal = units.escrow.deal(dealId);
  if (!deal.ok) return deal;
  // A freeze keeps it where it is; whoever lifts it asks for the refund.
  if (!hasFailed(deal.value) || deal.value.freeze !== null) return ok(undefined);
  const stepped = units.escrow.step(deal.value, 'start_refund', 'refund');
  if (!stepped.ok) return stepped;
  units.escrow.deals.update(dealId, { finalAt: null });
  return unwind(units, ground, stepped.value, lateApproval(deal.value), context);
}

/**
 * A late refund is a consequence of the approved failure: made by the platform under the agreement.
 */
function lateApproval(deal: Deal): Approval {
  return { maker: deal.failureBy ?? deal.integratorId, checker: encodeId('agr', deal.agreementId) };
}

/** What receivers lack of what was to be taken back, by role, by item id. */
type Lacking = ReadonlyMap<string, readonly { role: string; amount: bigint }[]>;

/** Takes merchants' shares back to where refunds are made from: the item holds them then. */
function recoverShares(
  { escrow, splits }: MoneyUnits,
  deal: Deal,
  failure: FailureTerms,
  context: CommandContext,
): Result<Lacking, Refusal> {
  const found = new Map<string, readonly { role: string; amount: bigint }[]>();
  for (const item of escrow.itemsOf(deal.id)) {
    const action = failure.items.find((part) => part.item === item.key)?.action;
    if (isEscrowed(item) || action !== 'refund' || item.sharedMinor === 0n) continue;
    let amount = 0n;
    const missing: { role: string; amount: bigint }[] = [];
    const fundings = [...escrow.fundings.all()].filter(({ itemId }) => itemId === item.id);
    for (const [orderId, parts] of Map.groupBy(fundings, (funding) => funding.orderId)) {
      const open = parts.reduce((sum, one) => sum + one.amountMinor - one.refundedMinor, 0n);
      const shared = item.sharedMinor - amount;
      const asked = { unshared: open < shared ? open : shared, feeReturned: failure.feeReturned };
      const taken = splits.takeBack(orderId, asked, context);
      if (!taken.ok) return taken;
      amount += taken.value.amount;
      for (const part of taken.value.missing) {
        const role = deal.parties.find(({ id }) => id === part.merchantId)?.role;
        missing.push({ role: role ?? part.merchantId, amount: part.amount });
      }
    }
    escrow.items.update(item.id, { sharedMinor: item.sharedMinor - amount });
    found.set(item.id, missing);
  }
  return ok(found);
}

function planOf(
  { escrow }: MoneyUnits,
  deal: Deal,
  failure: FailureTerms,
  lacking: Lacking,
): UnwindPlan {
  const mine = <Row extends { readonly dealId: string }>(rows: Iterable<Row>) =>
    [...rows].filter(({ dealId }) => dealId === deal.id);
  const terms = escrow.terms(deal.id);
  return planUnwind({
    failure,
    items: escrow.itemsOf(deal.id),
    fundings: inOrder(mine(escrow.fundings.all())),
    conversions: inOrder(mine(escrow.conversions.all())),
    legs: escrow.legsOf(deal.id),
    beneficiaries: new Map(terms.items.map((item) => [item.key, item.beneficiary])),
    lacking,
  });
}

function inOrder<Row extends { readonly position: number }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.position - b.position);
}

/** Names what is missing now, and no longer what was missing before. */
function keepShortfalls(
  { escrow }: MoneyUnits,
  deal: Deal,
  plan: UnwindPlan,
  context: CommandContext,
): void {
  const known = [...escrow.shortfalls.all()].filter(({ dealId }) => dealId === deal.id);
  for (const row of known) {
    if (row.amountMinor > 0n) {
      escrow.shortfalls.update(row.id, { amountMinor: 0n, at: context.now });
    }
  }
  for (const { itemId, role, reason, amount } of plan.shortfalls) {
    const row = known.find(
      (one) => one.itemId === itemId && one.role === role && one.reason === reason,
    );
    const itemKey = escrow.items.get(itemId)?.key ?? '';
    if (row) escrow.shortfalls.update(row.id, { amountMinor: amount, at: context.now });
    else {
      escrow.shortfalls.insert({
        id: context.newId(deal.id),
        dealId: deal.id,
        itemId,
        role,
        reason,
        amountMinor: amount,
        at: context.now,
      });
    }
    if (row?.amountMinor === amount) continue;
    const line = { kind: 'shortfall', itemKey, role, amountMinor: amount };
    escrow.line(deal.id, { ...line, parameters: { reason } }, context.now);
  }
}

function carryOut(
  units: MoneyUnits,
  ground: MoneyGround,
  deal: Deal,
  step: UnwindStep,
  approval: Approval,
  context: CommandContext,
): Result<undefined, Refusal> {
  if (step.kind === 'reverse_conversion') return reverse(units, deal, step, context);
  const leg = legOf(units, deal, step, context);
  units.escrow.legs.insert(leg);
  if (step.kind === 'refund') {
    const funding = units.escrow.fundings.get(step.fundingId);
    assert(funding !== undefined, 'a refund gives a payment back');
    const refundedMinor = funding.refundedMinor + step.amount;
    units.escrow.fundings.update(funding.id, { refundedMinor });
  }
  const sent = sendLeg(units, ground, leg, approval, context);
  return sent.ok ? ok(undefined) : sent;
}

function legOf(
  { escrow }: MoneyUnits,
  deal: Deal,
  step: Exclude<UnwindStep, { kind: 'reverse_conversion' }>,
  context: CommandContext,
): Leg {
  const item = itemOf(escrow.items.get(step.itemId));
  const terms = escrow.terms(deal.id).items.find(({ key }) => key === item.key);
  assert(terms !== undefined, 'an item stands in the agreement');
  const forfeited = step.kind === 'forfeit';
  const role = forfeited ? step.role : terms.payer;
  const toMerchant = partyOf(deal, role).kind === 'merchant';
  return {
    id: context.newId(item.id),
    dealId: deal.id,
    position: nextPosition(escrow.legs, deal.id),
    itemId: item.id,
    releaseId: null,
    fundingId: forfeited ? null : step.fundingId,
    purpose: step.kind,
    way: forfeited ? (toMerchant ? 'merchant' : 'payout') : step.way,
    role,
    amountMinor: step.amount,
    state: 'waiting',
    payoutId: null,
    refundId: null,
    reason: null,
    at: context.now,
    finalAt: null,
  };
}

function itemOf(item: Item | undefined): Item {
  assert(item !== undefined, 'a step is about an item of the deal');
  return item;
}

/** Puts converted money back onto the item that it was paid to. */
function reverse(
  { escrow, ledger }: MoneyUnits,
  deal: Deal,
  step: Extract<UnwindStep, { kind: 'reverse_conversion' }>,
  context: CommandContext,
): Result<undefined, Refusal> {
  const from = itemOf(escrow.items.get(step.from));
  const to = itemOf(escrow.items.get(step.to));
  const conversion = escrow.conversions.get(step.conversionId);
  assert(conversion !== undefined, 'a conversion of the deal');
  const { amount } = step;
  const posted = ledger.post(
    {
      id: context.newId(deal.id),
      book: from.book,
      cause: { module: 'escrow', object: deal.id, command: context.key },
      transfers: [{ kind: 'posted', debit: accountOf(from), credit: accountOf(to), amount }],
    },
    context.now,
  );
  if (!posted.ok) return posted;
  const reversedMinor = conversion.reversedMinor + amount;
  escrow.conversions.update(conversion.id, { reversedMinor });
  escrow.items.update(from.id, { convertedInMinor: from.convertedInMinor - amount });
  escrow.items.update(to.id, { convertedOutMinor: to.convertedOutMinor - amount });
  const line = { kind: 'conversion_reversed', itemKey: from.key, amountMinor: amount };
  escrow.line(deal.id, { ...line, parameters: { to: to.key } }, context.now);
  return ok(undefined);
}
