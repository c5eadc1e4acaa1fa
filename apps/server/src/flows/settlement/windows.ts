import { assert, bankDate, namedId } from '@keyturn/kernel';
import type { RowSet } from '@keyturn/pipeline';
import type { BankCalendar } from './decide/bank-calendar.ts';
import { mayBecome, windowDueAt } from './decide/window.ts';
import type { SettlementWindow } from './tables.ts';

/**
 * How money came: on which bank day, over which acquirer contract (null: it is at the bank
 * already).
 */
export interface Trade {
  readonly tradeDate: Temporal.PlainDate;
  readonly contractId: string | null;
}

/** Names one settlement window. */
export interface WindowKey extends Trade {
  readonly book: string;
  readonly merchantId: string;
}

/** Settlement of merchants is T+1. */
const settlementDays = 1;

export function windowId(key: WindowKey): string {
  const name = `window/${key.book}/${key.merchantId}/${key.tradeDate}/${key.contractId ?? ''}`;
  return namedId(name, key.merchantId);
}

/** What was earned now without an acquirer: by a release or a bank transfer. */
export function tradeByBank(now: Temporal.Instant): Trade {
  return { tradeDate: bankDate(now), contractId: null };
}

/** Adds to what a merchant earned; opens the window when it is new, or was settled before. */
export function earn(
  windows: RowSet<SettlementWindow>,
  calendar: BankCalendar,
  key: WindowKey,
  amount: bigint,
  now: Temporal.Instant,
): SettlementWindow {
  assert(amount >= 0n, 'what is earned is not negative');
  const id = windowId(key);
  const known = windows.get(id);
  const settlesAt = windowDueAt(key.tradeDate, calendar, settlementDays);
  const dueAt = Temporal.Instant.compare(settlesAt, now) > 0 ? settlesAt : now;
  if (known) {
    assert(known.state === 'open' || mayBecome(known.state, 'open'), 'a window opens again');
    const amountMinor = known.amountMinor + amount;
    return windows.update(id, { amountMinor, state: 'open', dueAt: known.dueAt ?? dueAt });
  }
  return windows.insert({
    id,
    book: key.book,
    merchantId: key.merchantId,
    tradeDate: key.tradeDate,
    contractId: key.contractId,
    amountMinor: amount,
    settledMinor: 0n,
    state: 'open',
    settlesAt,
    dueAt,
    settledAt: null,
    events: 0n,
  });
}

/** What was earned and is taken back does not settle any more. */
export function unearn(windows: RowSet<SettlementWindow>, id: string | null, amount: bigint): void {
  const window = windows.get(id ?? '');
  if (window?.state !== 'open') return;
  const cut = amount < window.amountMinor ? amount : window.amountMinor;
  windows.update(window.id, { amountMinor: window.amountMinor - cut });
}
