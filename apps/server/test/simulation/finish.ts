import { bankZone } from '@keyturn/kernel';
import type { Answer } from '../../src/main/demo/client.ts';
import { brokenIn } from '../invariants/check.ts';
import { resolveRefund } from './actions/money-out.ts';
import type { Stage } from './stage.ts';
import type { SimulatedWorld } from './world.ts';

/** Days that bring everything to its end: settlements, windows, pay-outs over a weekend. */
const lastDays = 5;

/** What a run came through: how many of each thing ended in which state. */
export interface Figures {
  readonly days: number;
  readonly deals: Readonly<Record<string, number>>;
  readonly orders: Readonly<Record<string, number>>;
  readonly payouts: Readonly<Record<string, number>>;
  readonly refunds: Readonly<Record<string, number>>;
  readonly transfers: number;
}

/**
 * Ends the troubles, lets go what is stuck or stopped, lives through some more days, and holds the
 * books against the world outside: nothing is left under way, and every day is proven to the fen.
 */
export async function finish(stage: Stage): Promise<Figures> {
  const { world } = stage;
  world.proxy.disarm();
  await world.outside.calm();
  await letGo(stage);
  for (let day = 0; day < lastDays; day++) {
    await world.advance({ hours: 24 });
    await endWhatIsStuck(stage);
    await world.rest();
  }
  await toMorning(world);
  const problems = [
    ...(await brokenIn(world.reader)).map(
      ({ rule, subject, detail }) => `BROKEN: ${rule}: ${subject}: ${detail}`,
    ),
    ...(await underWay(world)),
    ...(await unlikeTheBank(world)),
    ...(await unproven(world)),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return figures(world);
}

/** Freezes end, open orders are canceled, and what waits for a second person gets one. */
async function letGo(stage: Stage): Promise<void> {
  const { known, world } = stage;
  const { approver, shop } = world.people;
  for (const deal of known.deals) {
    await stage.call(approver, 'unfreeze', `/v1/deals/${deal.id}/unfreeze`);
  }
  for (const order of known.orders) {
    await stage.call(shop, 'cancel order', `/v1/orders/${order.id}/cancel`);
  }
  for (const one of await stage.list('/v1/payouts?state=pending_approval&limit=100')) {
    await stage.call(approver, 'approve', `/v1/payouts/${one.id}/approve`);
  }
  for (const one of await stage.list('/v1/refunds?state=requested&limit=100')) {
    await stage.call(approver, 'approve', `/v1/refunds/${one.id}/approve`);
  }
  await world.rest();
}

async function endWhatIsStuck(stage: Stage): Promise<void> {
  for (const state of ['abnormal', 'pending']) {
    for (const refund of await stage.list(`/v1/refunds?state=${state}&limit=100`)) {
      await resolveRefund(stage, refund.submission_number ?? refund.number, 'SUCCESS');
    }
  }
}

/** When the statements of yesterday are there, and the bills. */
async function toMorning(world: SimulatedWorld): Promise<void> {
  const now = world.now();
  const morning = now.add({ days: 1 }).with({ hour: 11, minute: 0, second: 0 });
  await world.advance(now.until(morning));
  await world.advance({ hours: 2 });
}

const underWaySql = `
  select 'attempt' as what, id::text, state from payments.attempt
    where state in ('created', 'submitted', 'pending', 'unknown', 'closing')
  union all
  select 'refund', id::text, state from payments.refund
    where state in ('approved', 'submitted', 'pending', 'unknown', 'abnormal')
  union all
  select 'pay-out', id::text, state from payouts.payout
    where state in ('approved', 'submitted', 'unknown', 'in_transit')
  union all
  select 'release', id::text, state from escrow.release where state = 'moving'
  union all
  select 'split', id::text, state from settlement.split where state = 'accepted'
  union all
  select 'event for ' || p.consumer, p.event_id::text, e.type || ': ' || p.last_error
    from platform.parked_event p join platform.event e on e.id = p.event_id
    where p.done_at is null
  union all
  select 'notification', n.id::text, coalesce(n.last_error, 'not applied')
    from channels.notification n where n.applied_at is null`;

/** What should have come to an end by now. */
async function underWay({ reader }: SimulatedWorld): Promise<readonly string[]> {
  const rows = await reader.query<{ what: string; id: string; state: string }>(underWaySql);
  return rows.map(({ what, id, state }) => `UNDER WAY: ${what} ${id}: ${state}`);
}

/** The bank's own figures beside the ledger's. */
async function unlikeTheBank({ outside, reader }: SimulatedWorld): Promise<readonly string[]> {
  const accounts = await reader.query<{ id: string; number: string; balance: bigint }>(
    `select c.id, c.number, (a.debits_posted - a.credits_posted) as balance
      from custody.account c left join ledger.account a on a.book_id = c.book
        and a.code = c.ledger_code and a.owner = c.id`,
  );
  const found: string[] = [];
  for (const { id, number, balance } of accounts) {
    const { booked } = await outside.get(`/bank/accounts/${number}`);
    if (BigInt(booked) !== (balance ?? 0n)) {
      found.push(`UNLIKE THE BANK: ${id}: bank ${booked}, ledger ${balance}`);
    }
  }
  return found;
}

/** The last proof of each day that is over. */
async function unproven(world: SimulatedWorld): Promise<readonly string[]> {
  const days = await world.reader.query<{ day: Temporal.PlainDate }>(
    'select day from reconciliation.run where day < $1 order by day',
    [world.now().withTimeZone(bankZone).toPlainDate().toString()],
  );
  const found: string[] = [];
  for (const { day } of days) {
    const { status, body } = await world.people.finance.get(`/v1/proofs/${day}`);
    if (status !== 200) found.push(`UNPROVEN: ${day}: ${status}`);
    else if (!body.accounts.every((one: Answer) => one.balanced)) {
      found.push(`UNPROVEN: ${day}: ${JSON.stringify(body.accounts)}`);
    }
  }
  return found;
}

async function figures({ reader }: SimulatedWorld): Promise<Figures> {
  const count = async (table: string) => {
    const rows = await reader.query<{ state: string; count: bigint }>(
      `select state, count(*) from ${table} group by state order by state`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
  };
  const [row] = await reader.query<{ transfers: bigint; days: bigint }>(
    `select (select count(*) from ledger.transfer) as transfers,
      (select count(*) from reconciliation.run) as days`,
  );
  return {
    days: Number(row?.days ?? 0n),
    deals: await count('escrow.deal'),
    orders: await count('payments.order'),
    payouts: await count('payouts.payout'),
    refunds: await count('payments.refund'),
    transfers: Number(row?.transfers ?? 0n),
  };
}
