import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec, LedgerUnit, TransferRequest } from '@keyturn/ledger';
import type { RowSet } from '@keyturn/pipeline';
import type { CommandContext } from '../../platform/index.ts';
import type { BankCalendar } from './decide/bank-calendar.ts';
import { type SplitParts, splitParts } from './decide/split.ts';
import {
  feeAccount,
  merchantAccounts,
  ruleOf,
  type SettlementWindow,
  type Split,
  type SplitLeg,
  vatAccount,
} from './tables.ts';
import { earn, type Trade } from './windows.ts';

/** What a batch works on when it shares out or takes back. */
export interface SplitRows {
  readonly splits: RowSet<Split>;
  readonly legs: RowSet<SplitLeg>;
  readonly windows: RowSet<SettlementWindow>;
  readonly ledger: LedgerUnit;
  readonly calendar: BankCalendar;
}

interface Share {
  readonly merchantId: string;
  readonly amount: bigint;
  /** Why the receiver cannot take it; null when it can. */
  readonly reason: string | null;
}

/** How long a split that the ledger refused waits before it is tried again. */
const retryAfter = { minutes: 5 };

/**
 * Shares a paid order out: the fee and its VAT, then each receiver's part, in one journal. A
 * receiver that cannot take its part leaves it with the payer. What the ledger refuses (the payer
 * is frozen) leaves the split accepted, to be tried again.
 */
export function shareOut(
  rows: SplitRows,
  split: Split,
  trade: Trade,
  context: CommandContext,
): Split {
  if (split.state === 'finished' || split.state === 'returned') return split;
  const parts = splitParts(split.amountMinor, ruleOf(split));
  const shares = split.rule.receivers.map(({ merchantId }, index): Share => {
    const account = rows.ledger.account(merchantAccounts.pending(split.book, merchantId));
    const frozen = account.frozenIn ? 'receiver_frozen' : null;
    const reason = account.closed ? 'receiver_closed' : frozen;
    return { merchantId, amount: present(parts.shares[index], 'a share'), reason };
  });
  const transfers = transfersOf(split, parts, shares);
  const posted = transfers.length > 0 ? postSplit(rows, split, transfers, context) : ok(undefined);
  if (!posted.ok) {
    return rows.splits.update(split.id, {
      ...trade,
      state: 'accepted',
      blocked: posted.error.code,
      dueAt: context.now.add(retryAfter),
    });
  }
  let events = split.events;
  for (const share of shares) {
    if (keepShare(rows, split, share, trade, events, context)) events += 1n;
  }
  return finish(rows, split, parts, trade, events + 1n, context);
}

function transfersOf(split: Split, parts: SplitParts, shares: readonly Share[]): TransferRequest[] {
  const debit = merchantAccounts.pending(split.book, split.payer);
  const moves: { credit: AccountSpec; amount: bigint }[] = [];
  const { fee } = split.rule;
  if (fee) {
    moves.push({ credit: feeAccount(split.book, fee.product), amount: parts.feeNet });
    moves.push({ credit: vatAccount(split.book, fee.vatBps), amount: parts.vat });
  }
  for (const { merchantId, amount, reason } of shares) {
    if (reason !== null || merchantId === split.payer) continue;
    moves.push({ credit: merchantAccounts.pending(split.book, merchantId), amount });
  }
  return moves
    .filter(({ amount }) => amount > 0n)
    .map(({ credit, amount }) => ({ kind: 'posted', debit, credit, amount }));
}

/** Books a split's movements; their story is the order's. */
export function postSplit(
  rows: SplitRows,
  split: Split,
  transfers: readonly TransferRequest[],
  context: CommandContext,
): Result<undefined, Refusal> {
  const posted = rows.ledger.post(
    {
      id: context.newId(split.orderId),
      book: split.book,
      cause: { module: 'settlement', object: split.orderId, command: context.key },
      transfers,
    },
    context.now,
  );
  return posted.ok ? ok(undefined) : posted;
}

/** Writes one receiver's leg and what it earns; tells it when the leg is closed. */
function keepShare(
  rows: SplitRows,
  split: Split,
  share: Share,
  trade: Trade,
  events: bigint,
  context: CommandContext,
): boolean {
  const closed = share.reason !== null && share.merchantId !== split.payer;
  const merchantId = closed ? split.payer : share.merchantId;
  const key = { ...trade, book: split.book, merchantId };
  const window = earn(rows.windows, rows.calendar, key, share.amount, context.now);
  rows.legs.insert({
    id: context.newId(split.orderId),
    splitId: split.id,
    receiver: share.merchantId,
    amountMinor: share.amount,
    state: closed ? 'closed' : 'succeeded',
    reason: closed ? share.reason : null,
    returnedMinor: 0n,
    windowId: window.id,
    at: context.now,
  });
  if (!closed) return false;
  context.emit({
    type: 'settlement.split_leg_closed',
    objectId: split.id,
    objectSequence: events + 1n,
    payload: {
      split_id: split.id,
      order_id: split.orderId,
      merchant_id: share.merchantId,
      amount: share.amount,
      reason: share.reason,
    },
  });
  return true;
}

function finish(
  rows: SplitRows,
  split: Split,
  parts: SplitParts,
  trade: Trade,
  events: bigint,
  context: CommandContext,
): Split {
  context.emit({
    type: 'settlement.split_finished',
    objectId: split.id,
    objectSequence: events,
    payload: {
      split_id: split.id,
      order_id: split.orderId,
      book: split.book,
      amount: split.amountMinor,
      fee_minor: parts.feeNet,
      vat_minor: parts.vat,
      currency: split.currency,
    },
  });
  return rows.splits.update(split.id, {
    ...trade,
    state: 'finished',
    blocked: null,
    dueAt: null,
    feeMinor: parts.feeNet,
    vatMinor: parts.vat,
    finishedAt: context.now,
    events,
  });
}
