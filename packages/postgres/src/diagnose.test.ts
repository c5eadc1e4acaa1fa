import { expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import type { PostgresErrorCode } from './errors.ts';

const scene = { dataDirectory: '/srv/data', port: 5544 };

/** What PostgreSQL 18 and initdb really print, by what it means. */
const printed: readonly (readonly [PostgresErrorCode, string])[] = [
  ['disk_full', 'initdb: error: could not write to file "x": No space left on device'],
  [
    'disk_full',
    'FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 10\n' +
      'HINT:  Check free disk space.',
  ],
  [
    'disk_full',
    'PANIC: could not write to file "pg_wal/xlogtemp.9": No space left on device\n' +
      'LOG:  could not create directory "x": Permission denied',
  ],
  [
    'port_taken',
    'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\n' +
      'FATAL:  could not create any TCP/IP sockets',
  ],
  ['other_version', 'FATAL:  database files are incompatible with server'],
  ['in_use', 'FATAL:  lock file "postmaster.pid" already exists'],
  ['in_use', 'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use'],
  [
    'shared_memory',
    'FATAL:  could not resize shared memory segment "/PG.1" to 8 bytes: No space left on device',
  ],
  ['shared_memory', 'FATAL:  could not map anonymous shared memory: Cannot allocate memory'],
  ['shared_memory', 'FATAL:  could not create shared memory segment: Invalid argument'],
  ['binaries_missing', 'postgres: error while loading shared libraries: libicuuc.so.60'],
  ['no_account', 'initdb: error: could not look up effective user ID 1234: user does not exist'],
  ['not_permitted', 'initdb: error: could not create directory "/srv": Permission denied'],
  ['not_permitted', 'FATAL:  data directory "/srv/data" has wrong ownership'],
  ['start_failed', 'FATAL:  configuration file "postgresql.conf" contains errors'],
];

it.each(printed)('explains %s from what PostgreSQL printed: %s', (code, log) => {
  const error = diagnose(log, scene);
  expect(error.code).toBe(code);
  expect(error.log).toBe(log);
  expect(error.message).toMatch(/[a-z].*\.$/);
});

it('names the port and the directory that it is about', () => {
  expect(diagnose('could not create any TCP/IP sockets', scene).message).toContain('5544');
  expect(diagnose('No space left on device', scene).message).toContain('/srv/data');
});

it('quotes the last lines of a failure that it does not know', () => {
  expect(diagnose('one\ntwo\nthree\nfour', scene).message).toContain('two | three | four');
});
