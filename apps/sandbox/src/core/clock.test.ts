import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { openWorld } from './world.ts';

const start = Temporal.Instant.from('2026-11-20T02:00:00Z');
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyturn-clock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open() {
  return openWorld(
    directory,
    createLogger(() => undefined),
    start,
  );
}

test('a clock that stands shows where it was moved to, after a restart too', () => {
  const first = open();
  expect(first.clock.now().toString()).toBe('2026-11-20T02:00:00Z');
  first.clock.advance({ hours: 3 });
  first.store.close();
  const again = open();
  expect(again.clock.now().toString()).toBe('2026-11-20T05:00:00Z');
  again.store.close();
});
