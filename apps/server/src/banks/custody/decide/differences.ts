import type { BankEntry } from '../../channels/index.ts';
import type { Receipt, RecordedEntry } from '../types.ts';

/** In what an entry contradicts the receipt that was booked for it before. */
export function differencesOf(
  receipt: Pick<Receipt, 'amount' | 'currency' | 'valueOn' | 'endToEndId'>,
  entry: Pick<BankEntry, 'amount' | 'currency' | 'valueOn' | 'endToEndId'>,
): RecordedEntry['differs'] {
  const differs: RecordedEntry['differs'][number][] = [];
  if (receipt.amount !== entry.amount) differs.push('amount');
  if (receipt.currency !== entry.currency) differs.push('currency');
  if (!receipt.valueOn.equals(entry.valueOn)) differs.push('value_date');
  if (receipt.endToEndId !== (entry.endToEndId ?? null)) differs.push('end_to_end_id');
  return differs;
}
