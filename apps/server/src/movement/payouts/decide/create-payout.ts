import { assert, encodeId, type Money, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec } from '@keyturn/ledger';
import type { CustodyAccount } from '../../../banks/custody/index.ts';
import { refuse } from '../errors.ts';
import type { PayoutsEvent } from '../events.ts';
import type { Payout } from '../tables.ts';
import { type Change, changeOf, eventBase, sourceOf, transitOf } from './change.ts';
import { movePayout } from './payout-state.ts';

/** What a pay-out is made from. */
export interface PayoutRequest {
  /** The account whose money it is: 2101, 2001, 2003, 2301, 2401 … */
  readonly source: AccountSpec;
  /** The custody account of the source's book that pays. */
  readonly custodyAccount: Pick<CustodyAccount, 'id' | 'book' | 'ledgerCode' | 'currency'>;
  /** The virtual account's number, when the money lies on one at the bank. */
  readonly virtualAccount?: string;
  readonly payee: {
    readonly kind: 'bank_account' | 'custody_account';
    /** A bank account's uuid (parties), or a custody account's id: an internal transfer. */
    readonly id: string;
    /** The number as it may be shown. */
    readonly shown?: string;
  };
  readonly amount: Money;
  readonly purpose: string;
  /** What the payee reads, at most 140 characters. */
  readonly remittance: string;
  readonly reference?: { readonly kind: string; readonly id: string };
  readonly maker: string;
  /** `given` by whoever, other than the maker, approved what this pay-out carries out. */
  readonly approval:
    | { readonly kind: 'required' }
    | { readonly kind: 'given'; readonly by: string };
}

/** The ledger accounts that making such a pay-out books on. */
export function accountsOfRequest(request: PayoutRequest): readonly AccountSpec[] {
  const transit = transitOf({
    sourceBook: request.source.book,
    custodyAccountId: request.custodyAccount.id,
  });
  return [request.source, transit];
}

/**
 * Holds the money on its source. Refuses a custody account that does not keep the source's book.
 */
export function decideCreatePayout(
  request: PayoutRequest,
  ids: { readonly payout: string; readonly journal: string },
  now: Temporal.Instant,
): Result<Change, Refusal> {
  const { source, custodyAccount, amount } = request;
  if (custodyAccount.book !== source.book || custodyAccount.currency !== amount.currency) {
    const values = { book: source.book, account_id: custodyAccount.id };
    return refuse('payout_book_mismatch', { param: 'source', values });
  }
  assert(amount.amount > 0n, 'the edge takes positive amounts only');
  const payout = payoutRow(request, ids, now);
  const created: PayoutsEvent = {
    type: 'payouts.created',
    payload: { ...eventBase(payout), approval: request.approval.kind },
  };
  return ok(
    changeOf(payout, {
      transfers: [
        {
          kind: 'pending',
          debit: sourceOf(payout),
          credit: transitOf(payout),
          amount: payout.amountMinor,
        },
      ],
      events: [created],
    }),
  );
}

function payoutRow(
  request: PayoutRequest,
  ids: { readonly payout: string; readonly journal: string },
  now: Temporal.Instant,
): Payout {
  const checker = request.approval.kind === 'given' ? request.approval.by : null;
  assert(checker !== request.maker, 'whoever makes a pay-out does not approve it');
  return {
    id: ids.payout,
    number: encodeId('', ids.payout).slice(1),
    sourceBook: request.source.book,
    sourceCode: request.source.code,
    sourceOwner: request.source.owner,
    custodyAccountId: request.custodyAccount.id,
    custodyCode: request.custodyAccount.ledgerCode,
    virtualAccount: request.virtualAccount ?? null,
    payeeKind: request.payee.kind,
    payeeId: request.payee.id,
    payeeShown: request.payee.shown ?? '',
    amountMinor: request.amount.amount,
    currency: request.amount.currency,
    purpose: request.purpose,
    remittance: request.remittance,
    referenceKind: request.reference?.kind ?? null,
    referenceId: request.reference?.id ?? null,
    state: movePayout('created', checker === null ? 'pending_approval' : 'approved'),
    maker: request.maker,
    checker,
    holdJournal: ids.journal,
    holdLeg: 0,
    submissions: 0,
    firstSubmittedAt: null,
    submittedAt: null,
    firstNotFoundAt: null,
    queries: 0,
    bankReference: null,
    failureCode: null,
    failureMessage: null,
    proof: null,
    returnReceiptId: null,
    returnReason: null,
    dueAt: checker === null ? null : now,
    events: 0n,
    createdAt: now,
    approvedAt: checker === null ? null : now,
    paidAt: null,
    paidOn: null,
    finalAt: null,
  };
}
