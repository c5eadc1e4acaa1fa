import { present } from '@keyturn/kernel';
import { type AnyRequest, type JournalReceipt, readAccounts, type Transfer } from '@keyturn/ledger';
import type { Queryable } from '@keyturn/pipeline';
import type { AccountName, Names } from './journal-text.ts';

/** What accounts are called. Receipts name them by their ids alone. */
export interface AccountNames {
  /** The names of a receipt's legs, in their order; looked up where its request tells none. */
  of(request: AnyRequest, receipt: JournalReceipt): readonly Names[] | Promise<readonly Names[]>;
}

/** Names that are kept in memory; they never change. */
const maxKept = 50_000;

/** Most requests name the accounts themselves; those of holds and reversals are looked up once. */
export function createAccountNames(db: Queryable): AccountNames {
  const kept = new Map<string, AccountName>();

  async function learn(ids: readonly string[]): Promise<void> {
    if (kept.size + ids.length > maxKept) kept.clear();
    for (const { id, code, owner } of await readAccounts(db, ids)) kept.set(id, { code, owner });
  }

  function namesOf({ debitAccount, creditAccount }: Transfer): Names | undefined {
    const debit = kept.get(debitAccount);
    const credit = kept.get(creditAccount);
    return debit && credit && { debit, credit };
  }

  async function lookUp(request: AnyRequest, { transfers }: JournalReceipt) {
    const ids = transfers.flatMap((t) => [t.debitAccount, t.creditAccount]);
    await learn([...new Set(ids)].filter((id) => !kept.has(id)));
    return transfers.map((transfer) => {
      return present(toldBy(request, transfer) ?? namesOf(transfer), 'the accounts of a transfer');
    });
  }

  return {
    of: (request, receipt) => {
      const names: Names[] = [];
      for (const transfer of receipt.transfers) {
        const told = toldBy(request, transfer) ?? namesOf(transfer);
        if (told === undefined) return lookUp(request, receipt);
        names.push(told);
      }
      return names;
    },
  };
}

function toldBy(request: AnyRequest, { leg }: Transfer): Names | undefined {
  const asked = 'transfers' in request ? request.transfers[leg] : undefined;
  return asked !== undefined && 'debit' in asked ? asked : undefined;
}
