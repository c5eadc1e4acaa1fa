import { assert, encodeId, isCurrency, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Order } from '../../../movement/payments/index.ts';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import type { ItemTerms } from '../decide/agreement.ts';
import { amountText } from '../decide/release.ts';
import { refuse } from '../errors.ts';
import { type MoneyGround, type MoneyUnits, partyOf } from '../money.ts';
import { settleDeal, settleFunding } from '../progress.ts';
import { escrowReferences } from '../references.ts';
import { accountOf, type Deal, type Item, isEscrowed, missingOf } from '../tables.ts';
import { nextPosition } from '../unit.ts';
import { hasFailed, refundLate } from '../unwind.ts';
import { type Actor, defineDealCommand } from './define.ts';
import { unknownKey } from './terms.ts';

export interface OpenOrder {
  readonly dealId: string;
  readonly itemKey: string;
  /** Minor units; all that is missing when not said. */
  readonly amountMinor?: bigint;
  readonly expiresAt?: string;
  /** A party opens the order of what it owes itself, by the link that it was given. */
  readonly by: Actor | { readonly kind: 'party'; readonly role: string };
}

export interface OpenedOrder {
  readonly dealId: string;
  readonly orderId: string;
}

/**
 * How long an order for a transfer stays open when nobody says; transfers of large sums take days.
 */
const transferLife = { hours: 24 * 30 };
const acquirerLife = { hours: 24 };

/** Makes the order by which an item is paid, with the split that its merchants share it by. */
export function defineOpenOrder(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<OpenOrder, OpenedOrder> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.open_order',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    mayMoveMoney: () => false,
    decide: (units, input: OpenOrder, context) => {
      const { escrow } = units;
      const found = escrow.deal(input.dealId);
      if (!found.ok) return found;
      const items = escrow.itemsOf(input.dealId);
      const item = items.find(({ key }) => key === input.itemKey);
      const keys = items.map(({ key }) => key);
      if (!item) return unknownKey('item', input.itemKey, keys, 'key');
      const amount = payable(item, input.amountMinor, found.value.currency);
      if (!amount.ok) return amount;
      const stepped = escrow.step(found.value, 'open_order', 'order');
      if (!stepped.ok) return stepped;
      const order = openOrder(units, ground, stepped.value, item, amount.value, input, context);
      if (!order.ok) return order;
      escrow.items.update(item.id, { orderId: order.value.id, openMinor: amount.value });
      const { payer } = termsOf(units, item);
      const line = { kind: 'order_opened', itemKey: item.key, role: payer };
      escrow.line(input.dealId, { ...line, amountMinor: amount.value }, context.now);
      return ok({ dealId: input.dealId, orderId: order.value.id });
    },
  });
}

function payable(item: Item, asked: bigint | undefined, currency: string): Result<bigint, Refusal> {
  if (item.openMinor > 0n) {
    const orderId = encodeId('ord', item.orderId ?? '');
    return refuse('item_order_open', { values: { item: item.key, order_id: orderId } });
  }
  const missing = missingOf(item);
  if (missing === 0n) return refuse('item_paid', { values: { item: item.key } });
  const amount = asked ?? missing;
  if (amount > missing || amount <= 0n) {
    const values = {
      item: item.key,
      missing: amountText(missing, currency),
      amount: amountText(amount, currency),
    };
    return refuse('item_amount_exceeds_missing', { param: 'amount', values });
  }
  return ok(amount);
}

function termsOf({ escrow }: MoneyUnits, item: Item): ItemTerms {
  const terms = escrow.terms(item.dealId).items.find(({ key }) => key === item.key);
  assert(terms !== undefined, 'an item stands in the agreement');
  return terms;
}

function openOrder(
  units: MoneyUnits,
  ground: MoneyGround,
  deal: Deal,
  item: Item,
  amount: bigint,
  input: OpenOrder,
  context: CommandContext,
): Result<Order, Refusal> {
  const terms = termsOf(units, item);
  const route = ground.routing.ofBook(item.book);
  assert(isCurrency(deal.currency), 'a deal is kept in a currency that we know');
  const payer = partyOf(deal, terms.payer);
  const life = terms.methods.includes('bank_transfer') ? transferLife : acquirerLife;
  const order = units.payments.createOrder(
    {
      integratorId: deal.integratorId,
      purpose: `deal_${item.key}`,
      subject: `${terms.name.zh} ${deal.title}`.slice(0, 60),
      description: `交易编号 ${deal.number}`,
      english: {
        subject: `${terms.name.en}, ${deal.title}`.slice(0, 120),
        description: `Deal ${deal.number}`,
      },
      amount: { amount, currency: deal.currency },
      destination: accountOf(item),
      reference: { kind: escrowReferences.item, id: item.id },
      methods: terms.methods,
      ...(route.acquirerContractId === undefined ? {} : { contractId: route.acquirerContractId }),
      custodyAccountId: route.custodyAccount.id,
      ...(payer.kind === 'person' ? { payerId: payer.id } : {}),
      expiresAt:
        input.expiresAt === undefined
          ? context.now.add(life)
          : Temporal.Instant.from(input.expiresAt),
      lateSuccess: 'settle',
    },
    context,
  );
  if (!order.ok || isEscrowed(item)) return order;
  const planned = planShares(units, deal, item, order.value, context);
  return planned.ok ? order : planned;
}

