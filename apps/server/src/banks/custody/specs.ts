import type { AccountSpec } from '@keyturn/ledger';
import type { CustodyAccount, Receipt } from './types.ts';

/** The ledger account where an unassigned receipt lies: 2301 of its custody account. */
export function suspenseOf(receipt: Pick<Receipt, 'book' | 'accountId'>): AccountSpec {
  return { book: receipt.book, code: 2301, owner: receipt.accountId };
}

/** The asset account that shows what lies at the bank: 1001, 1002 or 1003. */
export function assetOf(account: Pick<CustodyAccount, 'book' | 'id' | 'ledgerCode'>): AccountSpec {
  return { book: account.book, code: account.ledgerCode, owner: account.id };
}
