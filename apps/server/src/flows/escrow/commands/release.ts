import { assert, encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import { fourEyes } from '../../../who/access/index.ts';
import type { ReleaseTerms } from '../decide/agreement.ts';
import { afterStep } from '../decide/deal-state.ts';
import { decideRelease, type ReleasePart, takenBy } from '../decide/release.ts';
import { refuse } from '../errors.ts';
import {
  type Approval,
  type MoneyGround,
  type MoneyUnits,
  partyOf,
  refuseFrozen,
  sendLeg,
} from '../money.ts';
import { settleDeal, settleRelease } from '../progress.ts';
import type { Deal, Leg, Release } from '../tables.ts';
import { nextPosition } from '../unit.ts';
import { type Actor, defineDealCommand } from './define.ts';
import { unknownKey } from './terms.ts';

export interface RequestRelease {
  readonly dealId: string;
  readonly key: string;
  /** Minor units by item key; everything that the release gives when not said. */
  readonly items?: readonly { readonly key: string; readonly amountMinor: bigint }[];
  readonly by: Actor;
}

export interface ReleaseAnswer {
  readonly dealId: string;
  readonly releaseId: string;
}

/** Asks for a release; what it will take is promised to it until it is decided. */
export function defineRequestRelease(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<RequestRelease, ReleaseAnswer> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.request_release',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: (units, input: RequestRelease, context) => {
      const found = units.escrow.deal(input.dealId);
      if (!found.ok) return found;
      const terms = units.escrow.terms(input.dealId);
      const release = terms.releases.find(({ key }) => key === input.key);
      const known = terms.releases.map(({ key }) => key);
      if (!release) return unknownKey('release', input.key, known, 'key');
      const parts = partsOf(units, found.value, release, input);
      if (!parts.ok) return parts;
      const made = promise(units, found.value, release, parts.value, input.by.id, context);
      if (release.approval === 'required') return ok(made);
      const { agreementId } = found.value;
      const checker = encodeId('agr', agreementId);
      const approval = { maker: input.by.id, checker };
      const sent = carryOut(units, ground, made.releaseId, approval, context);
      return sent.ok ? ok(made) : sent;
    },
  });
}

function partsOf(
  { escrow }: MoneyUnits,
  deal: Deal,
  release: ReleaseTerms,
  input: RequestRelease,
): Result<readonly ReleasePart[], Refusal> {
  const early = deal.state === 'funding' && !release.beforeFunded;
  if (early || afterStep(deal.state, 'start_release') === undefined) {
    return refuse('deal_state_refused', { values: { state: deal.state, action: 'release' } });
  }
  const frozen = refuseFrozen(
    deal,
    release.items.map(({ item }) => item),
  );
  if (!frozen.ok) return frozen;
  const items = escrow.itemsOf(deal.id);
  const ids = [...escrow.releases.all()]
    .filter((made) => made.dealId === deal.id && made.key === release.key)
    .map(({ id }) => id);
  const legs = escrow.legsOf(deal.id);
  const kinds = [...escrow.evidence.all()].filter(({ dealId }) => dealId === deal.id);
  return decideRelease({
    terms: escrow.terms(deal.id),
    release,
    items,
    evidenceKinds: new Set(kinds.map(({ kind }) => kind)),
    taken: new Map(items.map(({ id }) => [id, takenBy(legs, new Set(ids), id)])),
    currency: deal.currency,
    asked: input.items && new Map(input.items.map(({ key, amountMinor }) => [key, amountMinor])),
  });
}

/** Writes the request; its parts are reserved on their items. */
function promise(
  { escrow }: MoneyUnits,
  deal: Deal,
  terms: ReleaseTerms,
  parts: readonly ReleasePart[],
  maker: string,
  context: CommandContext,
): ReleaseAnswer {
  const release = escrow.releases.insert({
    id: context.newId(deal.id),
    dealId: deal.id,
    position: nextPosition(escrow.releases, deal.id),
    key: terms.key,
    role: terms.to,
    state: 'pending_approval',
    maker,
    checker: null,
    reason: null,
    requestedAt: context.now,
    decidedAt: null,
    doneAt: null,
  });
  const way = partyOf(deal, terms.to).kind === 'merchant' ? 'merchant' : 'payout';
  for (const { item, amount } of parts) {
    escrow.items.update(item.id, { reservedMinor: item.reservedMinor + amount });
    escrow.legs.insert({
      id: context.newId(item.id),
      dealId: deal.id,
      position: nextPosition(escrow.legs, deal.id),
      itemId: item.id,
      releaseId: release.id,
      fundingId: null,
      purpose: 'release',
      way,
      role: terms.to,
      amountMinor: amount,
      state: 'waiting',
      payoutId: null,
      refundId: null,
      reason: null,
      at: context.now,
      finalAt: null,
    });
  }
  const amount = parts.reduce((sum, part) => sum + part.amount, 0n);
  const payload = { release_id: release.id, key: terms.key, amount };
  escrow.tell(deal.id, 'escrow.release_requested', payload, context);
  const line = { kind: 'release_requested', role: terms.to, amountMinor: amount };
  escrow.line(deal.id, { ...line, parameters: { release: terms.key } }, context.now);
  return { dealId: deal.id, releaseId: release.id };
}