/**
 * A merchant's item is shared as the agreement says; without a word it is all the beneficiary's.
 */
function planShares(
  units: MoneyUnits,
  deal: Deal,
  item: Item,
  order: Order,
  context: CommandContext,
): Result<undefined, Refusal> {
  const terms = termsOf(units, item);
  const receivers = terms.split?.receivers ?? [{ role: terms.beneficiary, weight: 1 }];
  const planned = units.splits.plan(
    {
      orderId: order.id,
      book: item.book,
      amount: order.amountMinor,
      currency: deal.currency,
    },
    {
      payer: partyOf(deal, terms.beneficiary).id,
      fee: terms.split?.fee,
      receivers: sharesOf(deal, receivers),
    },
    context,
  );
  return planned.ok ? ok(undefined) : planned;
}

/** One merchant may play several of the roles that share: it gets what they get together. */
function sharesOf(
  deal: Deal,
  receivers: readonly { readonly role: string; readonly weight: number }[],
): readonly { readonly merchantId: string; readonly weight: bigint }[] {
  const weights = new Map<string, bigint>();
  for (const { role, weight } of receivers) {
    const { id } = partyOf(deal, role);
    weights.set(id, (weights.get(id) ?? 0n) + BigInt(weight));
  }
  return [...weights].map(([merchantId, weight]) => ({ merchantId, weight }));
}

/** What `payments.order_paid` says about an item. */
export interface ItemPayment {
  readonly itemId: string;
  readonly orderId: string;
  readonly amountMinor: bigint;
  readonly remainingMinor: bigint;
  readonly method: string;
  readonly attemptId?: string;
  readonly receiptId?: string;
}

/** Counts a payment that lies on an item's account. One that comes too late is given back. */
export function defineRecordPayment(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<ItemPayment, { state: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.record_payment',
    keys: ({ itemId }) => ({ items: [itemId] }),
    mayMoveMoney: hasFailed,
    decide: (units, input: ItemPayment, context) => {
      const { escrow } = units;
      const item = escrow.items.get(input.itemId);
      if (!item) return ok({ state: 'not_ours' });
      const next = keepPayment(units, item, input, context);
      const { payer } = termsOf(units, item);
      const line = { kind: 'item_paid', itemKey: item.key, role: payer };
      const parameters = { method: input.method };
      const amountMinor = input.amountMinor;
      escrow.line(item.dealId, { ...line, amountMinor, parameters }, context.now);
      const complete = missingOf(next) === 0n;
      const payload = {
        item_id: item.id,
        item_key: item.key,
        amount: input.amountMinor,
        order_id: input.orderId,
        complete,
      };
      escrow.tell(item.dealId, 'escrow.item_funded', payload, context);
      settleFunding(escrow, item.dealId, context);
      const late = refundLate(units, ground, item.dealId, context);
      if (!late.ok) return late;
      settleDeal(escrow, item.dealId, context);
      return ok({ state: complete ? 'complete' : 'partial' });
    },
  });
}

function keepPayment(
  { escrow }: MoneyUnits,
  item: Item,
  input: ItemPayment,
  context: CommandContext,
): Item {
  const transfer = input.method === 'bank_transfer';
  escrow.fundings.insert({
    id: context.newId(item.id),
    dealId: item.dealId,
    position: nextPosition(escrow.fundings, item.dealId),
    itemId: item.id,
    orderId: input.orderId,
    way: transfer ? 'bank_transfer' : 'acquirer',
    attemptId: input.attemptId ?? null,
    receiptId: input.receiptId ?? null,
    amountMinor: input.amountMinor,
    refundedMinor: 0n,
    at: context.now,
  });
  // An order that was closed before asks for nothing more, even if it is paid late in part.
  const open = item.orderId === input.orderId && item.openMinor > 0n;
  const paidMinor = item.paidMinor + input.amountMinor;
  const shared = isEscrowed(item) ? 0n : input.amountMinor;
  const next = escrow.items.update(item.id, {
    paidMinor,
    sharedMinor: item.sharedMinor + shared,
    ...(open ? { openMinor: input.remainingMinor } : {}),
  });
  if (missingOf(next) > 0n || next.fundedAt !== null) return next;
  return escrow.items.update(item.id, { fundedAt: context.now });
}

/** What `payments.order_closed` says about an item. */
export interface ClosedOrder {
  readonly itemId: string;
  readonly orderId: string;
  readonly reason: string;
}

/** Notes that nobody can pay an item's order any more; a new one may be opened. */
export function defineRecordClosedOrder(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<ClosedOrder, { state: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.record_closed_order',
    keys: ({ itemId }) => ({ items: [itemId] }),
    mayMoveMoney: () => false,
    decide: ({ escrow }, input: ClosedOrder, context) => {
      const item = escrow.items.get(input.itemId);
      if (item?.orderId !== input.orderId) return ok({ state: 'not_ours' });
      escrow.items.update(item.id, { openMinor: 0n });
      const parameters = { reason: input.reason };
      const line = { kind: 'order_closed', itemKey: item.key, parameters };
      escrow.line(item.dealId, line, context.now);
      return ok({ state: 'closed' });
    },
  });
}
