import { bankZone, err, ok, type Result } from '@keyturn/kernel';
import { parse } from 'csv-parse/sync';
import type { OurTrade } from '../decide/match.ts';

/**
 * Reads an export of our own orders and refunds: CSV with a header, amounts in fen, times in
 * Beijing.
 */
export function readTradeExport(text: string): Result<readonly OurTrade[], string> {
  const rows: Record<string, string>[] = parse(text, { columns: true, bom: true, trim: true });
  const trades: OurTrade[] = [];
  for (const [index, row] of rows.entries()) {
    const { order_no: number, kind, channel, amount_fen, fee_fen, status } = row;
    const day = dayOf(row['success_time_beijing'] ?? '');
    const amounts = [amount_fen ?? '', fee_fen ?? ''].every((amount) => /^\d{1,18}$/.test(amount));
    if (!number || !channel || (kind !== 'pay' && kind !== 'refund') || !amounts || !day) {
      return err(`row ${index + 1} lacks order_no, kind, channel, an amount in fen or a time`);
    }
    trades.push({
      channel,
      number,
      kind,
      amount: BigInt(amount_fen ?? '0'),
      fee: BigInt(fee_fen ?? '0'),
      succeeded: status === 'SUCCESS',
      day,
    });
  }
  return ok(trades);
}

function dayOf(time: string): Temporal.PlainDate | undefined {
  try {
    return Temporal.PlainDateTime.from(time.replace(' ', 'T'))
      .toZonedDateTime(bankZone)
      .toPlainDate();
  } catch {
    return undefined; // Not a time; the caller names the row.
  }
}
