import { randomUUID } from 'node:crypto';
import { systemClock } from '@keyturn/kernel';
import {
  type AccountSpec,
  accountId,
  balanceOf,
  createSubmitter,
  openBook,
  readAccounts,
} from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';

/** Two accounts and a transfer: 1,200.00 yuan come from the bank to a person's wallet. */
export async function transfer(url: string): Promise<bigint> {
  const database = openDatabase({ url, applicationName: 'example' });
  const submitter = createSubmitter({ database, clock: systemClock });
  try {
    const entity = { legalEntity: 'example', regime: 'own', keeper: null } as const;
    const opened = await openBook(database, { ...entity, currency: 'CNY' });
    if (!opened.ok) throw new Error(opened.error.code);
    const book = opened.value.book.id;
    // An account is named by its book, its code in the chart and its owner, and opens by itself.
    const bank: AccountSpec = { book, code: 1001, owner: 'main' };
    const wallet: AccountSpec = { book, code: 2001, owner: 'Wang Fang' };

    const answer = await submitter.submit({
      id: randomUUID(), // Keep it before calling: sent again, it books nothing twice.
      book,
      cause: { module: 'shop', object: 'order-1', command: 'pay' },
      transfers: [{ kind: 'posted', debit: bank, credit: wallet, amount: 120_000n }],
    });
    if (!answer.ok) throw new Error(answer.error.code);

    const [account] = await readAccounts(database, [accountId(wallet)]);
    return account === undefined ? 0n : balanceOf(account).available;
  } finally {
    await submitter.close();
    await database.close();
  }
}
