import { randomUUID } from 'node:crypto';
import type { Clock } from '@keyturn/kernel';
import { type AccountSpec, createLedgerUnit } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';

/** Pays an order: its state and the money change in one transaction, or neither does. */
export async function payOrder(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  order: string,
  wallet: AccountSpec,
  shop: AccountSpec,
  amount: bigint,
): Promise<string> {
  return database.transaction(async (tx) => {
    const now = clock.now();
    // One's own rows first: accounts are locked last.
    await tx.query(`select id from shop_order where id = $1 for no key update`, [order]);
    const ledger = createLedgerUnit();
    await ledger.load(tx, { accounts: [wallet, shop] }, now);
    const receipt = ledger.post(
      {
        id: randomUUID(),
        book: wallet.book,
        cause: { module: 'shop', object: order, command: 'pay' },
        transfers: [{ kind: 'posted', debit: wallet, credit: shop, amount }],
      },
      now,
    );
    const state = receipt.ok ? 'paid' : receipt.error.code;
    ledger.flush(tx);
    tx.write(`update shop_order set state = $2 where id = $1`, [order, state]);
    return state;
  });
}
