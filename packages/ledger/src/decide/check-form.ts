import { maxAmount, type Refusal } from '@keyturn/kernel';
import { type AccountSpec, isAccountCode, isSameAccount } from '../account.ts';
import { type LedgerErrorCode, refuse } from '../errors.ts';
import { type AnyRequest, isReversal, type TransferRequest } from '../journal.ts';
import { refusalStages } from './precedence.ts';

/** Transfers in one journal. */
export const maxTransfers = 1000;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const maxText = 200;

/**
 * What is wrong with a request itself, whatever the ledger holds; undefined when nothing is. Of
 * several faults the one that stands first in the registry is told, whichever leg has it.
 */
export function checkForm(request: AnyRequest): Refusal | undefined {
  if (!uuid.test(request.id)) return fault('journal_id_invalid', { journal_id: request.id });
  const part = missingCause(request.cause);
  if (part !== undefined) return fault('cause_invalid', { part });
  if (isReversal(request)) {
    if (uuid.test(request.reverses)) return undefined;
    return fault('journal_id_invalid', { journal_id: request.reverses });
  }
  const count = request.transfers.length;
  if (count === 0 || count > maxTransfers) return fault('journal_empty', { count: String(count) });
  let first: Refusal | undefined;
  for (const [leg, transfer] of request.transfers.entries()) {
    const found = checkTransfer(request.book, transfer, leg);
    if (found && (!first || rank(found) < rank(first))) first = found;
  }
  return first;
}

function fault(code: LedgerErrorCode, values: Readonly<Record<string, string>>): Refusal {
  return refuse(code, { values }).error;
}

const ranks = new Map<string, number>(refusalStages.form.map((code, index) => [code, index]));

function rank(refusal: Refusal): number {
  return ranks.get(refusal.code) ?? ranks.size;
}

function missingCause(cause: AnyRequest['cause']): string | undefined {
  if (!isText(cause.module)) return 'module';
  if (!isText(cause.object)) return 'object';
  return isText(cause.command) ? undefined : 'command';
}

/**
 * Whether a text says something and is stored as it is: PostgreSQL's text holds no U+0000, and lone
 * surrogates all become the same sign.
 *
 * @param most UTF-16 units
 */
export function isText(text: string, most = maxText): boolean {
  return text.length > 0 && text.length <= most && text.isWellFormed() && !text.includes('\0');
}

function checkTransfer(book: string, transfer: TransferRequest, index: number) {
  const leg = String(index);
  const least = transfer.kind === 'pending' && transfer.closing !== undefined ? 0n : 1n;
  if ('amount' in transfer && transfer.amount !== undefined) {
    const amount = String(transfer.amount);
    if (transfer.amount < least) return fault('amount_not_positive', { leg, amount });
    if (transfer.amount > maxAmount) return fault('amount_too_large', { leg, amount });
  }
  if ('hold' in transfer) {
    const { journalId, leg: holdLeg } = transfer.hold;
    const named =
      uuid.test(journalId) && Number.isInteger(holdLeg) && holdLeg >= 0 && holdLeg < maxTransfers;
    if (named) return undefined;
    const values = { leg, hold_journal: journalId, hold_leg: String(holdLeg) };
    return fault('hold_reference_invalid', values);
  }
  for (const spec of [transfer.debit, transfer.credit]) {
    if (!isAccount(spec)) {
      const account = `${spec.book}/${spec.code}/${spec.owner}`.slice(0, maxText);
      return fault('account_invalid', { leg, account });
    }
  }
  if (isSameAccount(transfer.debit, transfer.credit)) {
    return fault('accounts_equal', { leg });
  }
  if (transfer.debit.book !== book || transfer.credit.book !== book) {
    return fault('book_mismatch', { leg, book });
  }
  return undefined;
}

/** Whether a book, a code of the chart and an owner are named, in texts of a sensible length. */
export function isAccount(spec: AccountSpec): boolean {
  return isAccountCode(spec.code) && isText(spec.book) && isText(spec.owner);
}
