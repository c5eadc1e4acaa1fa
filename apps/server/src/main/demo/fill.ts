import { randomUUID } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Places } from '../start/installation.ts';
import { beginPayment, openDeal, payByWechat } from './acts.ts';
import { agreementTerms, figures } from './agreement.ts';
import { gatherCast, introduceParties, type Stage } from './cast.ts';

/**
 * Fills a new installation with a small world to look at: a deal whose deposit is paid, and one
 * that waits for its payer. Once; what it fills is remembered by a file.
 */
export async function fillOnce(
  stage: Stage & { readonly places: Places },
  say: (line: string) => void,
): Promise<void> {
  const marker = join(stage.places.root, 'demo-filled');
  try {
    await access(marker);
    return;
  } catch {
    // Not filled yet.
  }
  say('Filling the demo world (once) …');
  const cast = gatherCast(stage, `fill${randomUUID().slice(0, 8)}`, say);
  const parties = await introduceParties(cast, agreementTerms);
  const { intention, deposit, price, commission } = figures;
  const begun = await openDeal(cast, parties, '2-301', { intention, deposit, price, commission });
  await payByWechat(cast, begun, 'intention');
  const waiting = await openDeal(cast, parties, '5-1102', {
    intention,
    deposit,
    price,
    commission,
  });
  await beginPayment(cast, waiting, 'deposit', 'wechat_native');
  await writeFile(marker, `${begun}\n${waiting}\n`);
}
