import { randomUUID } from 'node:crypto';
import type { Clock } from '@keyturn/kernel';
import type { AccountSpec, Submitter } from '@keyturn/ledger';

/**
 * A hold that is posted in part: a hotel holds 500.00 of a guest's money for two days and takes
 * 320.00; what it does not take is free again in the same moment.
 */
export async function takePartOfAHold(
  { submitter, clock }: { readonly submitter: Submitter; readonly clock: Clock },
  guest: AccountSpec,
  hotel: AccountSpec,
): Promise<{ readonly held: bigint; readonly left: bigint }> {
  const { book } = guest;
  const hold = { journalId: randomUUID(), leg: 0 };
  const made = await submitter.submit({
    id: hold.journalId,
    book,
    cause: { module: 'hotel', object: 'stay-7', command: 'check in' },
    transfers: [
      {
        kind: 'pending',
        debit: guest,
        credit: hotel,
        amount: 50_000n,
        expiresAt: clock.now().add({ hours: 48 }),
      },
    ],
  });
  if (!made.ok) throw new Error(made.error.code);

  const taken = await submitter.submit({
    id: randomUUID(),
    book,
    cause: { module: 'hotel', object: 'stay-7', command: 'check out' },
    transfers: [{ kind: 'post_pending', hold, amount: 32_000n }],
  });
  if (!taken.ok) throw new Error(taken.error.code);

  // The receipt has the counters of both accounts after the transfer.
  const [after] = taken.value.transfers;
  const left = (after?.debitCreditsPosted ?? 0n) - (after?.debitDebitsPosted ?? 0n);
  return { held: after?.debitDebitsPending ?? 0n, left };
}
