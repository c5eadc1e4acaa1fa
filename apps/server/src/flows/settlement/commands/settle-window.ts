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
import { lockWindows, readCleared, readOpenOf } from '../store.ts';
import { merchantAccounts, type SettlementWindow, windowTable } from '../tables.ts';

interface Units extends Readonly<Record<string, Unit>> {
  readonly windows: RowSet<SettlementWindow>;
  readonly around: Surroundings;
  readonly ledger: LedgerUnit;
}

/** What a batch looks at and never writes. */
interface Surroundings extends Unit {
  /** Which days acquirers have paid, as `contract/date`. */
  days: ReadonlySet<string>;
  /** The other open windows of the same merchants. */
  others: readonly SettlementWindow[];
}

function createSurroundings(): Surroundings {
  return {
    days: new Set(),
    others: [],
    mark: () => 0,
    undo: () => undefined,
    flush: () => undefined,
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
      around: createSurroundings(),
      ledger: createLedgerUnit(),
    }),
    load: async (tx, { windows, around, ledger }, calls) => {
      const [first, ...others] = new Set(calls.map(({ input }) => input.windowId));
      if (first === undefined) return;
      const found = await lockWindows(tx, [first, ...others]);
      windows.adopt(found);
      const accounts = found.flatMap(accountsOf);
      const now = calls[0]?.context.now;
      if (now) await ledger.load(tx, { accounts }, now);
      // After the lock on their accounts: whoever earned on one of them has committed.
      const [merchant, ...more] = new Set(found.map(({ merchantId }) => merchantId));
      if (merchant === undefined) return;
      const open = await readOpenOf(tx, [merchant, ...more]);
      around.others = open.filter(({ id }) => windows.get(id) === undefined);
      const days = [...found, ...around.others].flatMap(({ contractId, tradeDate }) =>
        contractId === null ? [] : [{ contractId, tradeDate }],
      );
      around.days = await readCleared(tx, days);
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

function isCleared({ around }: Units, { contractId, tradeDate }: SettlementWindow): boolean {
  return contractId === null || around.days.has(`${contractId}/${tradeDate}`);
}

/** What the merchant's other windows will settle that cannot yet. */
function unreadyBeside(units: Units, window: SettlementWindow, now: Temporal.Instant): bigint {
  let sum = 0n;
  for (const other of [...units.around.others, ...units.windows.all()]) {
    const beside =
      other.id !== window.id &&
      other.state === 'open' &&
      other.book === window.book &&
      other.merchantId === window.merchantId;
    const due = Temporal.Instant.compare(other.settlesAt, now) <= 0;
    if (beside && !(due && isCleared(units, other))) sum += other.amountMinor;
  }
  return sum;
}

function settle(
  units: Units,
  window: SettlementWindow,
  context: CommandContext,
): Result<{ done: string }, Refusal> {
  const { windows, ledger } = units;
  const { book, merchantId, contractId, tradeDate } = window;
  const debit = merchantAccounts.pending(book, merchantId);
  const credit = merchantAccounts.available(book, merchantId);
  const decided = decideWindow(
    {
      amount: window.amountMinor,
      dueAt: window.settlesAt,
      cleared: isCleared(units, window),
    },
    balanceOf(ledger.account(debit)).available,
    unreadyBeside(units, window, context.now),
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
  const { amount, later } = decided;
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
    amountMinor: later,
    settledMinor: window.settledMinor + amount,
    ...(later > 0n
      ? { dueAt: context.now.add({ minutes: 10 }) }
      : { state: 'settled', dueAt: null }),
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
