import { type Currency, encodeId } from '@keyturn/kernel';
import { type Account, balanceOf } from '@keyturn/ledger';
import type { Static } from 'typebox';
import { moneyToWire } from '../../platform/index.ts';
import type { BalanceSchema, ChannelSettlementSchema, SplitSchema } from './schemas.ts';
import type { ChannelSettlement, SettlementWindow, Split, SplitLeg } from './tables.ts';

export type SplitView = Static<typeof SplitSchema>;
export type BalanceView = Static<typeof BalanceSchema>;
export type ChannelSettlementView = Static<typeof ChannelSettlementSchema>;

export function splitView(split: Split, legs: readonly SplitLeg[]): SplitView {
  const money = (amount: bigint) => moneyToWire(amount, split.currency);
  return {
    id: encodeId('spl', split.id),
    order_id: encodeId('ord', split.orderId),
    payer_id: encodeId('mer', split.payer),
    amount: money(split.amountMinor),
    state: split.state,
    ...(split.blocked === null ? {} : { blocked: split.blocked }),
    fee: money(split.feeMinor),
    vat: money(split.vatMinor),
    fee_returned: money(split.feeReturnedMinor),
    receivers: split.rule.receivers.map(({ merchantId, weight }) => {
      const leg = legs.find(({ receiver }) => receiver === merchantId);
      return {
        merchant_id: encodeId('mer', merchantId),
        weight,
        ...(leg ? { amount: money(leg.amountMinor), returned: money(leg.returnedMinor) } : {}),
        state: leg?.state ?? 'pending',
        ...(leg?.reason ? { reason: leg.reason } : {}),
      };
    }),
    planned_at: split.plannedAt.toString(),
    ...(split.finishedAt === null ? {} : { finished_at: split.finishedAt.toString() }),
  };
}

/** What a merchant has in one book; `windows` are its open ones. */
export function bookBalance(
  book: string,
  accounts: readonly Account[],
  windows: readonly SettlementWindow[],
  cleared: ReadonlySet<string>,
): BalanceView['items'][number] {
  const currency = book.slice(book.lastIndexOf('/') + 1) as Currency;
  const money = (amount: bigint) => moneyToWire(amount, currency);
  const of = (code: number) => {
    const account = accounts.find((one) => one.bookId === book && one.code === code);
    return money(account ? balanceOf(account).available : 0n);
  };
  return {
    book,
    pending: of(2002),
    available: of(2003),
    margin: of(2004),
    windows: windows.map((window) => ({
      trade_date: window.tradeDate.toString(),
      amount: money(window.amountMinor),
      settles_at: window.settlesAt.toString(),
      waits_for_channel:
        window.contractId !== null && !cleared.has(`${window.contractId}/${window.tradeDate}`),
    })),
  };
}

export function channelSettlementView(row: ChannelSettlement): ChannelSettlementView {
  const money = (amount: bigint) => moneyToWire(amount, row.currency);
  return {
    id: encodeId('chs', row.id),
    contract_id: row.contractId,
    trade_date: row.tradeDate.toString(),
    covers_from: row.coversFrom.toString(),
    custody_account_id: row.custodyAccountId,
    receipt_id: encodeId('rcp', row.receiptId),
    gross: money(row.grossMinor),
    refunds: money(row.refundsMinor),
    fees: money(row.feesMinor),
    fees_returned: money(row.feesReturnedMinor),
    carried: money(row.carriedMinor),
    expected: money(row.expectedMinor),
    received: money(row.receivedMinor),
    difference: money(row.differenceMinor),
    state: row.state,
    at: row.at.toString(),
  };
}
