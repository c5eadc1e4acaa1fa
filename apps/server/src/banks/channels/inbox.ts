import { type Clock, elapsedMs, newId } from '@keyturn/kernel';
import { createBatcher, type Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import type { Metrics } from '../../platform/index.ts';
import type { Sealer } from '../../platform/secrets/sealer.ts';
import { nextQueryAt } from './decide/unknown-policy.ts';
import type { MessageLog } from './message-log.ts';
import {
  claimNotifications,
  type NotificationOutcome,
  type NotificationRow,
  settleNotifications,
  storeNotifications,
} from './store.ts';

/** What an adapter can do with a stored notification, and what stands in the log about it. */
export interface Applied {
  readonly operation: string;
  /** Our numbers that it is about: out_trade_no, the bank's references. */
  readonly references: readonly string[];
}

/** Takes one notification's body to its handler. Rejects when it cannot be applied (yet). */
export type Apply = (contractId: string, body: string) => Promise<Applied>;

/**
 * What the other side tells us: stored first, in batches, then applied. What cannot be applied yet
 * (our own answer of the call that caused it is not stored yet, a module is busy) is tried again at
 * growing intervals.
 */
export interface Inbox {
  /** Resolves when it is stored, and applied if that was possible at once. */
  take(contractId: string, notificationId: string, body: Uint8Array, apply: Apply): Promise<void>;
  retry(apply: Apply): Promise<number>;
  close(): Promise<void>;
}

/** While a notification is being applied nobody else takes it up. */
const leaseSeconds = 30;
const claimSize = 100;

export function createInbox(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly sealer: Sealer;
  readonly log: MessageLog;
}): Inbox {
  const { database, clock, logger, sealer } = deps;
  const storing = createBatcher<NotificationRow, boolean>({
    name: 'channels.notification',
    database,
    execute: async (tx, rows) => {
      // One of two equal ones that come at once is enough.
      const unique = new Map(rows.map((row) => [contextOf(row), row]));
      const stored = await storeNotifications(tx, [...unique.values()]);
      return rows.map((row) => stored.has(row.id));
    },
  });
  const settling = createBatcher<NotificationOutcome, true>({
    name: 'channels.notification_applied',
    database,
    execute: async (tx, outcomes) => {
      await settleNotifications(tx, outcomes);
      return outcomes.map(() => true);
    },
  });

  async function applyOne(row: NotificationRow, body: () => string, apply: Apply): Promise<void> {
    const started = elapsedMs();
    const attempts = row.attempts + 1;
    const now = clock.now();
    try {
      const { operation, references } = await apply(row.contractId, body());
      note(row, operation, references, 'ok', elapsedMs() - started);
      await settling.submit({ id: row.id, attempts, dueAt: now, appliedAt: now, lastError: null });
    } catch (error) {
      const lastError = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
      const line = { err: error, contract: row.contractId, notification: row.id, attempts };
      if (attempts < 4) logger.debug(line, 'a notification cannot be applied yet');
      else logger.warn(line, 'a notification still cannot be applied');
      note(row, 'notify', [row.notificationId], 'not applied yet', elapsedMs() - started);
      const dueAt = nextQueryAt(now, row.attempts);
      const outcome = { id: row.id, attempts, dueAt, appliedAt: null };
      await settling.submit({ ...outcome, lastError: lastError.slice(0, 300) });
    }
  }

  function note(
    row: NotificationRow,
    operation: string,
    references: readonly string[],
    outcome: string,
    durationMs: number,
  ): void {
    const { contractId, notificationId, receivedAt: at } = row;
    deps.metrics.channelCall(contractId, operation, outcome, durationMs);
    for (const reference of references) {
      deps.log.write({
        id: newId(at, contractId),
        contractId,
        direction: 'in',
        operation,
        reference,
        request: `notification ${notificationId}`,
        response: '',
        outcome,
        durationMs: Math.round(durationMs),
        at,
      });
    }
  }

  return {
    take: async (contractId, notificationId, body, apply) => {
      const now = clock.now();
      const text = Buffer.from(body).toString('utf8');
      const context = contextOf({ contractId, notificationId });
      const row: NotificationRow = {
        id: newId(now, contractId),
        contractId,
        notificationId,
        bodySealed: sealer.seal(text, context),
        receivedAt: now,
        attempts: 0,
        dueAt: now.add({ seconds: leaseSeconds }),
        lastError: null,
        appliedAt: null,
      };
      const isNew = await storing.submit(row);
      // A repeat: the first one is applied, or will be.
      if (isNew) await applyOne(row, () => text, apply);
    },
    retry: async (apply) => {
      const now = clock.now();
      const leaseUntil = now.add({ seconds: leaseSeconds });
      const rows = await claimNotifications(database, now, leaseUntil, claimSize);
      await Promise.all(
        rows.map((row) => applyOne(row, () => sealer.open(row.bodySealed, contextOf(row)), apply)),
      );
      return rows.length;
    },
    close: async () => {
      await storing.close();
      await settling.close();
    },
  };
}

function contextOf(row: Pick<NotificationRow, 'contractId' | 'notificationId'>): string {
  return `channels.notification:${row.contractId}/${row.notificationId}`;
}
