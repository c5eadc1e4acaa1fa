import { namedId } from '@keyturn/kernel';
import { defineTable } from '@keyturn/pipeline';

export type LimitKind =
  | 'none'
  | 'debits_must_not_exceed_credits'
  | 'credits_must_not_exceed_debits';

/**
 * The chart of accounts: what each code stands for, and what its counters may not do by default.
 * `credit` accounts (liability, income) grow by credits; money leaves them by debits.
 */
export const accountCodes = {
  ownBank: 1001,
  reserveBank: 1002,
  escrowBank: 1003,
  channelReceivable: 1101,
  cashInTransit: 1102,
  interestReceivable: 1103,
  partyReceivable: 1201,
  sponsorReceivable: 1202,
  guaranteePlaced: 1203,
  dueFromBook: 1301,
  wallet: 2001,
  merchantPending: 2002,
  merchantAvailable: 2003,
  merchantMargin: 2004,
  terminalDeposit: 2005,
  escrowedFund: 2101,
  payoutInTransit: 2201,
  refundInTransit: 2202,
  suspense: 2301,
  interestPayable: 2302,
  taxWithheld: 2303,
  outputVat: 2304,
  dueToBook: 2401,
  feeIncome: 4001,
  channelCost: 5001,
  marketingCost: 5002,
  acceptedLoss: 5003,
} as const;

/** A code of one's own, that was added to the chart (`addAccountCode`). */
export type OwnAccountCode = number & { readonly [own]: true };
declare const own: unique symbol;

export type AccountCode = (typeof accountCodes)[keyof typeof accountCodes] | OwnAccountCode;

/** Codes whose liabilities and income the owner must not overdraw, by the chart of accounts. */
const overdraftRefused: ReadonlySet<AccountCode> = new Set([
  2001, 2002, 2003, 2004, 2005, 2101, 2201, 2202, 2301, 2302, 2303,
]);

const codes: ReadonlySet<number> = new Set(Object.values(accountCodes));
/** Codes of one's own that this process has met, with their limits. They never change. */
const ownLimits = new Map<number, LimitKind>();

/** Notes down a code of one's own, as it stands in the chart. */
export function rememberCode(code: number, limit: LimitKind): void {
  ownLimits.set(code, limit);
}

/** Whether a number is a code of the chart. */
export function isAccountCode(code: number): code is AccountCode {
  return codes.has(code) || ownLimits.has(code);
}

export function defaultLimit(code: AccountCode): LimitKind {
  const own = ownLimits.get(code);
  if (own !== undefined) return own;
  return overdraftRefused.has(code) ? 'debits_must_not_exceed_credits' : 'none';
}

/** Whether credits make the balance of such an account grow. */
export function isCreditNormal(code: number): boolean {
  return (code >= 2000 && code < 3000) || (code >= 4000 && code < 5000);
}

/** Names one account: whose money (owner), what kind (code), in which entity's book. */
export interface AccountSpec {
  /** A book's id: legal entity, regime and currency. */
  readonly book: string;
  readonly code: AccountCode;
  /**
   * What the account is one per (money.md, chart of accounts): a person's, deal item's or
   * contract's id.
   */
  readonly owner: string;
}

/**
 * Ids that were made lately, by book, code and owner: the same accounts are asked for again and
 * again, and to join their names for it would take longer than to find them.
 */
const known = new Map<string, Map<number, Map<string, string>>>();
const maxKnown = 50_000;
let knownIds = 0;

interface Named extends AccountSpec {
  readonly id: string;
}

/** The two accounts of a transfer are asked for by one after the other of those who look at it. */
let latest: Named | undefined;
let before: Named | undefined;

/** Whether two are one account, as their ids would say. */
export function isSameAccount(one: AccountSpec, other: AccountSpec): boolean {
  return one.owner === other.owner && one.code === other.code && one.book === other.book;
}

/** The id of an account follows from what it is, so that nobody has to look it up. */
export function accountId(spec: AccountSpec): string {
  if (latest !== undefined && isSameAccount(spec, latest)) return latest.id;
  let named = before;
  if (named === undefined || !isSameAccount(spec, named)) {
    const { book, code, owner } = spec;
    const id = known.get(book)?.get(code)?.get(owner) ?? learn(book, code, owner);
    named = { book, code, owner, id };
  }
  before = latest;
  latest = named;
  return named.id;
}

