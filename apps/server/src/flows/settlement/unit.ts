import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec, LedgerUnit } from '@keyturn/ledger';
import { combineUnits, createRowSet, type Tx, type Unit } from '@keyturn/pipeline';
import type { CommandContext } from '../../platform/index.ts';
import type { BankCalendar } from './decide/bank-calendar.ts';
import { problemOfRule, type SplitRule } from './decide/split.ts';
import { refuse } from './errors.ts';
import { followRefunds } from './follow-refunds.ts';
import { returnShares, type TakeBackRequest, type TakenBack } from './return-shares.ts';
import { type SplitRows, shareOut } from './share-out.ts';
import { lockSplits, lockWindows, readLegs } from './store.ts';
import {
  feeAccount,
  merchantAccounts,
  type SettlementWindow,
  type Split,
  type SplitLeg,
  splitLegTable,
  splitTable,
  storedRule,
  vatAccount,
  windowTable,
} from './tables.ts';
import { earn, type Trade, type WindowKey, windowId } from './windows.ts';

/** The order that a split is planned for. */
export interface SplitOrder {
  readonly orderId: string;
  readonly book: string;
  readonly amount: bigint;
  readonly currency: string;
}

/**
 * The splits' part in a batch: plans, shares out and takes back. Rows are locked before the
 * ledger's accounts; `accountsOf` says which accounts that are.
 */
export interface SplitsUnit extends Unit {
  /**
   * Locks the splits of orders with their legs and windows; `trades` for those that are to be
   * shared out.
   */
  lock(tx: Tx, orderIds: readonly string[], trades?: ReadonlyMap<string, Trade>): Promise<void>;
  /** Locks windows that will earn, at most once per batch and after `lock`. */
  lockWindows(tx: Tx, keys: readonly WindowKey[]): Promise<void>;
  splitOf(orderId: string): Split | undefined;
  legsOf(orderId: string): readonly SplitLeg[];
  window(id: string): SettlementWindow | undefined;
  accountsOf(orderId: string): readonly AccountSpec[];
  plan(order: SplitOrder, rule: SplitRule, context: CommandContext): Result<Split, Refusal>;
  shareOut(orderId: string, trade: Trade, context: CommandContext): Split;
  /** Brings the shares back to the payer's pending account, for a refund to be made from there. */
  takeBack(
    orderId: string,
    asked: TakeBackRequest,
    context: CommandContext,
  ): Result<TakenBack, Refusal>;
  /**
   * Holds the payer's window against what of the order is refunded: what left the pending account
   * otherwise than by `takeBack` does not settle, and does when it comes back.
   */
  followRefunds(orderId: string, refunded: bigint, now: Temporal.Instant): Split;
  /** Adds to what a merchant earned: it becomes available with its window. */
  earn(key: WindowKey, amount: bigint, now: Temporal.Instant): SettlementWindow;
  updateWindow(id: string, change: Partial<SettlementWindow>): SettlementWindow;
}

