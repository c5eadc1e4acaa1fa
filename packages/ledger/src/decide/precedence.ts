import type { LedgerErrorCode } from '../errors.ts';

/**
 * When each refusal of a journal is looked for. Within a stage the codes stand in the order of
 * their precedence, which is that of the registry (errors.ts).
 *
 * `form` is about the request alone and looked at over all of its legs; it leaves nothing behind,
 * so that the id is free. `identity` compares with what the id did before. `journal` and `leg`
 * depend on the state and burn the id; legs are decided one after the other, each on the state
 * that those before it left, so that the first leg that cannot be booked names its reason.
 */
export const refusalStages = {
  form: [
    'bulk_out_of_range',
    'linked_ids_repeat',
    'journal_id_invalid',
    'cause_invalid',
    'journal_empty',
    'amount_not_positive',
    'amount_too_large',
    'account_invalid',
    'accounts_equal',
    'book_mismatch',
    'hold_reference_invalid',
  ],
  identity: ['journal_conflict', 'journal_refused_before', 'linked_journal_refused'],
  journal: [
    'book_unknown',
    'reversed_journal_unknown',
    'reversal_of_other_book',
    'reversal_of_refused',
    'reversal_of_reversal',
    'reversal_of_detached',
    'reversal_of_hold',
    'already_reversed',
  ],
  leg: [
    'hold_expires_in_past',
    'hold_unknown',
    'hold_of_other_book',
    'hold_already_posted',
    'hold_already_voided',
    'hold_expired',
    'hold_amount_exceeded',
    'account_closed',
    'account_frozen',
    'balancing_amount_zero',
    'account_has_holds',
    'exceeds_credits',
    'exceeds_debits',
    'closing_leaves_balance',
    'counter_overflow',
  ],
} as const satisfies Readonly<Record<string, readonly LedgerErrorCode[]>>;

/**
 * A refusal on state burns the id: it is stored, and a repeat is refused again. But a journal of a
 * book that does not exist cannot stand in the ledger at all.
 */
export function burnsId(code: string): boolean {
  return burning.has(code);
}

const burning: ReadonlySet<string> = new Set<LedgerErrorCode>(
  [...refusalStages.journal, ...refusalStages.leg, 'linked_journal_refused' as const].filter(
    (code) => code !== 'book_unknown',
  ),
);
