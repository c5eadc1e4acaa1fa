import type { DeclaredTotal, Statement, StatementEntry } from '../statement.ts';

type Figures = Pick<Statement, 'opening' | 'closing' | 'currency' | 'entries' | 'declared'>;

function turn(entry: StatementEntry): StatementEntry {
  if (!entry.reversal) return entry;
  return {
    ...entry,
    amount: -entry.amount,
    direction: entry.direction === 'credit' ? 'debit' : 'credit',
    details: entry.details.map((detail) => ({
      ...detail,
      amount: detail.amount === undefined ? undefined : -detail.amount,
    })),
  };
}

function sum(entries: readonly StatementEntry[], currency: string, bookedOnly: boolean): bigint {
  return entries
    .filter((entry) => entry.currency === currency && (!bookedOnly || entry.status === 'booked'))
    .reduce((total, entry) => total + entry.amount, 0n);
}

function netTotal(declared: readonly DeclaredTotal[]): bigint | undefined {
  return declared.find((total) => total.of === 'all' && total.code === undefined)?.net;
}

/** Whether the bank's own figures hold with these entries; undefined when it gives none. */
function holds(figures: Figures, entries: readonly StatementEntry[]): boolean | undefined {
  const { opening, closing, currency } = figures;
  if (opening?.currency === currency && closing?.currency === currency) {
    return opening.amount + sum(entries, currency, true) === closing.amount;
  }
  const net = netTotal(figures.declared);
  if (net === undefined) return undefined;
  return net === sum(entries, currency, true) || net === sum(entries, currency, false);
}

/**
 * ISO 20022 lets CdtDbtInd give the direction of a reversal itself: the reversal of a credit is
 * DBIT. Some banks leave the direction of the entry that is reversed instead. Where the bank's
 * figures contradict the first reading and prove the second one, the second is taken.
 */
export function settleReversals(figures: Figures): {
  readonly entries: readonly StatementEntry[];
  readonly reversalsTurned: boolean;
} {
  const asSent = { entries: figures.entries, reversalsTurned: false };
  if (!figures.entries.some((entry) => entry.reversal)) return asSent;
  if (holds(figures, figures.entries) !== false) return asSent;
  const turned = figures.entries.map(turn);
  return holds(figures, turned) === true ? { entries: turned, reversalsTurned: true } : asSent;
}