export interface DecideRelease {
  readonly releaseId: string;
  readonly approve: boolean;
  readonly reason?: string;
  readonly by: Actor;
}

/** Approves or rejects a release, by another than who asked for it. */
export function defineDecideRelease(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<DecideRelease, ReleaseAnswer> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.decide_release',
    keys: ({ releaseId }) => ({ releases: [releaseId] }),
    decide: (units, input: DecideRelease, context) => {
      const release = units.escrow.releases.get(input.releaseId);
      const values = { release_id: encodeId('rel', input.releaseId) };
      if (!release) return refuse('release_not_found', { values });
      if (release.state !== 'pending_approval') {
        return refuse('release_decided', { values: { ...values, state: release.state } });
      }
      const eyes = fourEyes(release.maker, input.by);
      if (!eyes.ok) return eyes;
      const answer = { dealId: release.dealId, releaseId: release.id };
      if (!input.approve) {
        rejectRelease(units, release, input.by.id, input.reason ?? '', context);
        return ok(answer);
      }
      const approval = { maker: release.maker, checker: input.by.id };
      const sent = carryOut(units, ground, release.id, approval, context);
      return sent.ok ? ok(answer) : sent;
    },
  });
}

function waitingLegs({ escrow }: MoneyUnits, release: Release): readonly Leg[] {
  return escrow
    .legsOf(release.dealId)
    .filter((leg) => leg.releaseId === release.id && leg.state === 'waiting');
}

/** Gives the promised money free again. */
function unreserve({ escrow }: MoneyUnits, leg: Leg): void {
  const item = escrow.items.get(leg.itemId);
  assert(item !== undefined, 'a leg belongs to an item');
  escrow.items.update(item.id, { reservedMinor: item.reservedMinor - leg.amountMinor });
}

/** Ends a request without moving anything. */
export function rejectRelease(
  units: MoneyUnits,
  release: Release,
  by: string,
  reason: string,
  context: CommandContext,
): void {
  const { escrow } = units;
  let amount = 0n;
  for (const leg of waitingLegs(units, release)) {
    unreserve(units, leg);
    escrow.legs.update(leg.id, { state: 'dropped', reason, finalAt: context.now });
    amount += leg.amountMinor;
  }
  const change = { state: 'rejected', checker: by, reason, decidedAt: context.now } as const;
  escrow.releases.update(release.id, change);
  const { key } = release;
  const payload = { release_id: release.id, key, amount };
  escrow.tell(release.dealId, 'escrow.release_rejected', payload, context);
  const line = { kind: 'release_rejected', role: release.role, amountMinor: amount };
  escrow.line(release.dealId, { ...line, parameters: { release: key, reason } }, context.now);
}

/** Sends what was promised. If one part cannot leave, none does. */
function carryOut(
  units: MoneyUnits,
  ground: MoneyGround,
  releaseId: string,
  approval: Approval,
  context: CommandContext,
): Result<undefined, Refusal> {
  const { escrow } = units;
  const release = escrow.releases.get(releaseId);
  assert(release !== undefined, 'the release that is carried out');
  const deal = escrow.deal(release.dealId);
  if (!deal.ok) return deal;
  const legs = waitingLegs(units, release);
  const keys = legs.map((leg) => escrow.items.get(leg.itemId)?.key ?? '');
  const frozen = refuseFrozen(deal.value, keys);
  if (!frozen.ok) return frozen;
  const stepped = escrow.step(deal.value, 'start_release', 'release');
  if (!stepped.ok) return stepped;
  escrow.releases.update(releaseId, {
    state: 'moving',
    checker: approval.checker,
    decidedAt: context.now,
  });
  let amount = 0n;
  for (const leg of legs) {
    unreserve(units, leg);
    const sent = sendLeg(units, ground, leg, approval, context);
    if (!sent.ok) return sent;
    amount += leg.amountMinor;
  }
  const { key, dealId } = release;
  escrow.tell(dealId, 'escrow.release_approved', { release_id: releaseId, key, amount }, context);
  const line = { kind: 'release_approved', role: release.role, amountMinor: amount };
  escrow.line(dealId, { ...line, parameters: { release: key } }, context.now);
  settleRelease(escrow, releaseId, context);
  settleDeal(escrow, dealId, context);
  return ok(undefined);
}
