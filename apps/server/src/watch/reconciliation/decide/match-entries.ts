import type { ExceptionKind } from './exception-state.ts';

/**
 * Holds one statement's entries of one day against what we booked, by exact keys: the bank's
 * reference, then the end-to-end id. Direction, amount and currency are checked on top; never the
 * other way round.
 */

/** A booked entry of a statement. */
export interface EntryFacts {
  readonly id: string;
  readonly bankReference: string | null;
  readonly endToEndId: string | null;
  /** Signed minor units: what raises the balance is positive. */
  readonly amount: bigint;
  readonly currency: string;
}

/** A credit or debit as custody has it. `amount` is positive. */
export interface ReceiptFacts {
  readonly id: string;
  readonly bankReference: string;
  readonly endToEndId: string | null;
  readonly direction: 'credit' | 'debit';
  readonly amount: bigint;
  readonly currency: string;
}

/** A pay-out from this account. `amount` is positive. */
export interface PayoutFacts {
  readonly id: string;
  /** The end-to-end id. */
  readonly number: string;
  readonly bankReference: string | null;
  readonly amount: bigint;
  readonly currency: string;
  /** Whether the bank may have paid it, as far as we know. */
  readonly sent: boolean;
  readonly paid: boolean;
}

export interface Counterpart {
  readonly kind: 'receipt' | 'payout';
  readonly id: string;
}

/** What became of one entry. */
export type EntryOutcome =
  | {
      readonly entry: EntryFacts;
      readonly outcome: 'matched';
      readonly counterpart: Counterpart;
      readonly by: 'bank_reference' | 'end_to_end_id';
    }
  | {
      readonly entry: EntryFacts;
      readonly outcome: 'exception';
      readonly kind: ExceptionKind;
      readonly counterpart?: Counterpart;
      /** Signed minor units that we have for it, in the entry's currency. */
      readonly ours?: bigint;
      /** What differs, as `field: ours / the bank's`. */
      readonly differs: readonly string[];
    }
  /** A movement that nobody told us of: to be recorded, when the statement can be trusted. */
  | { readonly entry: EntryFacts; readonly outcome: 'unseen' };

/** Something of ours that the statement does not have. `amount` is signed. */
export interface Missing {
  readonly counterpart: Counterpart;
  readonly reference: string;
  readonly amount: bigint;
  readonly currency: string;
}

export interface EntryMatching {
  readonly entries: readonly EntryOutcome[];
  /**
   * Ids of debits that stand for pay-outs and that nobody told us of: the statement is the first to
   * say that the bank has paid.
   */
  readonly untold: readonly string[];
  readonly missing: readonly Missing[];
}

export interface EntryMatchInput {
  readonly entries: readonly EntryFacts[];
  /** Those of the day, and those that the entries' keys name. */
  readonly receipts: readonly ReceiptFacts[];
  readonly payouts: readonly PayoutFacts[];
  /** Which of ours the bank must show by this day: ids of receipts and pay-outs. */
  readonly expected: ReadonlySet<string>;
  /** `direction reference` of entries that an earlier day's statement had. */
  readonly seenBefore: ReadonlySet<string>;
}

interface Index {
  readonly receiptsByReference: ReadonlyMap<string, ReceiptFacts>;
  readonly receiptsByEndToEnd: ReadonlyMap<string, readonly ReceiptFacts[]>;
  readonly payoutsByNumber: ReadonlyMap<string, PayoutFacts>;
  readonly payoutsByReference: ReadonlyMap<string, PayoutFacts>;
  /** Receipts that an entry names by the bank's reference: no other entry may take them. */
  readonly named: ReadonlySet<string>;
}

function directionOf(entry: EntryFacts): 'credit' | 'debit' {
  return entry.amount < 0n ? 'debit' : 'credit';
}

/** By which an entry is told from another of the same account. */
export function entryKey(direction: 'credit' | 'debit', bankReference: string): string {
  return `${direction} ${bankReference}`;
}

