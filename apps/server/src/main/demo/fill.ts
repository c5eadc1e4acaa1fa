import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Places } from '../start/installation.ts';
import { beginPayment, openDeal, payByWechat } from './acts.ts';
import { agreementTerms, figures } from './agreement.ts';
import { gatherCast, introduceParties, type Stage } from './cast.ts';

/**
 * Fills a new installation with a small world to look at: a deal whose intention money is paid, and
 * one whose deposit waits for its payer. Once; what it filled is remembered by a file.
 *
 * @returns the cashier's page of the order that waits, while it can still be paid
 */
export async function fillOnce(
  stage: Stage & { readonly places: Places },
  say: (line: string) => void,
): Promise<string | undefined> {
  const marker = join(stage.places.root, 'demo-filled');
  const filled = await readFile(marker, 'utf8').catch(notYet);
  const order = filled?.trim() ?? (await fill(stage, say));
  if (filled === undefined) await writeFile(marker, `${order}\n`);
  const { api } = gatherCast(stage, 'look', say);
  const { state } = await api.get(`/v1/orders/${order}`);
  if (!['requires_payment', 'processing', 'requires_action'].includes(state)) return undefined;
  return (await api.post(`/v1/orders/${order}/cashier-sessions`, {}, 'look')).url;
}

/** @returns the order that waits for its payer */
async function fill(stage: Stage, say: (line: string) => void): Promise<string> {
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
  return (await beginPayment(cast, waiting, 'deposit', 'wechat_native')).order;
}

function notYet(): undefined {
  // No such file: this installation has not been filled.
  return undefined;
}
