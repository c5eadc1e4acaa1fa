import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import type { Unit } from '@keyturn/pipeline';
import { createPaymentsUnit, type PaymentsUnit } from '../../../movement/payments/index.ts';
import type { Command, CommandKind, CommandRunner } from '../../../platform/index.ts';
import type { BankCalendar } from '../decide/bank-calendar.ts';
import type { SplitRule } from '../decide/split.ts';
import { refuse } from '../errors.ts';
import { merchantAccounts } from '../tables.ts';
import { createSplitsUnit, type SplitsUnit } from '../unit.ts';
import { type Trade, windowId } from '../windows.ts';

/** A rule with weights as text, so that a command's input is plain data. */
export interface PlanInput {
  readonly orderId: string;
  readonly fee?: { readonly product: string; readonly bps: number; readonly vatBps: number };
  readonly receivers: readonly { readonly merchantId: string; readonly weight: string }[];
}

/** A paid order to share out; `whole` when nobody planned a split: all of it is the merchant's. */
export interface ShareInput {
  readonly orderId: string;
  readonly tradeDate: string;
  readonly contractId: string | null;
  readonly whole?: {
    readonly book: string;
    readonly merchantId: string;
    readonly amountMinor: bigint;
    readonly currency: string;
  };
}

interface PlanUnits extends Readonly<Record<string, Unit>> {
  readonly splits: SplitsUnit;
  readonly payments: PaymentsUnit;
  readonly ledger: LedgerUnit;
}

interface ShareUnits extends Readonly<Record<string, Unit>> {
  readonly splits: SplitsUnit;
  readonly ledger: LedgerUnit;
}

/** Plans how an unpaid order of a merchant is shared. */
export function definePlanSplit(
  commands: CommandRunner,
  calendar: BankCalendar,
): Command<PlanInput, { splitId: string }> {
  const kind: CommandKind<PlanInput, PlanUnits, { splitId: string }> = {
    name: 'settlement.plan_split',
    units: () => {
      const ledger = createLedgerUnit();
      const splits = createSplitsUnit(ledger, calendar);
      return { splits, payments: createPaymentsUnit(ledger), ledger };
    },
    load: async (tx, { splits, payments }, calls) => {
      const ids = calls.map(({ input }) => input.orderId);
      await splits.lock(tx, ids);
      await payments.lockOrders(tx, ids);
    },
    decide: ({ splits, payments }, input, context): Result<{ splitId: string }, Refusal> => {
      const order = payments.order(input.orderId);
      const payable = order && order.paidMinor === 0n && order.closing === null;
      if (!payable || order.destinationCode !== 2002) {
        return refuse('split_order_unusable', { values: { order_id: input.orderId } });
      }
      const rule: SplitRule = {
        payer: order.destinationOwner,
        fee: input.fee,
        receivers: input.receivers.map(({ merchantId, weight }) => ({
          merchantId,
          weight: BigInt(weight),
        })),
      };
      const { id: orderId, destinationBook: book, amountMinor: amount, currency } = order;
      const planned = splits.plan({ orderId, book, amount, currency }, rule, context);
      return planned.ok ? ok({ splitId: planned.value.id }) : planned;
    },
  };
  return commands.define(kind);
}

/** Shares a paid order out among its receivers. An order without a merchant's money has none. */
export function defineShareOrder(
  commands: CommandRunner,
  calendar: BankCalendar,
): Command<ShareInput, { state: string }> {
  const kind: CommandKind<ShareInput, ShareUnits, { state: string }> = {
    name: 'settlement.share_order',
    units: () => {
      const ledger = createLedgerUnit();
      return { splits: createSplitsUnit(ledger, calendar), ledger };
    },
    load: async (tx, { splits, ledger }, calls) => {
      const trades = new Map(calls.map(({ input }) => [input.orderId, tradeOf(input)]));
      await splits.lock(tx, [...trades.keys()], trades);
      const wholes = calls.flatMap(({ input }) =>
        input.whole ? [{ ...input.whole, ...tradeOf(input) }] : [],
      );
      const fresh = wholes.filter((whole) => splits.window(windowId(whole)) === undefined);
      await splits.lockWindows(tx, fresh);
      const accounts = calls.flatMap(({ input }) => splits.accountsOf(input.orderId));
      const owners = wholes.map(({ book, merchantId }) =>
        merchantAccounts.pending(book, merchantId),
      );
      const now = calls[0]?.context.now;
      if (now) await ledger.load(tx, { accounts: [...accounts, ...owners] }, now);
    },
    decide: ({ splits }, input, context): Result<{ state: string }, Refusal> => {
      if (splits.splitOf(input.orderId) === undefined) {
        if (!input.whole) return ok({ state: 'none' });
        const { book, merchantId, amountMinor: amount, currency } = input.whole;
        const rule = { payer: merchantId, fee: undefined, receivers: [{ merchantId, weight: 1n }] };
        const order = { orderId: input.orderId, book, amount, currency };
        const planned = splits.plan(order, rule, context);
        if (!planned.ok) return planned;
      }
      return ok({ state: splits.shareOut(input.orderId, tradeOf(input), context).state });
    },
  };
  return commands.define(kind);
}

function tradeOf(input: ShareInput): Trade {
  return {
    tradeDate: Temporal.PlainDate.from(input.tradeDate),
    contractId: input.contractId,
  };
}