function indexOf(input: EntryMatchInput): Index {
  const receipts = new Map(
    input.receipts.map((r) => [entryKey(r.direction, r.bankReference), r] as const),
  );
  const byEndToEnd = Map.groupBy(
    input.receipts.filter((r) => r.direction === 'credit' && r.endToEndId !== null),
    (r) => r.endToEndId ?? '',
  );
  const named = input.entries.flatMap((entry) => {
    if (entry.bankReference === null) return [];
    const receipt = receipts.get(entryKey(directionOf(entry), entry.bankReference));
    return receipt ? [receipt.id] : [];
  });
  return {
    receiptsByReference: receipts,
    receiptsByEndToEnd: byEndToEnd,
    payoutsByNumber: new Map(input.payouts.map((p) => [p.number, p])),
    payoutsByReference: new Map(
      input.payouts.flatMap((p) => (p.bankReference === null ? [] : [[p.bankReference, p]])),
    ),
    named: new Set(named),
  };
}

/**
 * Every entry ends in exactly one outcome; every expected one of ours is matched, told about or
 * missing.
 */
export function matchEntries(input: EntryMatchInput): EntryMatching {
  const index = indexOf(input);
  const taken = new Set<string>();
  const references = new Set(input.seenBefore);
  const entries = input.entries.map((entry) => {
    const outcome = outcomeOf(entry, index, references, taken);
    if (entry.bankReference !== null) {
      references.add(entryKey(directionOf(entry), entry.bankReference));
    }
    if (outcome.outcome !== 'unseen' && outcome.counterpart) taken.add(outcome.counterpart.id);
    return outcome;
  });
  return { entries, untold: entries.flatMap(untoldOf(index)), missing: missingOf(input, taken) };
}

function untoldOf({ receiptsByReference }: Index) {
  return (found: EntryOutcome): readonly string[] => {
    const { id, bankReference } = found.entry;
    const standsForPayout =
      found.outcome !== 'unseen' && found.counterpart?.kind === 'payout' && bankReference !== null;
    if (!standsForPayout || receiptsByReference.has(entryKey('debit', bankReference))) return [];
    return [id];
  };
}

function outcomeOf(
  entry: EntryFacts,
  index: Index,
  references: ReadonlySet<string>,
  taken: ReadonlySet<string>,
): EntryOutcome {
  const direction = directionOf(entry);
  const { bankReference } = entry;
  if (bankReference !== null && references.has(entryKey(direction, bankReference))) {
    const differs = [`bank reference ${bankReference} was there before`];
    return { entry, outcome: 'exception', kind: 'duplicate_at_bank', differs };
  }
  return direction === 'credit' ? creditOf(entry, index, taken) : debitOf(entry, index, taken);
}

function creditOf(entry: EntryFacts, index: Index, taken: ReadonlySet<string>): EntryOutcome {
  const { bankReference, endToEndId } = entry;
  if (bankReference !== null) {
    const receipt = index.receiptsByReference.get(entryKey('credit', bankReference));
    if (receipt)
      return checked(entry, receipt, { kind: 'receipt', id: receipt.id }, 'bank_reference');
    const opposite = index.receiptsByReference.get(entryKey('debit', bankReference));
    if (opposite) return turned(entry, opposite);
  }
  const candidates = (
    endToEndId === null ? [] : (index.receiptsByEndToEnd.get(endToEndId) ?? [])
  ).filter((receipt) => !taken.has(receipt.id) && !index.named.has(receipt.id));
  const [only, second] = candidates;
  if (only && !second) {
    return checked(entry, only, { kind: 'receipt', id: only.id }, 'end_to_end_id');
  }
  if (bankReference !== null) return { entry, outcome: 'unseen' };
  const differs = ['no bank reference: it cannot be told from another entry'];
  return { entry, outcome: 'exception', kind: 'unknown_entry', differs };
}

