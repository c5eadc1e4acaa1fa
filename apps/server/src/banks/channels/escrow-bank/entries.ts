import { readStatements, type Statement, type StatementEntry } from '@keyturn/bank-messages';
import { err, ok, type Result } from '@keyturn/kernel';
import type { BankEntry } from '../types.ts';

/** One account's booked entries from a bank's message. */
export interface AccountEntries {
  /** The bank's id of the message. */
  readonly messageId: string;
  readonly account: string;
  readonly entries: readonly BankEntry[];
}

/**
 * Reads the booked entries of a camt.052, camt.053 or camt.054. An entry without the bank's
 * reference, a date or an amount makes the whole message unusable: money that cannot be told apart
 * is not booked by guess.
 *
 * @returns one item per statement, or a sentence that says what is wrong
 */
export function readBankEntries(
  bytes: Uint8Array,
  fileName: string,
): Result<readonly AccountEntries[], string> {
  const file = readStatements(bytes, fileName);
  if (!file.ok) return err(file.error.code);
  const accounts: AccountEntries[] = [];
  for (const statement of file.value.statements) {
    const account = entriesOf(statement);
    if (!account.ok) return account;
    accounts.push(account.value);
  }
  return ok(accounts);
}

function entriesOf(statement: Statement): Result<AccountEntries, string> {
  const messageId = statement.messageId ?? statement.statementId;
  if (messageId === undefined) return err('the message has no id');
  const entries: BankEntry[] = [];
  for (const entry of statement.entries) {
    if (entry.status !== 'booked') continue;
    const read = entryOf(entry);
    if (!read.ok) return read;
    entries.push(read.value);
  }
  return ok({ messageId, account: statement.account.id, entries });
}

/**
 * One booked entry as the modules above know it; `err` when it cannot be told apart from others.
 */
export function entryOf(entry: StatementEntry): Result<BankEntry, string> {
  const { bankReference, bookingDate, valueDate } = entry;
  if (bankReference === undefined) return err(`${entry.path} has no AcctSvcrRef`);
  const bookedOn = bookingDate ?? valueDate;
  if (bookedOn === undefined) return err(`${entry.path} has no date`);
  if (entry.amount === 0n) return err(`${entry.path} has no amount`);
  const returned = entry.returnReason;
  // A return keeps the parties of the original payment: the other side is still its creditor.
  const otherIsCreditor = entry.direction === 'debit' || returned !== undefined;
  const party = otherIsCreditor ? entry.creditor : entry.debtor;
  const account = otherIsCreditor ? entry.creditorAccount : entry.debtorAccount;
  const remittance = entry.remittance.join(' ').trim();
  const { endToEndId, virtualAccount } = entry;
  return ok({
    bankReference,
    ...(endToEndId === undefined ? {} : { endToEndId }),
    amount: entry.amount < 0n ? -entry.amount : entry.amount,
    currency: entry.currency,
    direction: entry.direction,
    bookedOn,
    valueOn: valueDate ?? bookedOn,
    ...(virtualAccount === undefined ? {} : { virtualAccount }),
    ...(party?.name === undefined ? {} : { counterpartyName: party.name }),
    ...(account === undefined ? {} : { counterpartyAccount: account.id }),
    ...(remittance === '' ? {} : { remittance }),
    ...(returned === undefined
      ? {}
      : {
          returned: {
            ...(endToEndId === undefined ? {} : { endToEndId }),
            reason: returned.code ?? returned.proprietary ?? 'NARR',
          },
        }),
  });
}
