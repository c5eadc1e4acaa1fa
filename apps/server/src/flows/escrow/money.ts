import { assert, isCurrency, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type AccountSpec, createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import type { Tx, Unit } from '@keyturn/pipeline';
import { createPaymentsUnit, type PaymentsUnit } from '../../movement/payments/index.ts';
import { createPayoutsUnit, type PayoutsUnit } from '../../movement/payouts/index.ts';
import type { CommandContext } from '../../platform/index.ts';
import {
  type BankCalendar,
  createSplitsUnit,
  type SplitsUnit,
  tradeByBank,
} from '../settlement/index.ts';
import { refuse } from './errors.ts';
import { escrowReferences } from './references.ts';
import type { Routing } from './routing.ts';
import { accountOf, type Deal, type Item, type Leg, type Party } from './tables.ts';
import { createEscrowUnit, type EscrowUnit } from './unit.ts';

/** What a command that moves a deal's money works on, in the order in which it is locked. */
export interface MoneyUnits extends Readonly<Record<string, Unit>> {
  readonly escrow: EscrowUnit;
  readonly splits: SplitsUnit;
  readonly payouts: PayoutsUnit;
  readonly payments: PaymentsUnit;
  readonly ledger: LedgerUnit;
}

/** What commands know of the house besides rows. */
export interface MoneyGround {
  readonly routing: Routing;
  readonly calendar: BankCalendar;
}

export function createMoneyUnits(ground: MoneyGround): MoneyUnits {
  const ledger = createLedgerUnit();
  return {
    escrow: createEscrowUnit(),
    splits: createSplitsUnit(ledger, ground.calendar),
    payouts: createPayoutsUnit(ledger),
    payments: createPaymentsUnit(ledger),
    ledger,
  };
}

/**
 * Locks everything that the money of the batch's deals can touch; the deals are locked already. The
 * number of statements does not grow with them.
 */
export async function loadMoney(
  tx: Tx,
  units: MoneyUnits,
  ground: MoneyGround,
  moments: readonly Temporal.Instant[],
): Promise<void> {
  const { escrow, splits, payments, ledger } = units;
  const orders = new Set<string>();
  for (const item of escrow.items.all()) if (item.orderId !== null) orders.add(item.orderId);
  for (const funding of escrow.fundings.all()) orders.add(funding.orderId);
  await splits.lock(tx, [...orders]);
  const merchants = [...escrow.deals.all()].flatMap((deal) => paidMerchants(deal, escrow));
  const books = new Set([...escrow.items.all()].map(({ book }) => book));
  const windows = [...books].flatMap((book) =>
    merchants.flatMap((merchantId) =>
      moments.map((now) => ({ ...tradeByBank(now), book, merchantId })),
    ),
  );
  await splits.lockWindows(tx, windows);
  await payments.lockOrders(tx, [...orders]);
  const accounts: AccountSpec[] = [...orders].flatMap((order) => [
    ...splits.accountsOf(order),
    ...(payments.order(order) ? payments.accountsOf(order) : []),
  ]);
  for (const item of escrow.items.all()) {
    accounts.push(accountOf(item), transitOf(ground, item));
    for (const owner of merchants) accounts.push({ book: item.book, code: 2002, owner });
  }
  const now = moments[0];
  if (now) await ledger.load(tx, { accounts }, now);
}

/**
 * The merchants that escrowed money can go to: by a release, or because it is forfeited to them.
 */
function paidMerchants(deal: Deal, escrow: EscrowUnit): readonly string[] {
  const terms = escrow.terms(deal.id);
  const roles = new Set([
    ...terms.releases.map(({ to }) => to),
    ...terms.items.filter((i) => i.destination === 'escrowed').map((i) => i.beneficiary),
  ]);
  return deal.parties
    .filter(({ kind, role }) => kind === 'merchant' && roles.has(role))
    .map(({ id }) => id);
}

/** Where a pay-out of an item lies while the bank carries it. */
function transitOf({ routing }: MoneyGround, item: Item): AccountSpec {
  const { book, custodyAccount } = routing.ofBook(item.book);
  return { book, code: 2201, owner: custodyAccount.id };
}

export function partyOf(deal: Deal, role: string): Party {
  const party = deal.parties.find((candidate) => candidate.role === role);
  assert(party !== undefined, `the deal has a party for the role ${role}`);
  return party;
}

/** Refuses what a freeze forbids: moving money of the frozen items. */
export function refuseFrozen(deal: Deal, keys: readonly string[]): Result<undefined, Refusal> {
  const { freeze } = deal;
  if (freeze === null) return ok(undefined);
  const frozen = keys.filter((key) => freeze.items.length === 0 || freeze.items.includes(key));
  if (frozen.length === 0) return ok(undefined);
  return refuse('deal_frozen', { values: { items: frozen.join(', '), reason: freeze.reason } });
}

/** Who let the money go: its maker, and who approved it. */
export interface Approval {
  readonly maker: string;
  readonly checker: string;
}

/**
 * Sets a leg's money in motion, or books it where it needs no bank. The amount must be held by the
 * item.
 */
export function sendLeg(
  units: MoneyUnits,
  ground: MoneyGround,
  leg: Leg,
  approval: Approval,
  context: CommandContext,
): Result<Leg, Refusal> {
  switch (leg.way) {
    case 'payout':
      return sendPayout(units, ground, leg, approval, context);
    case 'merchant':
      return sendToMerchant(units, leg, context);
    case 'acquirer':
      return sendRefund(units, leg, approval, context);
  }
}

function itemOf(units: MoneyUnits, leg: Leg): Item {
  const item = units.escrow.items.get(leg.itemId);
  assert(item !== undefined, 'a leg belongs to an item');
  return item;
}

function dealOf(units: MoneyUnits, leg: Leg): Deal {
  const deal = units.escrow.deals.get(leg.dealId);
  assert(deal !== undefined, 'a leg belongs to a deal');
  return deal;
}

/** What is on its way, in the column of its purpose. */
function startMoving(units: MoneyUnits, item: Item, leg: Leg): void {
  if (leg.purpose === 'refund') {
    const refundingMinor = item.refundingMinor + leg.amountMinor;
    units.escrow.items.update(item.id, { refundingMinor });
  } else {
    units.escrow.items.update(item.id, { movingMinor: item.movingMinor + leg.amountMinor });
  }
}

function sendPayout(
  units: MoneyUnits,
  ground: MoneyGround,
  leg: Leg,
  approval: Approval,
  context: CommandContext,
): Result<Leg, Refusal> {
  const item = itemOf(units, leg);
  const deal = dealOf(units, leg);
  const { bankAccountId, bankAccountMasked } = partyOf(deal, leg.role);
  assert(isCurrency(deal.currency), 'a deal is kept in a currency that we know');
  if (bankAccountId === null) {
    return refuse('release_payee_missing', { values: { role: leg.role } });
  }
  const payout = units.payouts.create(
    {
      source: accountOf(item),
      custodyAccount: ground.routing.ofBook(item.book).custodyAccount,
      payee: {
        kind: 'bank_account',
        id: bankAccountId,
        ...(bankAccountMasked === null ? {} : { shown: bankAccountMasked }),
      },
      amount: { amount: leg.amountMinor, currency: deal.currency },
      purpose: `escrow_${leg.purpose}`,
      remittance: `${deal.number} ${item.key}`,
      reference: { kind: escrowReferences.leg, id: leg.id },
      maker: approval.maker,
      approval: { kind: 'given', by: approval.checker },
    },
    context,
  );
  if (!payout.ok) return payout;
  startMoving(units, item, leg);
  return ok(units.escrow.legs.update(leg.id, { state: 'moving', payoutId: payout.value.id }));
}

function sendToMerchant(
  units: MoneyUnits,
  leg: Leg,
  context: CommandContext,
): Result<Leg, Refusal> {
  const item = itemOf(units, leg);
  const merchantId = partyOf(dealOf(units, leg), leg.role).id;
  const { book } = item;
  const posted = units.ledger.post(
    {
      id: context.newId(item.id),
      book,
      cause: { module: 'escrow', object: leg.dealId, command: context.key },
      transfers: [
        {
          kind: 'posted',
          debit: accountOf(item),
          credit: { book, code: 2002, owner: merchantId },
          amount: leg.amountMinor,
        },
      ],
    },
    context.now,
  );
  if (!posted.ok) return posted;
  const window = { ...tradeByBank(context.now), book, merchantId };
  units.splits.earn(window, leg.amountMinor, context.now);
  units.escrow.items.update(item.id, { releasedMinor: item.releasedMinor + leg.amountMinor });
  return ok(units.escrow.legs.update(leg.id, { state: 'paid', finalAt: context.now }));
}

function sendRefund(
  units: MoneyUnits,
  leg: Leg,
  approval: Approval,
  context: CommandContext,
): Result<Leg, Refusal> {
  const funding = units.escrow.fundings.get(leg.fundingId ?? '');
  assert(funding !== undefined, 'a refund gives a payment back');
  const deal = dealOf(units, leg);
  const refund = units.payments.requestRefund(
    funding.orderId,
    {
      amount: leg.amountMinor,
      reason: `${deal.number} ${deal.failureReason ?? ''}`.slice(0, 80),
      requestedBy: approval.maker,
      approval: { kind: 'given', by: approval.checker },
      ...(funding.attemptId === null ? {} : { attemptId: funding.attemptId }),
    },
    context,
  );
  if (!refund.ok) return refund;
  startMoving(units, itemOf(units, leg), leg);
  return ok(units.escrow.legs.update(leg.id, { state: 'moving', refundId: refund.value.id }));
}

/** The sum of what a deal's items have on its way. */
export function movingOf(items: Iterable<Item>): bigint {
  let sum = 0n;
  for (const item of items) sum += item.movingMinor + item.refundingMinor;
  return sum;
}