function debitOf(entry: EntryFacts, index: Index, taken: ReadonlySet<string>): EntryOutcome {
  const { bankReference, endToEndId } = entry;
  const byNumber = endToEndId === null ? undefined : index.payoutsByNumber.get(endToEndId);
  const byReference =
    bankReference === null ? undefined : index.payoutsByReference.get(bankReference);
  const payout = byReference ?? byNumber;
  if (payout) {
    const counterpart: Counterpart = { kind: 'payout', id: payout.id };
    if (taken.has(payout.id)) {
      const differs = [`pay-out ${payout.number} is on the statement more than once`];
      return { entry, outcome: 'exception', kind: 'duplicate_at_bank', differs };
    }
    if (!payout.sent) {
      const differs = [`pay-out ${payout.number} is not one that the bank was to pay`];
      return { entry, outcome: 'exception', kind: 'missing_here', counterpart, differs };
    }
    return checked(entry, payout, counterpart, byReference ? 'bank_reference' : 'end_to_end_id');
  }
  if (bankReference === null) {
    const differs = ['no bank reference: it cannot be told from another entry'];
    return { entry, outcome: 'exception', kind: 'unknown_entry', differs };
  }
  const opposite = index.receiptsByReference.get(entryKey('credit', bankReference));
  if (opposite) return turned(entry, opposite);
  if (index.receiptsByReference.has(entryKey('debit', bankReference))) {
    const differs = ['no pay-out of ours stands behind this debit'];
    return { entry, outcome: 'exception', kind: 'unknown_entry', differs };
  }
  return { entry, outcome: 'unseen' };
}

function turned(entry: EntryFacts, receipt: ReceiptFacts): EntryOutcome {
  const differs = [`direction: ${receipt.direction} / ${directionOf(entry)}`];
  const counterpart: Counterpart = { kind: 'receipt', id: receipt.id };
  // A debit notice is noted and not booked: pay-outs book what leaves.
  const amount = receipt.direction === 'credit' ? receipt.amount : 0n;
  const ours = entry.currency === receipt.currency ? { ours: amount } : {};
  return { entry, outcome: 'exception', kind: 'amount_differs', counterpart, ...ours, differs };
}

function checked(
  entry: EntryFacts,
  ours: { readonly amount: bigint; readonly currency: string },
  counterpart: Counterpart,
  by: 'bank_reference' | 'end_to_end_id',
): EntryOutcome {
  const amount = entry.amount < 0n ? -entry.amount : entry.amount;
  const differs: string[] = [];
  if (amount !== ours.amount) differs.push(`amount: ${ours.amount} / ${amount}`);
  if (entry.currency !== ours.currency) {
    differs.push(`currency: ${ours.currency} / ${entry.currency}`);
  }
  if (differs.length === 0) return { entry, outcome: 'matched', counterpart, by };
  const signed = entry.amount < 0n ? -ours.amount : ours.amount;
  const known = entry.currency === ours.currency ? { ours: signed } : {};
  return { entry, outcome: 'exception', kind: 'amount_differs', counterpart, ...known, differs };
}

/** A pay-out stands for the debit notice of the same payment, so that one gap is told once. */
function missingOf(input: EntryMatchInput, taken: ReadonlySet<string>): readonly Missing[] {
  const payouts = new Map(input.payouts.map((payout) => [payout.number, payout]));
  const receipts = input.receipts.flatMap((receipt): Missing[] => {
    if (!input.expected.has(receipt.id) || taken.has(receipt.id)) return [];
    const { bankReference: reference, currency } = receipt;
    const amount = receipt.direction === 'credit' ? receipt.amount : -receipt.amount;
    if (receipt.direction === 'debit') {
      const payout = payouts.get(receipt.endToEndId ?? '');
      if (payout && (taken.has(payout.id) || input.expected.has(payout.id))) return [];
      const shown = input.entries.some((e) => e.amount < 0n && e.bankReference === reference);
      if (shown) return [];
    }
    return [{ counterpart: { kind: 'receipt', id: receipt.id }, reference, amount, currency }];
  });
  const unpaid = input.payouts.flatMap((payout): Missing[] => {
    if (!payout.paid || !input.expected.has(payout.id) || taken.has(payout.id)) return [];
    const { number: reference, currency, amount } = payout;
    return [
      { counterpart: { kind: 'payout', id: payout.id }, reference, amount: -amount, currency },
    ];
  });
  return [...receipts, ...unpaid];
}
