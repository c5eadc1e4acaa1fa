import {
  type Account,
  type AccountMetadata,
  balanceOf,
  type ChartLine,
  type Counters,
  type Entry,
  type ExpiringHold,
  type HoldView,
  isCreditNormal,
  type KeptBook,
  type Seal,
  type Transfer,
} from '@keyturn/ledger';
import { moneyToWire } from '../http/schemas.ts';
import { currencyOf } from './request.ts';

/** The ledger's rows as they go over the wire. */

/** Minor units of the book's currency; the serializer writes the bigint as an integer. */
function minor(amount: bigint): number {
  return amount as unknown as number;
}

/** @param name of the integrator who keeps it, `int_…` */
export function bookView(book: KeptBook, name: (keeper: string) => string) {
  const keeper = book.keeper === null ? null : name(book.keeper);
  const entity = book.legalEntity;
  return {
    id: book.id,
    legal_entity: keeper === null ? entity : entity.slice(keeper.length + 1),
    regime: book.regime,
    currency: book.currency,
    memo: book.memo,
    keeper,
  };
}

export function codeView({ code, nameEn, nameZh, class: of, limitKind }: ChartLine) {
  return { code, name: { en: nameEn, zh: nameZh }, class: of, limit: limitKind };
}

export function accountView(account: Account) {
  const currency = currencyOf(account.bookId);
  const { posted, available } = balanceOf(account);
  return {
    id: account.id,
    book: account.bookId,
    code: account.code,
    owner: account.owner,
    balance: moneyToWire(posted, currency),
    available: moneyToWire(available, currency),
    frozen: { in: account.frozenIn, out: account.frozenOut },
    closed: account.closed,
    version: Number(account.version),
  };
}

function countersView(counters: Omit<Counters, 'version'>) {
  return {
    debits_posted_minor: minor(counters.debitsPosted),
    credits_posted_minor: minor(counters.creditsPosted),
    debits_pending_minor: minor(counters.debitsPending),
    credits_pending_minor: minor(counters.creditsPending),
  };
}

export function accountDetailView(account: Account, metadata: AccountMetadata) {
  return {
    ...accountView(account),
    ...countersView(account),
    limit: account.limitKind,
    metadata: { ...metadata },
    opened_at: account.openedAt.toString(),
  };
}

/** How an account stood after what was recorded until a moment. */
export function asRecordedView(account: Account, counters: Counters, at: Temporal.Instant) {
  const { balance, available, version } = accountView({ ...account, ...counters });
  return { at: at.toString(), version, balance, available, ...countersView(counters) };
}

/** What was posted with value dates up to the end of a day. */
export function byValueDateView(
  account: Account,
  { debits, credits }: { readonly debits: bigint; readonly credits: bigint },
  asked: { readonly value_date: string; readonly known_at?: string },
) {
  const balance = isCreditNormal(account.code) ? credits - debits : debits - credits;
  return {
    ...asked,
    balance: moneyToWire(balance, currencyOf(account.bookId)),
    debits_posted_minor: minor(debits),
    credits_posted_minor: minor(credits),
  };
}

export function entryView({ bookId, code }: Account, entry: Entry) {
  const currency = currencyOf(bookId);
  const { debitsPosted, creditsPosted } = entry;
  const balance = isCreditNormal(code)
    ? creditsPosted - debitsPosted
    : debitsPosted - creditsPosted;
  return {
    version: Number(entry.version),
    journal: entry.journalId,
    leg: entry.leg,
    kind: entry.kind,
    side: entry.side,
    amount: moneyToWire(entry.amount, currency),
    counterpart: entry.counterpart,
    balance_after: moneyToWire(balance, currency),
    ...countersView(entry),
    effective_at: entry.effectiveAt.toString(),
    recorded_at: entry.recordedAt.toString(),
  };
}

/** @param now by which a hold whose time is over is told from one that is open */
export function holdView(hold: HoldView, now: Temporal.Instant) {
  const currency = currencyOf(hold.bookId);
  const { resolvedAmount, resolution } = hold;
  return {
    journal: hold.journalId,
    leg: hold.leg,
    book: hold.bookId,
    state: stateOf(hold, now),
    amount: moneyToWire(hold.amount, currency),
    ...(resolution === 'post_pending' && resolvedAmount !== null
      ? { posted: moneyToWire(resolvedAmount, currency) }
      : {}),
    debit_account: hold.debitAccount,
    credit_account: hold.creditAccount,
    recorded_at: hold.recordedAt.toString(),
    ...(hold.expiresAt === null ? {} : { expires_at: hold.expiresAt.toString() }),
    ...(hold.resolvedBy === null ? {} : { resolved_by: hold.resolvedBy }),
    ...(hold.resolvedAt === null ? {} : { resolved_at: hold.resolvedAt.toString() }),
  };
}

/** A hold that nothing has resolved yet. */
export function openHoldView(bookId: string, hold: Transfer, now: Temporal.Instant) {
  const open = { resolution: null, resolvedBy: null, resolvedAmount: null, resolvedAt: null };
  return holdView({ ...hold, ...open, bookId }, now);
}

function stateOf(
  { resolution, expiresAt }: HoldView,
  now: Temporal.Instant,
): 'open' | 'expired' | 'posted' | 'voided' {
  if (resolution !== null) return resolution === 'post_pending' ? 'posted' : 'voided';
  const over = expiresAt !== null && Temporal.Instant.compare(expiresAt, now) <= 0;
  return over ? 'expired' : 'open';
}

export function expiringHoldView(hold: ExpiringHold) {
  return {
    journal: hold.journalId,
    leg: hold.leg,
    book: hold.bookId,
    amount: moneyToWire(hold.amount, currencyOf(hold.bookId)),
    expires_at: hold.expiresAt.toString(),
  };
}

export function sealView(seal: Seal) {
  return {
    number: Number(seal.number),
    digest: seal.digest.toString('hex'),
    previous_digest: seal.previousDigest.toString('hex'),
    content_digest: seal.contentDigest.toString('hex'),
    journals: Number(seal.journals),
    transfers: Number(seal.transfers),
    first_journal: seal.first.journalId,
    last_journal: seal.last.journalId,
    sealed_at: seal.sealedAt.toString(),
    key_id: seal.keyId,
    signature: seal.signature.toString('hex'),
  };
}
