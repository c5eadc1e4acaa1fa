export { type BankCalendar, createBankCalendar } from './decide/bank-calendar.ts';
export type { SplitRule } from './decide/split.ts';
export { settlementErrors } from './errors.ts';
export type { SettlementEvents } from './events.ts';
export type { TakenBack } from './return-shares.ts';
export type { Split, SplitLeg } from './tables.ts';
export { createSplitsUnit, type SplitOrder, type SplitsUnit } from './unit.ts';
export { type Trade, tradeByBank, type WindowKey, windowId } from './windows.ts';
