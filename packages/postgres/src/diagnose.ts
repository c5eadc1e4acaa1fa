import { diskFull, notPermitted, otherServer, PostgresError } from './errors.ts';

/** Where a failed step worked, for the sentences. */
export interface Scene {
  readonly dataDirectory: string;
  readonly port: number;
}

interface Symptom {
  readonly pattern: RegExp;
  readonly explain: (scene: Scene, log: string) => PostgresError;
}

/**
 * The order matters: a system short of shared memory says "No space left on device" too, and a full
 * disk is followed by errors of other kinds.
 */
const symptoms: readonly Symptom[] = [
  {
    pattern: /could not (create|map|resize|attach to|open) (anonymous )?shared memory|\bshmget\b/,
    explain: (scene, log) =>
      new PostgresError(
        'shared_memory',
        `The system gives PostgreSQL too little shared memory for ${scene.dataDirectory}. ` +
          `Raise it (containers: --shm-size=256m), lower shared_buffers, ${otherServer}.`,
        { log },
      ),
  },
  {
    pattern: /No space left on device|Disk quota exceeded|Check free disk space/,
    explain: (scene, log) => diskFull(scene.dataDirectory, log),
  },
  {
    pattern: /could not bind .*Address already in use|could not create any TCP\/IP sockets/,
    explain: (scene, log) =>
      new PostgresError(
        'port_taken',
        `Port ${scene.port} on 127.0.0.1 is taken by another program. ` +
          `Stop that program or choose another port for the database.`,
        { log },
      ),
  },
  {
    pattern: /database files are incompatible with server|initialized by PostgreSQL version/,
    explain: (scene, log) =>
      new PostgresError(
        'other_version',
        `The data in ${scene.dataDirectory} was written by another version of PostgreSQL. ` +
          `Move it away with pg_dump and pg_restore, use another data directory, ${otherServer}.`,
        { log },
      ),
  },
  {
    pattern: /lock file "postmaster\.pid" already exists|pre-existing shared memory block/,
    explain: (scene, log) =>
      new PostgresError(
        'in_use',
        `Another PostgreSQL still uses ${scene.dataDirectory}. ` +
          `Stop it, or choose another data directory.`,
        { log },
      ),
  },
  {
    pattern: /error while loading shared libraries|Library not loaded|not found \(required by/,
    explain: (_scene, log) =>
      new PostgresError(
        'binaries_missing',
        `PostgreSQL's own libraries are not complete in node_modules, or this system's C library ` +
          `is too old or not glibc. Run npm ci again, ${otherServer}.`,
        { log },
      ),
  },
  {
    pattern: /could not look up effective user ID/,
    explain: (_scene, log) =>
      new PostgresError(
        'no_account',
        `The user that runs this has a number but no name on this system, and PostgreSQL asks ` +
          `for one. Add a line for it to /etc/passwd, start as another user, ${otherServer}.`,
        { log },
      ),
  },
  {
    pattern: /Permission denied|Operation not permitted|has wrong ownership|Read-only file system/,
    explain: (scene, log) => notPermitted(scene.dataDirectory, log),
  },
];

/** Turns what PostgreSQL or initdb printed before it gave up into one error with a way out. */
export function diagnose(log: string, scene: Scene): PostgresError {
  for (const symptom of symptoms) {
    if (symptom.pattern.test(log)) return symptom.explain(scene, log);
  }
  const last = log.trim().split('\n').slice(-3).join(' | ');
  return new PostgresError(
    'start_failed',
    `PostgreSQL did not start in ${scene.dataDirectory}: ${last || 'it printed nothing'}. ` +
      `Mend what it names, ${otherServer}.`,
    { log },
  );
}
