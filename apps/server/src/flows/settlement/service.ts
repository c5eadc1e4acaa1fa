import {
  bankDate,
  decodeCursor,
  encodeId,
  ok,
  pageOf,
  present,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { readAccountsOfOwners } from '@keyturn/ledger';
import type { ReceiptRecorded } from '../../banks/custody/index.ts';
import type { PaymentsEvents } from '../../movement/payments/index.ts';
import { type CommandOutcome, RefusedError } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import data from './bank-days.json' with { type: 'json' };
import { defineFollowRefund } from './commands/follow-refund.ts';
import { type DayInput, defineSettleChannel } from './commands/settle-channel.ts';
import { defineSettleWindow } from './commands/settle-window.ts';
import { definePlanSplit, defineShareOrder, type ShareInput } from './commands/share-order.ts';
import { defineArrivedTopUp, defineFailedTopUp, defineTopUp } from './commands/top-up.ts';
import { createBankCalendar } from './decide/bank-calendar.ts';
import { createDueWork, ownAccountFor } from './due-work.ts';
import { refuse } from './errors.ts';
import {
  readChannelSettlements,
  readCleared,
  readLastOfDay,
  readLegs,
  readOpenWindows,
  readSplits,
  readWhole,
} from './store.ts';
import type { NewSplit, SettlementDeps, SettlementService } from './types.ts';
import {
  type BalanceView,
  bookBalance,
  channelSettlementView,
  type SplitView,
  splitView,
} from './views.ts';

/** Who gets what of merchants' money, and when: splits, windows, acquirers' settlements, fees. */
export function createSettlementService(deps: SettlementDeps): SettlementService {
  const calendar = createBankCalendar(data);
  const { commands } = deps;
  const share = defineShareOrder(commands, calendar);
  const settleChannel = defineSettleChannel(commands, deps.createReceiptsUnit);
  const arrivedTopUp = defineArrivedTopUp(commands, deps.createReceiptsUnit);
  const failedTopUp = defineFailedTopUp(commands);
  const settleWindow = defineSettleWindow(commands);
  const topUp = defineTopUp(commands);
  const plan = definePlanSplit(commands, calendar);
  const followRefund = defineFollowRefund(commands, calendar);
  const splitsOf = (ids: readonly [string, ...string[]]) => readViews(deps, ids);

  return {
    calendar,
    planSplit: async (key, by, split) => {
      const known = await checkReceivers(deps, by, split);
      if (!known.ok) return { ...known, replayed: false };
      const planned = await plan(key, {
        orderId: split.orderId,
        ...(split.fee ? { fee: split.fee } : {}),
        receivers: split.receivers.map(({ merchantId, weight }) => ({
          merchantId,
          weight: weight.toString(),
        })),
      });
      if (!planned.ok) return planned;
      const [view] = await splitsOf([split.orderId]);
      return { ...ok(present(view, 'the split that was planned')), replayed: planned.replayed };
    },
    splitsOf,
    merchantBalance: (merchantId, by) => balanceOfMerchant(deps, merchantId, by),
    channelSettlements: (contractId, page) => settlementPage(deps, contractId, page),
    wholeDays: (days) => readWhole(deps.database, days),
    onOrderPaid: async (eventId, at, paid) => {
      const input = await shareInputOf(deps, at, paid);
      if (input) done(await share(`settlement.share_order:${eventId}`, input));
    },
    onReceipt: async (eventId, receipt) => {
      const key = `settlement.receipt:${eventId}`;
      if (receipt.kind === 'top_up') {
        const { receipt_id: receiptId, end_to_end_id: payoutNumber } = receipt;
        if (payoutNumber !== undefined) done(await arrivedTopUp(key, { receiptId, payoutNumber }));
        return;
      }
      const input = await settleInputOf(deps, receipt);
      if (input) done(await settleChannel(key, input));
    },
    onRefund: async (eventId, orderId) => {
      const [split] = await readSplits(deps.database, [orderId]);
      if (split) done(await followRefund(`settlement.follow_refund:${eventId}`, { orderId }));
    },
    onPayoutFailed: async (eventId, payoutId) => {
      done(await failedTopUp(`settlement.failed_top_up:${eventId}`, { payoutId }));
    },
    due: createDueWork(deps, { share, settleWindow, topUp }, calendar),
  };
}

/** A consumer's command that is refused parks its event for somebody to look at. */
function done(outcome: CommandOutcome<unknown>): void {
  if (!outcome.ok) throw new RefusedError(outcome.error);
}

async function readViews(
  { database }: SettlementDeps,
  orderIds: readonly [string, ...string[]],
): Promise<readonly SplitView[]> {
  const splits = await readSplits(database, orderIds);
  const [first, ...others] = splits.map(({ id }) => id);
  const legs = first === undefined ? [] : await readLegs(database, [first, ...others]);
  return splits.map((split) =>
    splitView(
      split,
      legs.filter(({ splitId }) => splitId === split.id),
    ),
  );
}

async function checkReceivers(
  { payments, parties }: SettlementDeps,
  by: Principal,
  split: NewSplit,
): Promise<Result<undefined, Refusal>> {
  const order = await payments.order(split.orderId, by);
  if (!order.ok) return order;
  const ids = split.receivers.map(({ merchantId }) => merchantId);
  const names = await parties.namesOf(ids);
  const strange = ids.find((id) => names.get(id)?.kind !== 'merchant');
  if (strange === undefined) return ok(undefined);
  const values = { merchant_id: encodeId('mer', strange) };
  return refuse('split_receiver_unknown', { param: 'receivers', values });
}

/**
 * What sharing an order needs to know of its payment; nothing for orders that are no merchant's.
 */
async function shareInputOf(
  { payments }: SettlementDeps,
  at: Temporal.Instant,
  paid: PaymentsEvents['payments.order_paid'],
): Promise<ShareInput | undefined> {
  if (!paid.final) return undefined;
  const found = await payments.order(paid.order_id);
  if (!found.ok) throw new RefusedError(found.error);
  const { destination, attempts } = found.value;
  if (destination.account_code !== 2002) return undefined;
  const id = paid.attempt_id === undefined ? '' : encodeId('att', paid.attempt_id);
  const attempt = attempts.find((one) => one.id === id);
  const overChannel = attempt?.contract_id !== undefined;
  const paidAt = attempt?.paid_at === undefined ? at : Temporal.Instant.from(attempt.paid_at);
  return {
    orderId: paid.order_id,
    tradeDate: bankDate(overChannel ? paidAt : at).toString(),
    contractId: attempt?.contract_id ?? null,
    whole: {
      book: destination.book,
      merchantId: destination.owner,
      amountMinor: paid.paid_minor,
      currency: paid.currency,
    },
  };
}

/**
 * Refunds can outweigh a day, so that its acquirer pays nothing; they come off a later day's
 * payment.
 */
const longestCarry = 14;

async function settleInputOf(deps: SettlementDeps, receipt: ReceiptRecorded) {
  const { settled_contract: contractId, settled_date: date } = receipt;
  if (receipt.kind !== 'channel_settlement' || !contractId || !date) return undefined;
  const own = ownAccountFor(await deps.custody.accounts(), receipt.book);
  if (!own) throw new Error(`no own account stands behind the book ${receipt.book}`);
  const day = Temporal.PlainDate.from(date);
  const carried: DayInput[] = [];
  for (let back = 1; back <= longestCarry; back++) {
    const before = day.subtract({ days: back });
    const { net } = await deps.payments.channelDay(contractId, before);
    if (net > 0n || (await readLastOfDay(deps.database, contractId, before))) break;
    carried.push(await dayInput(deps, contractId, before));
  }
  // Quiet days before the first refund bring nothing with them.
  while (carried.at(-1)?.refunds_minor === 0n) carried.pop();
  const first = await dayInput(deps, contractId, day);
  const { receipt_id: receiptId } = receipt;
  return { receiptId, contractId, ownBook: own.book, days: [first, ...carried] as const };
}

async function dayInput(
  { payments }: SettlementDeps,
  contractId: string,
  date: Temporal.PlainDate,
): Promise<DayInput> {
  const day = await payments.channelDay(contractId, date);
  return {
    date: date.toString(),
    gross_minor: day.gross,
    fees_minor: day.fees,
    refunds_minor: day.refunded,
    fees_returned_minor: day.feesReturned,
  };
}

async function balanceOfMerchant(
  { database, parties }: SettlementDeps,
  merchantId: string,
  by: Principal | undefined,
): Promise<Result<BalanceView, Refusal>> {
  const merchant = await parties.merchant(merchantId, by);
  if (!merchant.ok) return merchant;
  const accounts = await readAccountsOfOwners(database, [merchantId]);
  const books = [...new Set(accounts.map(({ bookId }) => bookId))].sort();
  const items = await Promise.all(
    books.map(async (book) => {
      const windows = await readOpenWindows(database, merchantId, book);
      const days = windows.flatMap(({ contractId, tradeDate }) =>
        contractId === null ? [] : [{ contractId, tradeDate }],
      );
      return bookBalance(book, accounts, windows, await readCleared(database, days));
    }),
  );
  return ok({ merchant_id: encodeId('mer', merchantId), items });
}

async function settlementPage(
  { database }: SettlementDeps,
  contractId: string,
  page: { readonly limit: number; readonly cursor?: string },
) {
  const begin = ['9999-12-31', 'ffffffff-ffff-ffff-ffff-ffffffffffff'] as const;
  const place = page.cursor === undefined ? begin : decodeCursor(page.cursor, ['date', 'uuid']);
  if (place === undefined) {
    return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } } as const;
  }
  const [date, id] = place;
  const rows = await readChannelSettlements(database, contractId, { date, id }, page.limit + 1);
  const { items, nextCursor } = pageOf(rows, page.limit, (row) => [
    row.tradeDate.toString(),
    row.id,
  ]);
  return ok({ items: items.map(channelSettlementView), nextCursor });
}
