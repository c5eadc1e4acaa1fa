import { accountCodes, type BookBalance } from '@keyturn/ledger';

/**
 * The daily safety proof of one place (money.md): what the bank's statement says is what the
 * ledger says lies there, and that is what the book owes, less what of it lies elsewhere. Each
 * step item by item.
 */

/** What an item says; the console's texts know these. */
export const itemKinds = [
  // The right-hand side: what the book owes, and where else its money is.
  'clients',
  'pay_outs_under_way',
  'refunds_under_way',
  'suspense',
  'tax',
  'due_to_book',
  'income',
  'expense',
  'at_channel',
  'cash_in_transit',
  'interest_accrued',
  'receivable',
  'guarantee_placed',
  'due_from_book',
  'at_other_account',
  // Between ledger and bank: seen by one before the cut-off, by the other after it.
  'received_booked_later',
  'received_dated_later',
  'paid_booked_later',
  'paid_dated_later',
  'corrected_later',
  // What nobody can explain yet: an exception has it.
  'entry_unexplained',
  'missing_at_bank',
  'statement_contradicts_itself',
  'statement_missing',
  // Of a channel.
  'payments_unsettled',
  'refunds_unsettled',
  'owed_by_channel',
  'remainder',
] as const;
export type ItemKind = (typeof itemKinds)[number];

export type ItemGroup = 'liability' | 'in_transit' | 'unexplained' | 'channel';

/** `amount` is signed: what it adds to the figure of its group. */
export interface ProofItem {
  readonly group: ItemGroup;
  readonly kind: ItemKind;
  readonly reference: string;
  readonly amount: bigint;
  readonly explanation: string;
}

export function item(
  group: ItemGroup,
  kind: ItemKind,
  reference: string,
  amount: bigint,
): ProofItem {
  return { group, kind, reference, amount, explanation: `proof.${kind}` };
}

const perCode: Readonly<Record<number, ItemKind>> = {
  [accountCodes.payoutInTransit]: 'pay_outs_under_way',
  [accountCodes.refundInTransit]: 'refunds_under_way',
  [accountCodes.suspense]: 'suspense',
  [accountCodes.taxWithheld]: 'tax',
  [accountCodes.outputVat]: 'tax',
  [accountCodes.dueToBook]: 'due_to_book',
  [accountCodes.channelReceivable]: 'at_channel',
  [accountCodes.cashInTransit]: 'cash_in_transit',
  [accountCodes.interestReceivable]: 'interest_accrued',
  [accountCodes.partyReceivable]: 'receivable',
  [accountCodes.sponsorReceivable]: 'receivable',
  [accountCodes.guaranteePlaced]: 'guarantee_placed',
  [accountCodes.dueFromBook]: 'due_from_book',
};

/** Codes of which each account is an item of its own; the others are one item per code. */
const itemised: ReadonlySet<number> = new Set([
  accountCodes.channelReceivable,
  accountCodes.cashInTransit,
  accountCodes.interestReceivable,
  accountCodes.guaranteePlaced,
  accountCodes.dueFromBook,
  accountCodes.dueToBook,
  accountCodes.payoutInTransit,
  accountCodes.refundInTransit,
  accountCodes.suspense,
]);

export function isPlace(code: number): boolean {
  return code >= accountCodes.ownBank && code <= accountCodes.escrowBank;
}

function kindOf(code: number): ItemKind {
  const named = perCode[code];
  if (named) return named;
  if (isPlace(code)) return 'at_other_account';
  if (code >= 5000) return 'expense';
  if (code >= 4000) return 'income';
  return 'clients';
}

/** One line per code, and per account where an account is a place or another book. */
export interface BookSums {
  add(balance: BookBalance): void;
  readonly sums: ReadonlyMap<string, BookBalance>;
}

