import { randomUUID } from 'node:crypto';
import type { AccountSpec, Submitter } from '@keyturn/ledger';

/** Whose accounts an exchange goes between, in the book of one currency. */
export interface CurrencySide {
  readonly customer: AccountSpec;
  readonly house: AccountSpec;
}

/**
 * Linked journals in two currencies: a customer gives yuan and gets dollars. Money stays in its
 * book, so there are two journals, which are booked both or neither.
 *
 * @returns why not, when the customer has too little
 */
export async function exchange(
  submitter: Submitter,
  yuan: CurrencySide & { readonly amount: bigint },
  dollars: CurrencySide & { readonly amount: bigint },
): Promise<string | undefined> {
  const cause = { module: 'exchange', object: 'deal-3', command: 'settle' };
  const answers = await submitter.submitLinked([
    {
      id: randomUUID(),
      book: dollars.customer.book,
      cause,
      transfers: [
        { kind: 'posted', debit: dollars.house, credit: dollars.customer, amount: dollars.amount },
      ],
    },
    {
      id: randomUUID(),
      book: yuan.customer.book,
      cause,
      transfers: [
        { kind: 'posted', debit: yuan.customer, credit: yuan.house, amount: yuan.amount },
      ],
    },
  ]);
  // The one that was the reason has its own code, the others say which it was.
  const own = answers.find((answer) => {
    return !answer.ok && answer.error.code !== 'linked_journal_refused';
  });
  return own === undefined || own.ok ? undefined : own.error.code;
}
