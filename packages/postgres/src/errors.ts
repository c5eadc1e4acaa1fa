/** Why PostgreSQL cannot be started here. */
export type PostgresErrorCode =
  | 'unsupported_platform'
  | 'binaries_missing'
  | 'no_account'
  | 'not_permitted'
  | 'disk_full'
  | 'port_taken'
  | 'other_version'
  | 'shared_memory'
  | 'in_use'
  | 'password_lost'
  | 'start_timeout'
  | 'start_failed';

/**
 * A start that failed for a reason that a person can mend. The message is one or two sentences:
 * what is wrong, and what to do. `log` holds the server's own last lines where there are any.
 */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;
  readonly log: string;

  constructor(code: PostgresErrorCode, message: string, details: { log?: string } = {}) {
    super(message);
    this.code = code;
    this.log = details.log ?? '';
  }
}

/** What the environment variable is called that names another server; every way out mentions it. */
export const otherServer = 'or name a PostgreSQL server of your own in DATABASE_URL';

/** The sentence for a failed file operation; errors of another kind come back as they are. */
export function fromSystemError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return notPermitted(path);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path);
  return error;
}

export function notPermitted(path: string, log = ''): PostgresError {
  return new PostgresError(
    'not_permitted',
    `PostgreSQL may not read or write ${path}. ` +
      `Give this user write access to it, choose another data directory, ${otherServer}.`,
    { log },
  );
}

export function diskFull(path: string, log = ''): PostgresError {
  return new PostgresError(
    'disk_full',
    `There is no space left for the database in ${path}. ` +
      `Free at least 200 MB there, choose a data directory on another disk, ${otherServer}.`,
    { log },
  );
}
