import { encodeId } from '@keyturn/kernel';
import type { Static } from 'typebox';
import { moneyToWire } from '../../platform/index.ts';
import type { ActorOf } from '../../who/access/index.ts';
import type { PayoutSchema } from './schemas.ts';
import type { Payout } from './tables.ts';

export type PayoutView = Static<typeof PayoutSchema>;

/** A pay-out as a command answers it and keeps its answer: who acted is not named yet. */
export type PayoutRecord = Omit<PayoutView, 'maker' | 'checker'> & {
  readonly maker: string;
  readonly checker?: string;
};

function optional<K extends string, V>(key: K, value: V | null | undefined) {
  return value === null || value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** The pay-out with those who acted by their names. */
export function payoutView({ maker, checker, ...payout }: PayoutRecord, who: ActorOf): PayoutView {
  return {
    ...payout,
    maker: who(maker),
    ...(checker === undefined ? {} : { checker: who(checker) }),
  };
}

export function payoutRecord(payout: Payout): PayoutRecord {
  const internal = payout.payeeKind === 'custody_account';
  const { failureCode: code, failureMessage: message } = payout;
  return {
    id: encodeId('pyt', payout.id),
    number: payout.number,
    state: payout.state,
    amount: moneyToWire(payout.amountMinor, payout.currency),
    source: {
      book: payout.sourceBook,
      account_code: payout.sourceCode,
      owner: payout.sourceOwner,
    },
    custody_account_id: payout.custodyAccountId,
    ...optional('virtual_account', payout.virtualAccount),
    payee: {
      kind: payout.payeeKind,
      id: internal ? payout.payeeId : encodeId('bac', payout.payeeId),
      number: payout.payeeShown,
    },
    purpose: payout.purpose,
    remittance: payout.remittance,
    ...(payout.referenceKind === null || payout.referenceId === null
      ? {}
      : { reference: { kind: payout.referenceKind, id: payout.referenceId } }),
    maker: payout.maker,
    ...optional('checker', payout.checker),
    submissions: payout.submissions,
    ...optional('bank_reference', payout.bankReference),
    ...(code === null ? {} : { failure: { code, message: message ?? '' } }),
    ...optional('proof', payout.proof),
    ...optional('return_reason', payout.returnReason),
    created_at: payout.createdAt.toString(),
    ...optional('approved_at', payout.approvedAt?.toString()),
    ...optional('submitted_at', payout.firstSubmittedAt?.toString()),
    ...optional('paid_at', payout.paidAt?.toString()),
    ...optional('final_at', payout.finalAt?.toString()),
  };
}
