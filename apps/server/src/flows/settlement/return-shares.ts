import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { type AccountSpec, balanceOf, type TransferRequest } from '@keyturn/ledger';
import type { CommandContext } from '../../platform/index.ts';
import { planTakeBack, type TakeBack } from './decide/take-back.ts';
import { postSplit, type SplitRows } from './share-out.ts';
import { feeAccount, merchantAccounts, type Split, type SplitLeg, vatAccount } from './tables.ts';
import { unearn } from './windows.ts';

/** What is to come back. */
export interface TakeBackRequest {
  /** What was paid and is still with the payer, should the order not be shared out. Minor units. */
  readonly unshared: bigint;
  /** Whether the platform gives its fee and the VAT in it back, too. */
  readonly feeReturned: boolean;
}

/**
 * What came back to the payer's pending account, and what receivers no longer have. Minor units.
 */
export interface TakenBack {
  readonly amount: bigint;
  readonly missing: readonly { readonly merchantId: string; readonly amount: bigint }[];
}

/**
 * Takes the shares of an order back to the payer's pending account, so that a refund can be made
 * from there: each from its receiver's pending, available and margin account. What a receiver lacks
 * is named, never invented: a receivable refunds nobody.
 */
export function returnShares(
  rows: SplitRows,
  split: Split,
  legs: readonly SplitLeg[],
  { unshared, feeReturned }: TakeBackRequest,
  context: CommandContext,
): Result<TakenBack, Refusal> {
  if (split.finishedAt === null) return giveUp(rows, split, unshared);
  const work: Work = { rows, split, transfers: [], payerUsed: 0n };
  const missing: { merchantId: string; amount: bigint }[] = [];
  let amount = 0n;
  // The payer first: what it kept is counted before the others' shares come back to the same
  // account.
  const stays = (leg: SplitLeg) => (holderOf(split, leg) === split.payer ? 0 : 1);
  for (const leg of [...legs].sort((a, b) => stays(a) - stays(b))) {
    const asked = leg.amountMinor - leg.returnedMinor;
    const taken = takeLeg(work, holderOf(split, leg), asked);
    const came = asked - taken.shortfall;
    amount += came;
    if (taken.shortfall > 0n) {
      missing.push({ merchantId: holderOf(split, leg), amount: taken.shortfall });
    }
    const returnedMinor = leg.returnedMinor + came;
    const whole = leg.state === 'succeeded' && returnedMinor === leg.amountMinor;
    rows.legs.update(leg.id, { returnedMinor, ...(whole ? { state: 'returned' } : {}) });
    unearn(rows.windows, leg.windowId, came);
  }
  const fee = feeReturned ? returnFee(work) : 0n;
  if (work.transfers.length > 0) {
    const posted = postSplit(rows, split, work.transfers, context);
    if (!posted.ok) return posted;
  }
  tell(rows, split, { amount: amount + fee, missing }, fee, context);
  return ok({ amount: amount + fee, missing });
}

interface Work {
  readonly rows: SplitRows;
  readonly split: Split;
  readonly transfers: TransferRequest[];
  /** Of the payer's pending account: what earlier legs count on. */
  payerUsed: bigint;
}

/** A leg that was closed never left the payer. */
function holderOf(split: Split, leg: SplitLeg): string {
  return leg.state === 'closed' ? split.payer : leg.receiver;
}

/** Nothing was shared out, nor will it be: it all lies with the payer, unless that one lacks it. */
function giveUp(rows: SplitRows, split: Split, unshared: bigint): Result<TakenBack, Refusal> {
  rows.splits.update(split.id, { state: 'returned', dueAt: null, blocked: null });
  const pending = rows.ledger.account(merchantAccounts.pending(split.book, split.payer));
  const { available } = balanceOf(pending);
  const amount = available < unshared ? available : unshared;
  const rest = unshared - amount;
  return ok({ amount, missing: rest > 0n ? [{ merchantId: split.payer, amount: rest }] : [] });
}

function takeLeg(work: Work, holder: string, asked: bigint): TakeBack {
  const { rows, split, transfers } = work;
  const own = holder === split.payer;
  const pending = merchantAccounts.pending(split.book, holder);
  const available = merchantAccounts.available(split.book, holder);
  const margin = merchantAccounts.margin(split.book, holder);
  const taken = planTakeBack(asked, {
    pending: givable(rows, pending, transfers) - (own ? work.payerUsed : 0n),
    available: givable(rows, available, transfers),
    margin: givable(rows, margin, transfers),
  });
  const credit = merchantAccounts.pending(split.book, split.payer);
  const move = (debit: AccountSpec, amount: bigint) => {
    if (amount > 0n) transfers.push({ kind: 'posted', debit, credit, amount });
  };
  if (own) work.payerUsed += taken.pending;
  else move(pending, taken.pending);
  move(available, taken.available);
  move(margin, taken.margin);
  return taken;
}

/**
 * What an account can give besides what was taken of it before. A frozen or closed one gives
 * nothing.
 */
function givable(
  rows: SplitRows,
  spec: AccountSpec,
  transfers: readonly TransferRequest[],
): bigint {
  const account = rows.ledger.account(spec);
  if (account.frozenOut || account.closed) return 0n;
  const taken = transfers
    .filter((transfer) => transfer.kind === 'posted')
    .filter(({ debit }) => debit.owner === spec.owner && debit.code === spec.code)
    .reduce((sum, { amount }) => sum + amount, 0n);
  return balanceOf(account).available - taken;
}

function returnFee({ split, transfers }: Work): bigint {
  const { fee } = split.rule;
  if (!fee || split.feeReturnedMinor > 0n) return 0n;
  const credit = merchantAccounts.pending(split.book, split.payer);
  const parts = [
    { debit: feeAccount(split.book, fee.product), amount: split.feeMinor },
    { debit: vatAccount(split.book, fee.vatBps), amount: split.vatMinor },
  ];
  for (const { debit, amount } of parts) {
    if (amount > 0n) transfers.push({ kind: 'posted', debit, credit, amount });
  }
  return split.feeMinor + split.vatMinor;
}

function tell(
  rows: SplitRows,
  split: Split,
  taken: TakenBack,
  fee: bigint,
  context: CommandContext,
): void {
  const events = split.events + 1n;
  rows.splits.update(split.id, {
    state: taken.missing.length === 0 ? 'returned' : 'finished',
    feeReturnedMinor: split.feeReturnedMinor + fee,
    events,
  });
  context.emit({
    type: 'settlement.split_returned',
    objectId: split.id,
    objectSequence: events,
    payload: {
      split_id: split.id,
      order_id: split.orderId,
      amount: taken.amount,
      shortfall_minor: taken.missing.reduce((sum, part) => sum + part.amount, 0n),
    },
  });
}
