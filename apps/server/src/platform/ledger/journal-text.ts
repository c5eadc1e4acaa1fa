import { jsonText, present } from '@keyturn/kernel';
import {
  type AccountSpec,
  isCreditNormal,
  type Journal,
  type JournalView,
  type Transfer,
} from '@keyturn/ledger';
import { currencyOf } from './request.ts';

/** What an account is called; its id follows from it, so that it never changes. */
export type AccountName = Pick<AccountSpec, 'owner'> & { readonly code: number };

/** The two accounts of a transfer. */
export interface Names {
  readonly debit: AccountName;
  readonly credit: AccountName;
}

/**
 * A journal as JSON, in the form of the schema `Journal`; `names` are those of its legs. Written
 * piece by piece: most of what the platform says under load is this, and what goes over objects
 * with a function for big integers takes several times as long.
 */
export function journalText(
  journal: Journal,
  transfers: readonly Transfer[],
  names: readonly Names[],
): string {
  const currency = jsonText(currencyOf(journal.bookId));
  const { reverses, link, refusal } = journal;
  const legs = transfers.map((transfer, index) =>
    transferText(transfer, present(names[index], 'the names of a leg'), currency),
  );
  return `{"id":"${journal.id}","book":${jsonText(journal.bookId)},"module":${jsonText(
    journal.causeModule,
  )},"object":${jsonText(journal.causeObject)},"command":${jsonText(
    journal.causeCommand,
  )},"effective_at":"${instantText(journal.effectiveAt)}","recorded_at":"${instantText(
    journal.recordedAt,
  )}"${reverses === null ? '' : `,"reverses":"${reverses}"`}${
    link === null ? '' : `,"link":"${link}"`
  }${refusal === null ? '' : `,"refusal":"${refusal}"`},"transfers":[${legs.join(',')}]}`;
}

/** As `journalText`, of a journal that was read with its accounts. */
export function journalViewText(view: JournalView): string {
  return journalText(view, view.transfers, view.transfers);
}

let lastInstant: Temporal.Instant | undefined;
let lastText = '';

/** The journals of a batch carry the same moment. */
function instantText(instant: Temporal.Instant): string {
  if (instant !== lastInstant) {
    lastInstant = instant;
    lastText = instant.toString();
  }
  return lastText;
}

function transferText(t: Transfer, names: Names, currency: string): string {
  const money = (amount: bigint) => `{"amount":${amount},"currency":${currency}}`;
  const plain = `{"leg":${t.leg},"kind":"${t.kind}","amount":${money(t.amount)}`;
  const hold =
    t.holdJournal === null ? '' : `,"hold":{"journal":"${t.holdJournal}","leg":${t.holdLeg}}`;
  const expires = t.expiresAt === null ? '' : `,"expires_at":"${t.expiresAt.toString()}"`;
  const balancing =
    t.balancing === null || t.atMost === null
      ? ''
      : `,"balancing":"${t.balancing}","at_most":${money(t.atMost)}`;
  const closing = t.closing === null ? '' : `,"closing":"${t.closing}"`;
  const debit = sideText(names.debit, currency, t.debitAccount, t.debitVersion, [
    t.debitDebitsPosted,
    t.debitCreditsPosted,
    t.debitDebitsPending,
    t.debitCreditsPending,
  ]);
  const credit = sideText(names.credit, currency, t.creditAccount, t.creditVersion, [
    t.creditDebitsPosted,
    t.creditCreditsPosted,
    t.creditDebitsPending,
    t.creditCreditsPending,
  ]);
  return `${plain}${hold}${expires}${balancing}${closing},"debit":${debit},"credit":${credit}}`;
}

type FourCounters = readonly [debits: bigint, credits: bigint, held: bigint, heldCredits: bigint];

function sideText(
  { code, owner }: AccountName,
  currency: string,
  account: string,
  version: bigint,
  [debits, credits, debitsPending, creditsPending]: FourCounters,
): string {
  const balance = isCreditNormal(code) ? credits - debits : debits - credits;
  return `{"account":"${account}","code":${code},"owner":${jsonText(
    owner,
  )},"balance_after":{"amount":${balance},"currency":${currency}},"version":${version},"debits_posted_minor":${debits},"credits_posted_minor":${credits},"debits_pending_minor":${debitsPending},"credits_pending_minor":${creditsPending}}`;
}