export function createSplitsUnit(ledger: LedgerUnit, calendar: BankCalendar): SplitsUnit {
  const rows: SplitRows = {
    splits: createRowSet(splitTable),
    legs: createRowSet(splitLegTable),
    windows: createRowSet(windowTable),
    ledger,
    calendar,
  };
  const all = combineUnits([rows.windows, rows.splits, rows.legs]);
  const marks: (readonly number[])[] = [];
  const splitOf = (orderId: string) =>
    Iterator.from(rows.splits.all()).find((split) => split.orderId === orderId);
  const loaded = (orderId: string) => present(splitOf(orderId), 'the split of an order');
  const legsOf = (orderId: string) => {
    const split = splitOf(orderId);
    return [...rows.legs.all()].filter(({ splitId }) => splitId === split?.id);
  };

  return {
    lock: (tx, orderIds, trades = new Map()) => lockRows(rows, tx, orderIds, trades),
    lockWindows: async (tx, keys) => {
      const [first, ...others] = new Set(keys.map(windowId));
      if (first !== undefined) rows.windows.adopt(await lockWindows(tx, [first, ...others]));
    },
    splitOf,
    legsOf,
    window: (id) => rows.windows.get(id),
    accountsOf: (orderId) => accountsOfSplit(splitOf(orderId)),
    plan: (order, rule, context) => {
      const problem = problemOfRule(rule);
      if (problem !== undefined) return refuse('split_rule_invalid', { values: { problem } });
      if (splitOf(order.orderId)) {
        return refuse('split_exists', { values: { order_id: order.orderId } });
      }
      return ok(rows.splits.insert(newSplit(order, rule, context)));
    },
    shareOut: (orderId, trade, context) => shareOut(rows, loaded(orderId), trade, context),
    takeBack: (orderId, asked, context) =>
      returnShares(rows, loaded(orderId), legsOf(orderId), asked, context),
    followRefunds: (orderId, refunded, now) =>
      followRefunds(rows, loaded(orderId), legsOf(orderId), refunded, now),
    earn: (key, amount, now) => earn(rows.windows, calendar, key, amount, now),
    updateWindow: (id, change) => rows.windows.update(id, change),
    mark: () => marks.push(all.mark()) - 1,
    undo: (mark) => {
      all.undo(present(marks[mark], 'a mark of this unit'));
      marks.length = mark;
    },
    flush: all.flush,
  };
}

async function lockRows(
  rows: SplitRows,
  tx: Tx,
  orderIds: readonly string[],
  trades: ReadonlyMap<string, Trade>,
): Promise<void> {
  const [firstOrder, ...otherOrders] = new Set(orderIds);
  if (firstOrder === undefined) return;
  const found = await lockSplits(tx, [firstOrder, ...otherOrders]);
  rows.splits.adopt(found);
  const [firstSplit, ...otherSplits] = found.map(({ id }) => id);
  if (firstSplit === undefined) return;
  const legs = await readLegs(tx, [firstSplit, ...otherSplits]);
  rows.legs.adopt(legs);
  const ids = legs.flatMap((leg) => leg.windowId ?? []);
  for (const split of found) {
    const trade = trades.get(split.orderId);
    if (!trade) continue;
    const { book } = split;
    ids.push(...merchantsOf(split).map((merchantId) => windowId({ ...trade, book, merchantId })));
  }
  const [firstWindow, ...otherWindows] = new Set(ids);
  if (firstWindow === undefined) return;
  rows.windows.adopt(await lockWindows(tx, [firstWindow, ...otherWindows]));
}

function newSplit(order: SplitOrder, rule: SplitRule, context: CommandContext): Split {
  return {
    id: context.newId(order.orderId),
    orderId: order.orderId,
    book: order.book,
    payer: rule.payer,
    amountMinor: order.amount,
    currency: order.currency,
    rule: storedRule(rule),
    state: 'planned',
    contractId: null,
    tradeDate: null,
    dueAt: null,
    blocked: null,
    feeMinor: 0n,
    vatMinor: 0n,
    feeReturnedMinor: 0n,
    refundedMinor: 0n,
    plannedAt: context.now,
    finishedAt: null,
    events: 0n,
  };
}

export function merchantsOf(split: Split): readonly string[] {
  return [...new Set([split.payer, ...split.rule.receivers.map(({ merchantId }) => merchantId)])];
}

/** Every account that sharing out, or taking back, can touch. */
function accountsOfSplit(split: Split | undefined): readonly AccountSpec[] {
  if (!split) return [];
  const specs = merchantsOf(split).flatMap((merchant) => [
    merchantAccounts.pending(split.book, merchant),
    merchantAccounts.available(split.book, merchant),
    merchantAccounts.margin(split.book, merchant),
  ]);
  const { fee } = split.rule;
  if (!fee) return specs;
  return [...specs, feeAccount(split.book, fee.product), vatAccount(split.book, fee.vatBps)];
}
