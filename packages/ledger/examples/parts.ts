import type { Clock } from '@keyturn/kernel';
import { checkDetached, createPartitionAdmin } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';

/**
 * The newest part of the transfers ends, and the oldest one is taken out, once the sealer has cut
 * it off; elsewhere it can be kept, and here be checked and put back.
 *
 * @param owner connects as the owner of the tables; the role that the ledger runs with may not
 * @returns why the oldest part could not be taken out; undefined when it could
 */
export async function takeOut(owner: Database, clock: Clock): Promise<string | undefined> {
  const parts = createPartitionAdmin({ database: owner, clock });
  await parts.begin();
  const detached = await parts.detach(1);
  if (!detached.ok) return detached.error.code;
  const checked = await checkDetached(owner, 1);
  if (!checked.ok || !checked.value.balanced) throw new Error('it is not as it was sealed');
  return undefined;
}