/** Gathers a book's balances as they come, so that a large book is never in memory. */
export function createBookSums(): BookSums {
  const sums = new Map<string, BookBalance>();
  return {
    sums,
    add: (balance) => {
      const { code } = balance;
      const owner = itemised.has(code) || isPlace(code) ? balance.owner : '';
      const key = `${code}/${owner}`;
      const before = sums.get(key);
      sums.set(key, {
        code,
        owner,
        debits: (before?.debits ?? 0n) + balance.debits,
        credits: (before?.credits ?? 0n) + balance.credits,
      });
    },
  };
}

/**
 * What the book owes of the money at one place: its liabilities and income, less what lies
 * elsewhere. Never looks at the place's own account.
 */
export function liabilitiesLyingAt(
  sums: Iterable<BookBalance>,
  place: { readonly code: number; readonly owner: string },
): readonly ProofItem[] {
  const items: ProofItem[] = [];
  for (const { code, owner, debits, credits } of sums) {
    if (code === place.code && owner === place.owner) continue;
    const amount = credits - debits;
    if (amount === 0n) continue;
    const reference = owner === '' ? String(code) : `${code}/${owner}`;
    items.push(item('liability', kindOf(code), reference, amount));
  }
  return items.sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

/** Items of one kind that a proof lists one by one. */
const listed = 500;

/**
 * Lists the first of each kind and puts the others into one item, so that a feed's gap stays
 * readable.
 */
export function foldItems(items: readonly ProofItem[]): readonly ProofItem[] {
  const kinds = [...Map.groupBy(items, ({ group, kind }) => `${group}/${kind}`).values()];
  return kinds.flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length <= listed) return same;
    const rest = same.slice(listed);
    const { group, kind } = first;
    return [...same.slice(0, listed), item(group, kind, `${rest.length} more`, sumOf(rest))];
  });
}

export interface PlaceFigures {
  /** From the statement file alone; undefined when there is none. */
  readonly bank: bigint | undefined;
  /** How far the statement's own closing is from its opening and entries; zero when it holds. */
  readonly contradiction: bigint;
  /** The place's own account in the ledger. */
  readonly ledger: bigint;
  readonly liabilities: readonly ProofItem[];
  readonly inTransit: readonly ProofItem[];
  readonly unexplained: readonly ProofItem[];
}

export interface PlaceProof {
  readonly bank: bigint | undefined;
  readonly ledger: bigint;
  readonly liabilities: bigint;
  readonly inTransit: bigint;
  /** bank − ledger − in transit; undefined without a statement. */
  readonly difference: bigint | undefined;
  /** Of the difference, what no item tells of. */
  readonly remainder: bigint;
  readonly balanced: boolean;
  readonly items: readonly ProofItem[];
}

export function sumOf(items: readonly ProofItem[]): bigint {
  return items.reduce((sum, { amount }) => sum + amount, 0n);
}

/**
 * Balanced means: no difference, nothing unexplained that another error could hide, and both
 * sides agree.
 */
export function provePlace(figures: PlaceFigures): PlaceProof {
  const { bank, ledger, contradiction } = figures;
  const liabilities = sumOf(figures.liabilities);
  const inTransit = sumOf(figures.inTransit);
  const difference = bank === undefined ? undefined : bank - ledger - inTransit;
  const unexplained = [...figures.unexplained];
  if (bank === undefined)
    unexplained.push(item('unexplained', 'statement_missing', 'statement', 0n));
  if (contradiction !== 0n) {
    const kind = 'statement_contradicts_itself';
    unexplained.push(item('unexplained', kind, 'closing balance', contradiction));
  }
  const remainder = difference === undefined ? 0n : difference - sumOf(unexplained);
  if (remainder !== 0n) unexplained.push(item('unexplained', 'remainder', 'remainder', remainder));
  return {
    bank,
    ledger,
    liabilities,
    inTransit,
    difference,
    remainder,
    balanced: difference === 0n && unexplained.length === 0 && ledger === liabilities,
    items: foldItems([...figures.liabilities, ...figures.inTransit, ...unexplained]),
  };
}
