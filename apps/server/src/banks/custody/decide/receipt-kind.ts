import type { BankEntry, Contract } from '../../channels/index.ts';
import type { ReceiptKind } from '../types.ts';

/** How an acquirer names its settlement at the bank: `WXSETTLE 1900000001` before the date. */
export interface SettlementMark {
  readonly contractId: string;
  readonly remittance: string;
}

/** The marks of the acquirers that settle to an account. */
export function settlementMarks(
  contracts: readonly Contract[],
  accountId: string,
): readonly SettlementMark[] {
  return contracts.flatMap((contract) => {
    if (contract.adapter !== 'wechat_pay_v3' || contract.settlesTo !== accountId) return [];
    const { settlement_remittance, mchid } = contract.config;
    return [{ contractId: contract.id, remittance: settlement_remittance ?? `WXSETTLE ${mchid}` }];
  });
}

export interface KnownKind {
  readonly kind: ReceiptKind;
  readonly settledContract: string | null;
  readonly settledDate: Temporal.PlainDate | null;
}

/** The text by which our own transfers between books announce themselves. */
const topUp = /^TOPUP(\s|$)/;

/**
 * What an entry is. A text says nothing on a virtual account: it is the owner's, and anybody can
 * write there what they like. Money that comes back is a return, wherever it lies.
 */
export function kindOf(entry: BankEntry, marks: readonly SettlementMark[]): KnownKind {
  const plain = (kind: ReceiptKind): KnownKind => ({
    kind,
    settledContract: null,
    settledDate: null,
  });
  if (entry.direction === 'debit') return plain('debit');
  if (entry.returned !== undefined) return plain('return');
  if (entry.virtualAccount !== undefined) return plain('transfer');
  const text = entry.remittance?.trim() ?? '';
  for (const mark of marks) {
    const date = settledDate(text, mark.remittance);
    if (date !== undefined) {
      return { kind: 'channel_settlement', settledContract: mark.contractId, settledDate: date };
    }
  }
  if (topUp.test(text) || entry.endToEndId?.startsWith('TOPUP')) return plain('top_up');
  return plain('transfer');
}

/** The day after a mark: `WXSETTLE 1900000001 20261119`. */
function settledDate(text: string, mark: string): Temporal.PlainDate | undefined {
  if (!text.startsWith(`${mark} `)) return undefined;
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(text.slice(mark.length + 1).trim());
  if (!match) return undefined;
  try {
    return Temporal.PlainDate.from(`${match[1]}-${match[2]}-${match[3]}`);
  } catch {
    return undefined; // No such day: then it is not a settlement's text.
  }
}
