import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openWorldClock, type WorldClock } from './clock.ts';
import { type CommitQueue, createCommitQueue } from './commit-queue.ts';
import { type Deliver, openDeliver } from './deliver.ts';
import { type Due, openDue } from './due.ts';
import { type FaultAdmin, openFaults } from './faults.ts';
import { openKeysDirectory } from './keys.ts';
import type { Logger } from './logger.ts';
import { openStore } from './store.ts';

/** What all parts of the outside world share. */
export interface World {
  store: DatabaseSync;
  commits: CommitQueue;
  clock: WorldClock;
  faults: FaultAdmin;
  due: Due;
  deliver: Deliver;
  keysDirectory: string;
  logger: Logger;
}

/** Opens the world in its data directory, which is made when it is not there. */
export function openWorld(
  dataDirectory: string,
  logger: Logger,
  standsAt?: Temporal.Instant,
): World {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const keysDirectory = openKeysDirectory(dataDirectory);
  const store = openStore(join(dataDirectory, 'sandbox.sqlite'));
  const commits = createCommitQueue(store);
  const clock = openWorldClock(store, standsAt);
  const faults = openFaults(store);
  const due = openDue({ store, clock, logger });
  const deliver = openDeliver({ store, clock, commits, logger });
  return { store, commits, clock, faults, due, deliver, keysDirectory, logger };
}
