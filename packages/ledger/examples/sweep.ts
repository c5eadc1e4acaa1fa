import { randomUUID } from 'node:crypto';
import type { AccountSpec, Submitter } from '@keyturn/ledger';

/**
 * A sweep with balancing: takes a debt out of what a merchant has, as far as it goes, without
 * looking first how much that is.
 *
 * @param owed minor units
 * @returns how much was taken; nothing when there was nothing
 */
export async function sweep(
  submitter: Submitter,
  merchant: AccountSpec,
  lender: AccountSpec,
  owed: bigint,
): Promise<bigint> {
  const answer = await submitter.submit({
    id: randomUUID(),
    book: merchant.book,
    cause: { module: 'loans', object: 'loan-9', command: 'sweep' },
    transfers: [
      { kind: 'posted', debit: merchant, credit: lender, amount: owed, balancing: 'debit' },
    ],
  });
  if (answer.ok) return answer.value.transfers[0]?.amount ?? 0n;
  if (answer.error.code === 'balancing_amount_zero') return 0n;
  throw new Error(answer.error.code);
}
