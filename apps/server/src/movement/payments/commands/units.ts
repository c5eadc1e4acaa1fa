import { present, type Refusal, type Result } from '@keyturn/kernel';
import { createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import type { Tx } from '@keyturn/pipeline';
import type { CommandCall, CommandContext } from '../../../platform/index.ts';
import type { Aggregate, Change } from '../decide/change.ts';
import { createPaymentsUnit, type PaymentsState } from '../unit.ts';

/** The units of commands that book: orders first, ledger accounts last. */
export type BookingUnits = { readonly payments: PaymentsState; readonly ledger: LedgerUnit };

export function bookingUnits(): BookingUnits {
  const ledger = createLedgerUnit();
  return { payments: createPaymentsUnit(ledger), ledger };
}

/** Locks the accounts of all orders that are loaded; the last step of a load. */
export async function lockAccountsOf(
  tx: Tx,
  units: BookingUnits,
  calls: readonly CommandCall<unknown>[],
): Promise<void> {
  const { now } = present(calls[0], 'a batch has a call').context;
  await units.ledger.load(tx, { accounts: units.payments.accounts() }, now);
}

/** The ledger's reasons for which a destination takes no money now. */
const blocking: ReadonlySet<string> = new Set(['account_frozen', 'account_closed']);

/**
 * Applies a decision about money that has come and cannot be refused: when its destination takes
 * none now, it is decided again with that reason, and stays in suspense.
 */
export function applyArrival(
  payments: PaymentsState,
  context: CommandContext,
  decide: (blocked: string | undefined) => Result<Change, Refusal>,
): Result<Aggregate, Refusal> {
  const direct = decide(undefined);
  if (!direct.ok) return direct;
  const applied = payments.apply(direct.value, context);
  if (applied.ok || !blocking.has(applied.error.code)) return applied;
  const waiting = decide(applied.error.code);
  return waiting.ok ? payments.apply(waiting.value, context) : waiting;
}
