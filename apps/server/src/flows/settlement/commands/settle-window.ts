import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { type AccountSpec, balanceOf, createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import { createRowSet, type RowSet, type Unit } from '@keyturn/pipeline';
import type {
  Command,
  CommandContext,
  CommandKind,
  CommandRunner,
} from '../../../platform/index.ts';
import { decideWindow } from '../decide/window.ts';
import { lockWindows, readCleared } from '../store.ts';
import { merchantAccounts, type SettlementWindow, windowTable } from '../tables.ts';

interface Units extends Readonly<Record<string, Unit>> {
  readonly windows: RowSet<SettlementWindow>;
  readonly cleared: ClearedDays;
  readonly ledger: LedgerUnit;
}

/** Which days acquirers have paid: read once per batch, never written. */
interface ClearedDays extends Unit {
  days: ReadonlySet<string>;
}

function createClearedDays(): ClearedDays {
  return {
    days: new Set(),
    mark: () => 0,
    undo: () => undefined,
    flush: async () => undefined,
  };
}

interface Input {
  readonly windowId: string;
}

/**
 * Moves what a merchant earned from pending to available, once its day has come and the channel has
 * paid.
 */
export function defineSettleWindow(commands: CommandRunner): Command<Input, { done: string }> {
  const kind: CommandKind<Input, Units, { done: string }> = {
    name: 'settlement.settle_window',
    units: () => ({
      windows: createRowSet(windowTable),
      cleared: createClearedDays(),
      ledger: createLedgerUnit(),
    }),
    load: async (tx, { windows, cleared, ledger }, calls) => {
      const [first, ...others] = new Set(calls.map(({ input }) => input.windowId));
      if (first === undefined) return;
      const found = await lockWindows(tx, [first, ...others]);
      windows.adopt(found);
      const days = found.flatMap(({ contractId, tradeDate }) =>
        contractId === null ? [] : [{ contractId, tradeDate }],
      );
      cleared.days = await readCleared(tx, days);
      const accounts = found.flatMap(accountsOf);
      const now = calls[0]?.context.now;
      if (now) await ledger.load(tx, { accounts }, now);
    },
    decide: (units, input, context): Result<{ done: string }, Refusal> => {
      const window = units.windows.get(input.windowId);
      if (window?.state !== 'open' || window.dueAt === null) return ok({ done: 'nothing' });
      return settle(units, window, context);
    },
  };
  return commands.define(kind);
}

function accountsOf({ book, merchantId }: SettlementWindow): AccountSpec[] {
  return [merchantAccounts.pending(book, merchantId), merchantAccounts.available(book, merchantId)];
}

function settle(
  { windows, cleared, ledger }: Units,
  window: SettlementWindow,
  context: CommandContext,
): Result<{ done: string }, Refusal> {
  const { book, merchantId, contractId, tradeDate } = window;
  const debit = merchantAccounts.pending(book, merchantId);
  const credit = merchantAccounts.available(book, merchantId);
  const decided = decideWindow(
    {
      amount: window.amountMinor,
      dueAt: window.settlesAt,
      cleared: contractId === null || cleared.days.has(`${contractId}/${tradeDate}`),
    },
    balanceOf(ledger.account(debit)).available,
    context.now,
  );
  if (decided.kind === 'wait') {
    windows.update(window.id, { dueAt: decided.until });
    return ok({ done: decided.reason });
  }
  if (decided.kind === 'abort') {
    windows.update(window.id, { amountMinor: 0n, state: 'aborted', dueAt: null });
    return ok({ done: 'aborted' });
  }
  const { amount } = decided;
  const cause = { module: 'settlement', object: window.id, command: context.key };
  const transfers = [{ kind: 'posted', debit, credit, amount } as const];
  const id = context.newId(merchantId);
  const posted = ledger.post({ id, book, cause, transfers }, context.now);
  if (!posted.ok) {
    // Frozen or closed: it stays pending, and is looked at again.
    windows.update(window.id, { dueAt: context.now.add({ minutes: 30 }) });
    return ok({ done: posted.error.code });
  }
  windows.update(window.id, {
    amountMinor: 0n,
    settledMinor: window.settledMinor + amount,
    state: 'settled',
    dueAt: null,
    settledAt: context.now,
    events: window.events + 1n,
  });
  context.emit({
    type: 'settlement.window_settled',
    objectId: window.id,
    objectSequence: window.events + 1n,
    payload: {
      window_id: window.id,
      book,
      merchant_id: merchantId,
      trade_date: tradeDate.toString(),
      ...(contractId === null ? {} : { contract_id: contractId }),
      amount,
    },
  });
  return ok({ done: 'settled' });
}
