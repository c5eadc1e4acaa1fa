import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { createLedgerUnit } from '@keyturn/ledger';
import type { Unit } from '@keyturn/pipeline';
import { createPaymentsUnit, type PaymentsUnit } from '../../../movement/payments/index.ts';
import type { Command, CommandKind, CommandRunner } from '../../../platform/index.ts';
import type { BankCalendar } from '../decide/bank-calendar.ts';
import { createSplitsUnit, type SplitsUnit } from '../unit.ts';
import { windowId } from '../windows.ts';

interface Input {
  readonly orderId: string;
}

interface Units extends Readonly<Record<string, Unit>> {
  readonly splits: SplitsUnit;
  readonly payments: PaymentsUnit;
}

/** Holds a merchant's window against the refunds of an order, as they are under its lock. */
export function defineFollowRefund(
  commands: CommandRunner,
  calendar: BankCalendar,
): Command<Input, { state: string }> {
  const kind: CommandKind<Input, Units, { state: string }> = {
    name: 'settlement.follow_refund',
    units: () => {
      const ledger = createLedgerUnit();
      return { splits: createSplitsUnit(ledger, calendar), payments: createPaymentsUnit(ledger) };
    },
    load: async (tx, { splits, payments }, calls) => {
      const ids = calls.map(({ input }) => input.orderId);
      await splits.lock(tx, ids);
      const keys = ids.flatMap((id) => {
        const split = splits.splitOf(id);
        if (!split || split.tradeDate === null) return [];
        const { tradeDate, contractId, book, payer: merchantId } = split;
        return [{ tradeDate, contractId, book, merchantId }];
      });
      await splits.lockWindows(
        tx,
        keys.filter((key) => splits.window(windowId(key)) === undefined),
      );
      await payments.lockOrders(tx, ids);
    },
    decide: ({ splits, payments }, { orderId }, context): Result<{ state: string }, Refusal> => {
      const order = payments.order(orderId);
      if (!order || splits.splitOf(orderId) === undefined) return ok({ state: 'none' });
      const refunded = order.refundingMinor + order.refundedMinor;
      return ok({ state: splits.followRefunds(orderId, refunded, context.now).state });
    },
  };
  return commands.define(kind);
}