function learn(book: string, code: number, owner: string): string {
  const id = namedId(`${book}/${code}/${owner}`, owner);
  if (knownIds >= maxKnown) {
    known.clear();
    knownIds = 0;
  }
  knownIds += 1;
  const ofBook = known.get(book) ?? new Map<number, Map<string, string>>();
  const ofCode = ofBook.get(code) ?? new Map<string, string>();
  known.set(book, ofBook.set(code, ofCode.set(owner, id)));
  return id;
}

/**
 * An account's row: four counters in minor units of its book's currency, never one signed
 * balance.
 */
export interface Account {
  readonly id: string;
  readonly bookId: string;
  readonly code: number;
  readonly owner: string;
  readonly limitKind: LimitKind;
  readonly frozenIn: boolean;
  readonly frozenOut: boolean;
  readonly closed: boolean;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  /** Counts the transfers that touched the account, without a gap. */
  readonly version: bigint;
  readonly openedAt: Temporal.Instant;
}

const accountColumns = {
  id: 'uuid',
  bookId: 'text',
  code: 'int2',
  owner: 'text',
  limitKind: 'text',
  frozenIn: 'bool',
  frozenOut: 'bool',
  closed: 'bool',
  debitsPosted: 'int8',
  creditsPosted: 'int8',
  debitsPending: 'int8',
  creditsPending: 'int8',
  version: 'int8',
  openedAt: 'timestamptz',
} as const;

export const accountTable = defineTable<Account>({
  name: 'ledger.account',
  columns: accountColumns,
  key: ['id'],
  mutable: [],
});

/** An account's counters. */
export const accountCounters = defineTable<Account>({
  name: 'ledger.account',
  columns: accountColumns,
  key: ['id'],
  mutable: ['debitsPosted', 'creditsPosted', 'debitsPending', 'creditsPending', 'version'],
});

/** What a closing changes of an account, with the counters of the transfer that closes it. */
export const accountClosing = defineTable<Account>({
  name: 'ledger.account',
  columns: accountColumns,
  key: ['id'],
  mutable: [...accountCounters.mutable, 'closed'],
});

/** What a person changes of an account: freezes. */
export const accountFlags = defineTable<Account>({
  name: 'ledger.account',
  columns: accountColumns,
  key: ['id'],
  mutable: ['frozenIn', 'frozenOut'],
});

/** What transfers change of an account. */
export type Counters = Pick<
  Account,
  'version' | 'debitsPosted' | 'creditsPosted' | 'debitsPending' | 'creditsPending'
>;

/**
 * The same account with other counters. Field by field: to copy one with all its fields, and then
 * to change some, takes an engine several times as long, and each transfer needs it four times.
 */
export function withCounters(account: Account, counters: Counters): Account {
  return {
    id: account.id,
    bookId: account.bookId,
    code: account.code,
    owner: account.owner,
    limitKind: account.limitKind,
    frozenIn: account.frozenIn,
    frozenOut: account.frozenOut,
    closed: account.closed,
    debitsPosted: counters.debitsPosted,
    creditsPosted: counters.creditsPosted,
    debitsPending: counters.debitsPending,
    creditsPending: counters.creditsPending,
    version: counters.version,
    openedAt: account.openedAt,
  };
}

export function newAccount(spec: AccountSpec, openedAt: Temporal.Instant): Account {
  return {
    id: accountId(spec),
    bookId: spec.book,
    code: spec.code,
    owner: spec.owner,
    limitKind: defaultLimit(spec.code),
    frozenIn: false,
    frozenOut: false,
    closed: false,
    debitsPosted: 0n,
    creditsPosted: 0n,
    debitsPending: 0n,
    creditsPending: 0n,
    version: 0n,
    openedAt,
  };
}

/** What the account holds for its owner, in minor units: posted, and what is not held of it. */
export function balanceOf(account: Account): { posted: bigint; available: bigint } {
  if (isCreditNormal(account.code)) {
    const posted = account.creditsPosted - account.debitsPosted;
    return { posted, available: posted - account.debitsPending };
  }
  const posted = account.debitsPosted - account.creditsPosted;
  return { posted, available: posted - account.creditsPending };
}
