import { setTimeout as wait } from 'node:timers/promises';
import type { Cast } from '../../../src/main/demo/cast.ts';
import { until } from '../../../src/main/demo/world.ts';
import type { TestWorld } from '../../world.ts';
import type { Outside } from './outside.ts';
import type { Books } from './truth.ts';

/** Work whose time has come by `$1`, and events that somebody has not read yet. */
const waitingSql = `select
    (select count(*) from payouts.payout where due_at <= $1)
    + (select count(*) from payments.attempt where due_at <= $1)
    + (select count(*) from payments.refund where due_at <= $1)
    + (select count(*) from payments."order" where due_at <= $1)
    + (select count(*) from channels.notification where applied_at is null and due_at <= $1)
    + (select count(*) from custody.virtual_account where due_at <= $1)
    + (select count(*) from settlement.split where due_at <= $1)
    + (select count(*) from settlement.settlement_window where due_at <= $1)
    + (select count(*) from reconciliation.run where due_at <= $1)
    + (select count(*) from platform.parked_event where done_at is null and due_at <= $1)
    + (select count(*) from graphile_worker.jobs
        where locked_at is not null or (run_at <= now() and attempts < max_attempts))
    + (select count(*) from platform.consumer c where exists (select 1 from platform.event e
        where (e.transaction_id, e.seq) > (c.transaction_id, c.seq))) as waiting`;

/**
 * Moves the world on and waits until everything that became due by it was looked after: pollers,
 * consumers, jobs, notifications, and the calls that they made.
 */
export function createStepper(world: TestWorld, cast: Cast, outside: Outside, books: Books) {
  async function waiting(): Promise<bigint> {
    const now = (await cast.world.now()).toInstant();
    const [row] = await books.query<{ waiting: bigint }>(waitingSql, [now.toString()]);
    const notices = await outside.notificationsDue(now.epochMilliseconds);
    const health = await Promise.all(
      [world.platform, world.worker.platform].map(({ channels }) => channels.health()),
    );
    const calls = health.flat().reduce((sum, { callsUnderWay }) => sum + callsUnderWay, 0);
    return (row?.waiting ?? 0n) + BigInt(notices + calls);
  }

  async function quiet(): Promise<void> {
    let still = 0;
    await until('the platform has looked after all that is due', async () => {
      world.worker.wake();
      await Promise.all(world.worker.consumers.map((consumer) => consumer.drain()));
      still = (await waiting()) === 0n ? still + 1 : 0;
      // Twice: what was being handed on between two looks shows at the second.
      if (still > 0) await wait(20);
      return still >= 2 ? true : undefined;
    });
  }

  return {
    quiet,
    step: async (duration: Temporal.DurationLike): Promise<void> => {
      await cast.world.advanceTo((await cast.world.now()).add(duration));
      await quiet();
    },
  };
}

export type Stepper = ReturnType<typeof createStepper>;
