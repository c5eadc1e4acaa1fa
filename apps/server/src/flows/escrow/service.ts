import { hash, randomBytes } from 'node:crypto';
import { encodeId, type Money, newId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { insertRows } from '@keyturn/pipeline';
import type { CommandOutcome } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import { defineDraftAgreement, definePublishAgreement } from './commands/agreement.ts';
import {
  defineApproveCancel,
  defineCancelDeal,
  defineContinueRefund,
  defineWithdrawCancel,
} from './commands/cancel.ts';
import { defineConvert } from './commands/convert.ts';
import { defineCreateDeal } from './commands/create-deal.ts';
import type { Actor } from './commands/define.ts';
import { defineEndLeg } from './commands/end-leg.ts';
import {
  defineOpenOrder,
  defineRecordClosedOrder,
  defineRecordPayment,
} from './commands/funding.ts';
import { defineDecideRelease, defineRequestRelease } from './commands/release.ts';
import {
  defineAddEvidence,
  defineAgreeDeal,
  defineFreezeDeal,
  defineUnfreezeDeal,
} from './commands/terms.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { dealLinkTable } from './deal-link.ts';
import { refuse } from './errors.ts';
import { createEventWork } from './event-work.ts';
import { checkedParties } from './parties.ts';
import { createReader, type Reader } from './read.ts';
import { createRouting, type Routing } from './routing.ts';
import { claimFreezes, readLink } from './store.ts';
import type { Deal } from './tables.ts';
import type { EscrowDeps, EscrowService, LinkedParty, PublicLink } from './types.ts';
import type { DealMoneyView } from './view/deal-money.ts';

/** Agreements, deals and their money: funded, converted, released, given back, shown. */
export function createEscrowService(deps: EscrowDeps): EscrowService {
  const routing = createRouting(deps);
  const commands = defineCommands(deps, routing);
  const reader = createReader(deps);
  const coverage = createCoverage(deps);
  const work: Work = { deps, routing, commands, reader, coverage };
  return {
    ...agreementWork(work),
    ...dealWork(work),
    ...moneyWork(work),
    ...failureWork(work),
    ...linkWork(work),
    agreement: reader.agreement,
    agreements: reader.agreements,
    deal: reader.deal,
    deals: reader.deals,
    dealMoney: (id, by) => reader.money(id, undefined, by),
    releases: reader.releases,
    onEvent: createEventWork(commands, routing.refresh),
    dueFreezes: () => dueFreezes(work),
  };
}

export type EscrowCommands = ReturnType<typeof defineCommands>;

function defineCommands({ commands, settlement }: EscrowDeps, routing: Routing) {
  const ground = { routing, calendar: settlement.calendar };
  return {
    draftAgreement: defineDraftAgreement(commands),
    publishAgreement: definePublishAgreement(commands),
    createDeal: defineCreateDeal(commands, routing),
    agree: defineAgreeDeal(commands, ground),
    openOrder: defineOpenOrder(commands, ground),
    recordPayment: defineRecordPayment(commands, ground),
    recordClosedOrder: defineRecordClosedOrder(commands, ground),
    addEvidence: defineAddEvidence(commands, ground),
    convert: defineConvert(commands, ground),
    requestRelease: defineRequestRelease(commands, ground),
    decideRelease: defineDecideRelease(commands, ground),
    cancel: defineCancelDeal(commands, ground),
    approveCancel: defineApproveCancel(commands, ground),
    withdrawCancel: defineWithdrawCancel(commands, ground),
    continueRefund: defineContinueRefund(commands, ground),
    endLeg: defineEndLeg(commands, ground),
    freeze: defineFreezeDeal(commands, ground),
    unfreeze: defineUnfreezeDeal(commands, ground),
  };
}

interface Work {
  readonly deps: EscrowDeps;
  readonly routing: Routing;
  readonly commands: EscrowCommands;
  readonly reader: Reader;
  readonly coverage: Coverage;
}

function actorOf({ kind, id, name, roles }: Principal): Actor {
  return { kind, id, name, roles: [...roles] };
}

function refused(error: Result<never, Refusal>): CommandOutcome<never> {
  return { ...error, replayed: false };
}

/** What a command did, as it stands now: a repeat of the call shows the present, too. */
async function shown<T, V>(
  outcome: CommandOutcome<T>,
  read: (value: T) => Promise<Result<V, Refusal>>,
): Promise<CommandOutcome<V>> {
  if (!outcome.ok) return outcome;
  return { ...(await read(outcome.value)), replayed: outcome.replayed };
}

function agreementWork({
  commands,
  reader,
}: Work): Pick<EscrowService, 'draftAgreement' | 'publishAgreement'> {
  const read = ({ agreementId }: { agreementId: string }) => reader.agreement(agreementId);
  return {
    draftAgreement: async (key, by, agreement) =>
      shown(await commands.draftAgreement(key, { ...agreement, by: actorOf(by) }), read),
    publishAgreement: async (key, by, agreementId) =>
      shown(await commands.publishAgreement(key, { agreementId, by: actorOf(by) }), read),
  };
}

function dealWork(
  work: Work,
): Pick<EscrowService, 'createDeal' | 'agree' | 'openOrder' | 'addEvidence'> {
  const { deps, routing, commands, reader } = work;
  return {
    createDeal: async (key, by, deal) => {
      const parties = await checkedParties(deps, by, deal.parties);
      if (!parties.ok) return refused(parties);
      await routing.refresh();
      const { deadline, items, ...rest } = deal;
      const made = await commands.createDeal(key, {
        ...rest,
        parties: parties.value,
        items: items.map(({ key: item, amount }) => ({ key: item, amountMinor: amount.amount })),
        ...(deadline ? { deadline: deadline.toString() } : {}),
        by: actorOf(by),
      });
      return shown(made, ({ dealId }) => reader.deal(dealId));
    },
    agree: (key, by, dealId, agreed) =>
      onDeal(work, by, dealId, async () => {
        const done = await commands.agree(key, { dealId, ...agreed, by: actorOf(by) });
        return shown(done, () => reader.deal(dealId));
      }),
    openOrder: (key, by, dealId, order) => {
      const carryOut = async () => {
        const made = await commands.openOrder(key, {
          dealId,
          itemKey: order.item,
          ...(order.amount ? { amountMinor: order.amount.amount } : {}),
          ...(order.expiresAt ? { expiresAt: order.expiresAt.toString() } : {}),
          by: actorOf(by),
        });
        return shown(made, async ({ orderId }) =>
          ok({ order_id: encodeId('ord', orderId), deal_id: encodeId('deal', dealId) }),
        );
      };
      return onDeal(work, by, dealId, carryOut, [order.amount]);
    },
    addEvidence: (key, by, dealId, evidence) =>
      moneyOf(work, by, dealId, () =>
        commands.addEvidence(key, { dealId, ...evidence, by: actorOf(by) }),
      ),
  };
}

/**
 * Carries something out on a deal that the caller may see, with the routing as it is now. Amounts
 * are in the deal's currency.
 */
async function onDeal<V>(
  { reader, routing }: Work,
  by: Principal,
  dealId: string,
  carryOut: (deal: Deal) => Promise<CommandOutcome<V>>,
  amounts: readonly (Money | undefined)[] = [],
): Promise<CommandOutcome<V>> {
  const seen = await reader.mayTouch(dealId, by);
  if (!seen.ok) return refused(seen);
  const { currency } = seen.value;
  const strange = amounts.find((amount) => amount && amount.currency !== currency);
  if (strange) {
    const values = { currency, given: strange.currency };
    return refused(refuse('deal_currency_differs', { param: 'amount', values }));
  }
  await routing.refresh();
  return carryOut(seen.value);
}

function moneyOf(
  work: Work,
  by: Principal,
  dealId: string,
  command: (deal: Deal) => Promise<CommandOutcome<unknown>>,
  amounts: readonly (Money | undefined)[] = [],
): Promise<CommandOutcome<DealMoneyView>> {
  const carryOut = async (deal: Deal) =>
    shown(await command(deal), () => work.reader.money(dealId));
  return onDeal(work, by, dealId, carryOut, amounts);
}

function moneyWork(
  work: Work,
): Pick<EscrowService, 'convert' | 'requestRelease' | 'approveRelease' | 'rejectRelease'> {
  const { commands, reader, coverage } = work;
  const decide = async (
    key: string,
    by: Principal,
    releaseId: string,
    decision: { readonly approve: boolean; readonly reason?: string },
  ) => {
    const deal = await reader.dealOfRelease(releaseId);
    if (!deal.ok) return refused(deal);
    const input = { releaseId, ...decision, by: actorOf(by) };
    return moneyOf(work, by, deal.value, async (found) => {
      const covered = decision.approve ? await coverage.ofRelease(found, releaseId) : ok(undefined);
      return covered.ok ? commands.decideRelease(key, input) : refused(covered);
    });
  };
  return {
    convert: (key, by, dealId, { from, to, amount }) => {
      const minor = amount ? { amountMinor: amount.amount } : {};
      const input = { dealId, from, to, ...minor, by: actorOf(by) };
      return moneyOf(work, by, dealId, () => commands.convert(key, input), [amount]);
    },
    requestRelease: (key, by, dealId, release) => {
      const items = release.items?.map(({ key: item, amount }) => ({
        key: item,
        amountMinor: amount.amount,
      }));
      const input = { dealId, key: release.key, ...(items ? { items } : {}), by: actorOf(by) };
      const amounts = (release.items ?? []).map(({ amount }) => amount);
      const request = async (deal: Deal) => {
        const covered = await coverage.ofRequest(deal, release.key);
        return covered.ok ? commands.requestRelease(key, input) : refused(covered);
      };
      return moneyOf(work, by, dealId, request, amounts);
    },
    approveRelease: (key, by, id) => decide(key, by, id, { approve: true }),
    rejectRelease: (key, by, id, reason) => decide(key, by, id, { approve: false, reason }),
  };
}

function failureWork(
  work: Work,
): Pick<
  EscrowService,
  'cancel' | 'approveCancel' | 'withdrawCancel' | 'continueRefund' | 'freeze' | 'unfreeze'
> {
  const { commands } = work;
  return {
    cancel: (key, by, dealId, why) =>
      moneyOf(work, by, dealId, () => commands.cancel(key, { dealId, ...why, by: actorOf(by) })),
    approveCancel: (key, by, dealId) =>
      moneyOf(work, by, dealId, () => commands.approveCancel(key, { dealId, by: actorOf(by) })),
    withdrawCancel: (key, by, dealId) =>
      moneyOf(work, by, dealId, () => commands.withdrawCancel(key, { dealId, by: actorOf(by) })),
    continueRefund: (key, by, dealId) =>
      moneyOf(work, by, dealId, () => commands.continueRefund(key, { dealId, by: actorOf(by) })),
    freeze: (key, by, dealId, { until, ...freeze }) =>
      moneyOf(work, by, dealId, () => {
        const end = until ? { until: until.toString() } : {};
        return commands.freeze(key, { dealId, ...freeze, ...end, by: actorOf(by) });
      }),
    unfreeze: (key, by, dealId) =>
      moneyOf(work, by, dealId, () => commands.unfreeze(key, { dealId, whenDue: false })),
  };
}

/** How long a party's link works. */
const linkLife = { hours: 24 * 180 };

function digest(token: string): string {
  return hash('sha256', token);
}

function linkWork(
  work: Work,
): Pick<EscrowService, 'createLink' | 'dealOfLink' | 'partyOfLink' | 'payItem'> {
  const { deps, reader } = work;
  const { database, clock, publicUrl } = deps;
  const partyOfLink: EscrowService['partyOfLink'] = async (token) => {
    const link = await readLink(database, digest(token));
    if (!link || Temporal.Instant.compare(clock.now(), link.expiresAt) >= 0) {
      return refuse('deal_link_unknown');
    }
    return ok({ dealId: link.dealId, role: link.role });
  };
  return {
    createLink: async (by, dealId, role) => {
      const deal = await reader.mayTouch(dealId, by);
      if (!deal.ok) return deal;
      const roles = deal.value.parties.map((party) => party.role);
      if (!roles.includes(role)) {
        const values = { kind: 'role', key: role, known: roles.join(', ') };
        return refuse('deal_key_unknown', { param: 'role', values });
      }
      const token = randomBytes(32).toString('base64url');
      const tokenSha256 = digest(token);
      const now = clock.now();
      const expiresAt = now.add(linkLife);
      const id = newId(now, dealId);
      const row = { id, dealId, role, tokenSha256, expiresAt, createdAt: now };
      await database.transaction((tx) => insertRows(tx, dealLinkTable, [row]));
      return ok({ token, url: `${publicUrl}/deal/${token}`, expires_at: expiresAt.toString() });
    },
    partyOfLink,
    dealOfLink: async (token) => {
      const link = await partyOfLink(token);
      return link.ok ? reader.money(link.value.dealId, link.value.role) : link;
    },
    payItem: (key, party, item) => payItem(work, key, party, item),
  };
}

/** From the page of a deal to paying what its reader owes. */
async function payItem(
  work: Work,
  key: string,
  { dealId, role }: LinkedParty,
  itemKey: string,
): Promise<CommandOutcome<PublicLink>> {
  const { deps, commands, reader, routing } = work;
  const found = await reader.payable(dealId, role, itemKey);
  if (!found.ok) return refused(found);
  let { orderId } = found.value;
  let replayed = false;
  if (orderId === undefined) {
    await routing.refresh();
    const by = { kind: 'party', role } as const;
    const made = await commands.openOrder(key, { dealId, itemKey, by });
    if (!made.ok) return made;
    ({ orderId } = made.value);
    replayed = made.replayed;
  }
  return { ...(await deps.payments.createCashierSession(orderId)), replayed };
}

async function dueFreezes({ deps, commands, routing }: Work): Promise<number> {
  const now = deps.clock.now();
  const due = await claimFreezes(deps.database, now, now.add({ seconds: 60 }), 100);
  if (due.length > 0) await routing.refresh();
  for (const dealId of due) {
    const key = `escrow.unfreeze_deal:${dealId}:${now.epochMilliseconds}`;
    const done = await commands.unfreeze(key, { dealId, whenDue: true });
    if (!done.ok) deps.logger.warn({ deal: dealId, code: done.error.code }, 'a freeze stays');
  }
  return due.length;
}
