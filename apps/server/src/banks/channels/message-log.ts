import { createBatcher, type Database, insertRows } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import { type MessageRow, messageTable } from './store.ts';

/**
 * The raw log's pen. Writing never waits and never fails a call; what the log had to drop is
 * counted.
 */
export interface MessageLog {
  write(row: MessageRow): void;
  dropped(): number;
  /** Lets what is waiting be written. */
  close(): Promise<void>;
}

/** Rows are gathered while the last ones are being written: one statement for many calls. */
export function createMessageLog(deps: {
  readonly database: Database;
  readonly logger: Logger;
}): MessageLog {
  let dropped = 0;
  const batcher = createBatcher<MessageRow, true>({
    name: 'channels.message',
    database: deps.database,
    maxBatch: 1_000,
    maxQueue: 10_000,
    deadlineMs: 60_000,
    execute: (tx, rows) => {
      insertRows(tx, messageTable, rows);
      return Promise.resolve(rows.map(() => true));
    },
  });
  return {
    write: (row) => {
      batcher.submit(row).catch((error: unknown) => {
        dropped += 1;
        deps.logger.error({ err: error, message: row.id, dropped }, 'the raw log lost a row');
      });
    },
    dropped: () => dropped,
    close: batcher.close,
  };
}
