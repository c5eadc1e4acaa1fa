import { nextQueryAt } from '../../banks/channels/index.ts';
import type { PaymentsCommands } from './commands/index.ts';
import {
  claimAttempts,
  claimOrders,
  claimRefunds,
  rescheduleAttempts,
  rescheduleRefunds,
} from './store.ts';
import type { PaymentsDeps, PaymentsService } from './types.ts';
import type { AttemptWork } from './work/attempts.ts';
import type { RefundWork } from './work/refunds.ts';

/** How much is taken at a time, and for how long nobody else looks at it. */
const claimLimit = 50;
const lease = { seconds: 60 } as const;

/**
 * Work whose time has come. A claim moves the due time on before the network is asked, so that a
 * crash in between costs a minute and nothing else; what is still under the lease afterwards gets
 * its next time.
 */
export function createDueWork(
  deps: PaymentsDeps,
  commands: PaymentsCommands,
  attempts: AttemptWork,
  refunds: RefundWork,
): PaymentsService['due'] {
  const { database, clock, logger } = deps;

  function claimNow() {
    const now = clock.now();
    return { now, lease: now.add(lease), limit: claimLimit };
  }

  /** One that fails does not keep the others from being looked after; it is due again. */
  async function each<Row extends { readonly id: string }>(
    rows: readonly Row[],
    work: (row: Row) => Promise<unknown>,
  ): Promise<void> {
    await Promise.all(
      rows.map((row) =>
        work(row).catch((error: unknown) => {
          logger.warn({ err: error, id: row.id }, 'due work failed; it stays due');
        }),
      ),
    );
  }

  return {
    attempts: async () => {
      const claim = claimNow();
      const rows = await claimAttempts(database, claim);
      await each(rows, attempts.lookAfter);
      const next = rows.map(({ id, queries }) => ({ id, dueAt: nextQueryAt(claim.now, queries) }));
      await rescheduleAttempts(database, next, claim.lease);
      return rows.length;
    },
    refunds: async () => {
      const claim = claimNow();
      const rows = await claimRefunds(database, claim);
      await each(rows, refunds.lookAfter);
      const next = rows.map(({ id, queries }) => ({ id, dueAt: nextQueryAt(claim.now, queries) }));
      await rescheduleRefunds(database, next, claim.lease);
      return rows.length;
    },
    orders: async () => {
      const rows = await claimOrders(database, claimNow());
      await each(rows, ({ id }) =>
        commands.closeOrder(`payments.expire:${id}`, { orderId: id, reason: 'expired' }),
      );
      return rows.length;
    },
  };
}
