import { elapsedMs, systemClock } from '@keyturn/kernel';
import type { PartitionAdmin } from '@keyturn/ledger';
import type pg from 'pg';
import { bookRound, leavePlaces, takePlaces } from './fill.sql.ts';

/** Of so many rounds, the last but one holds and the last resolves what was held. */
const cycle = 10;
/** A part of the transfers is as large as this. */
const partSize = 1_000_000;
/** Ids that one millisecond of the filling has; `fill.sql.ts` spreads them so. */
const idsPerMs = 25;

interface Round {
  readonly shift: number;
  readonly kind: 'posted' | 'pending' | 'post_pending' | 'void_pending';
  /** What stands in the transfer, and what it adds to the posted and the pending counters. */
  readonly amount: number;
  readonly posts: number;
  readonly holds: number;
}

function roundOf(round: number, wallets: number): Round {
  const begun = Math.floor(round / cycle);
  const turn = round % cycle;
  const amount = 1 + ((begun * 37) % 900);
  const shiftOf = (of: number) => 1 + ((of * 7_919) % (wallets - 1));
  if (turn === cycle - 2) {
    return { shift: shiftOf(round), kind: 'pending', amount, posts: 0, holds: amount };
  }
  if (turn < cycle - 2) {
    return { shift: shiftOf(round), kind: 'posted', amount, posts: amount, holds: 0 };
  }
  // A resolution has the accounts of its hold, which is of the round before.
  const resolved = { shift: shiftOf(round - 1), holds: -amount };
  return begun % 2 === 0
    ? { ...resolved, kind: 'post_pending', amount, posts: amount }
    : { ...resolved, kind: 'void_pending', amount: 0, posts: 0 };
}

/**
 * Books transfers between all wallets by sets, a tenth of them holds and a tenth resolving them.
 *
 * @param client a connection in the ledger's database while nobody else books
 * @param parts begins a new part of the transfers after each million
 * @returns how many were booked: whole cycles of rounds, not more than asked for
 */
export async function fill(
  client: pg.Client,
  transfers: number,
  parts: Pick<PartitionAdmin, 'begin'>,
  say: (line: string) => void,
): Promise<number> {
  await client.query(takePlaces);
  const { rows } = await client.query<{ count: string }>('select count(*) from place');
  const wallets = Number(rows[0]?.count);
  const rounds = Math.floor(transfers / (wallets * cycle)) * cycle;
  let [posted, pending, lastMs, saidMs] = [0, 0, 0, elapsedMs()];
  for (let round = 0; round < rounds; round++) {
    if ((round * wallets) % partSize === 0) await parts.begin();
    const { shift, kind, amount, posts, holds } = roundOf(round, wallets);
    const heldMs = holds < 0 ? lastMs : null;
    lastMs = Math.max(systemClock.now().epochMilliseconds, lastMs + Math.ceil(wallets / idsPerMs));
    const values = [shift, kind, amount, posts, holds, posted, pending, round, lastMs, heldMs];
    await client.query({ name: 'round', text: bookRound, values });
    posted += posts;
    pending += holds;
    if (elapsedMs() - saidMs < 20_000) continue;
    saidMs = elapsedMs();
    say(`  ${(round + 1) * wallets} filled in`);
  }
  await client.query(leavePlaces, [rounds, posted]);
  return rounds * wallets;
}
