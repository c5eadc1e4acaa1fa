import { createHash } from 'node:crypto';
import type { Queryable } from '@keyturn/pipeline';
import type { SealKey } from '../seal/key.ts';
import { noDigest, type Seal } from '../seal/seal.ts';
import { addSealKey } from '../seal/store.ts';
import { type Cut, digestOfCut } from './cut.ts';
import { writeOpenings } from './openings.ts';
import { addCut, countSealed, type EndedPart } from './store.ts';

/**
 * Cuts a part off at its end, once all before the end is sealed: writes how its accounts stood
 * there, and signs that together with the last seal. Reads each account once, in pages.
 *
 * @param head the last seal, which ends where the part does
 */
export async function closePart(
  tx: Queryable,
  part: EndedPart,
  head: Seal | undefined,
  cutAt: Temporal.Instant,
  key: SealKey,
): Promise<Cut> {
  const openings = createHash('sha256');
  let accounts = 0n;
  for await (const page of writeOpenings(tx, part)) {
    accounts += page.accounts;
    if (page.records) openings.update(page.records);
  }
  const sealNumber = head?.number ?? 0n;
  const unsigned = {
    number: part.number,
    endTransaction: part.end,
    sealNumber,
    transfers: await countSealed(tx, part.number, sealNumber),
    accounts,
    openingsDigest: openings.digest(),
    cutAt,
    keyId: key.id,
  };
  const digest = digestOfCut(unsigned, head?.digest ?? noDigest);
  const cut = { ...unsigned, digest, signature: key.sign(digest) };
  await addSealKey(tx, key, cutAt);
  await addCut(tx, cut);
  return cut;
}
