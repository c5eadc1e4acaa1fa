import { hash } from 'node:crypto';
import { type Clock, encodeId, newId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type Database, isConflict, UnavailableError } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import { checkPassword } from './decide/password.ts';
import {
  addressLimit,
  countTry,
  lockedForMs,
  type Throttle,
  type ThrottleLimit,
  userLimit,
} from './decide/throttle.ts';
import { csrfTokenOf, newSecret, secretHash } from './decide/token.ts';
import { refuse } from './errors.ts';
import type { Passwords } from './passwords.ts';
import type { OperatorRow } from './rows.ts';
import { insertCall, insertResult } from './store/audit.ts';
import {
  endSession,
  insertSession,
  markSeen,
  readOperators,
  readOperatorsByName,
  readSession,
  replacePassword,
} from './store/operators.ts';
import { clearThrottles, lockThrottles, writeThrottles } from './store/throttles.ts';
import type { Identity, LogInAttempt, OpenedSession, PasswordChange } from './types.ts';
import { idPrefix, operatorView } from './views.ts';

/** Operators' sessions: opened by a password, known by a random token, over after a while. */

/** However busy, a session ends after a working day. */
const longestHours = 12;
/** Nobody there: it ends. */
const idleMinutes = 30;
/** A session's last use is written this often at most. */
const seenSeconds = 60;

export interface SessionDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly passwords: Passwords;
}

export async function logIn(
  deps: SessionDeps,
  attempt: LogInAttempt,
): Promise<Result<OpenedSession, Refusal>> {
  const username = attempt.username.trim().toLowerCase();
  if (username === '') return refuse('login_failed');
  const now = deps.clock.now();
  const limits = limitsOf(username, attempt.from);
  const lockedMs = await countOrLocked(deps.database, limits, now);
  if (lockedMs > 0) {
    return refuse('login_locked', { values: { seconds: String(Math.ceil(lockedMs / 1000)) } });
  }
  // The same statements and the same hashing for everybody: time must not tell who exists.
  const [operator] = await readOperatorsByName(deps.database, [username]);
  const active = operator?.state === 'active' ? operator : undefined;
  const right = await deps.passwords.verify(active?.password, attempt.password);
  if (!active || !right) {
    if (operator) recordFailure(deps, operator, attempt, now);
    return refuse('login_failed');
  }
  await clearThrottles(deps.database, [...limits.keys()]);
  return ok(await openSession(deps, active, attempt, now));
}

/** Whom a try is counted for. Hashed: people type their password into the wrong field. */
function limitsOf(username: string, from: string): ReadonlyMap<string, ThrottleLimit> {
  return new Map([
    [hash('sha256', `user ${username}`), userLimit],
    [hash('sha256', `user ${username} from ${from}`), addressLimit],
  ]);
}

/**
 * Counts the try, or says for how many milliseconds none is allowed. Kept by the database, for all
 * processes.
 */
async function countOrLocked(
  database: Database,
  limits: ReadonlyMap<string, ThrottleLimit>,
  now: Temporal.Instant,
): Promise<number> {
  try {
    return await database.transaction(async (tx) => {
      const throttles = await lockThrottles(tx, [...limits.keys()], now);
      const lockedMs = Math.max(...[...throttles.values()].map((one) => lockedForMs(one, now)));
      if (lockedMs > 0) return lockedMs;
      const counted = new Map<string, Throttle>();
      for (const [subject, limit] of limits) {
        counted.set(subject, countTry(throttles.get(subject), limit, now));
      }
      await writeThrottles(tx, counted);
      return 0;
    });
  } catch (error) {
    if (isConflict(error)) {
      throw new UnavailableError('busy', 'log-ins wait for each other', { cause: error });
    }
    throw error;
  }
}

async function openSession(
  { database }: SessionDeps,
  operator: OperatorRow,
  attempt: LogInAttempt,
  now: Temporal.Instant,
): Promise<OpenedSession> {
  const token = newSecret();
  const expiresAt = now.add({ hours: longestHours });
  const id = newId(now, operator.id);
  await insertSession(database, {
    id,
    operatorId: operator.id,
    tokenSha256: secretHash(token),
    createdAt: now,
    expiresAt,
  });
  await recordLogIn(database, operator, attempt, now, { status: 201, session: id });
  return { operator: operatorView(operator), token, csrfToken: csrfTokenOf(token), expiresAt };
}

/** Not waited for: only known users have something to record, and that must not be felt. */
function recordFailure(
  { database, logger }: SessionDeps,
  operator: OperatorRow,
  attempt: LogInAttempt,
  now: Temporal.Instant,
): void {
  recordLogIn(database, operator, attempt, now, { status: 401, code: 'login_failed' }).catch(
    (error: unknown) => logger.error({ err: error }, 'a failed log-in could not be recorded'),
  );
}

async function recordLogIn(
  database: Database,
  operator: OperatorRow,
  attempt: LogInAttempt,
  now: Temporal.Instant,
  end: { readonly status: number; readonly code?: string; readonly session?: string },
): Promise<void> {
  const id = newId(now, operator.id);
  const object = end.session === undefined ? undefined : encodeId(idPrefix.session, end.session);
  await insertCall(database, id, now, {
    principal: { kind: 'operator', id: operator.id, name: operator.name },
    credential: undefined,
    what: 'logIn',
    method: 'POST',
    path: '/v1/operator-sessions',
    object: undefined,
    address: attempt.from,
    requestId: attempt.requestId,
  });
  await insertResult(database, id, now, { status: end.status, code: end.code, object });
}

/**
 * Sets a new password after the old one proved right, and ends the operator's other sessions:
 * whoever knew the old password is out. Tries count like log-ins.
 */
export async function changePassword(
  deps: SessionDeps,
  change: PasswordChange,
): Promise<Result<void, Refusal>> {
  const { database, passwords } = deps;
  const now = deps.clock.now();
  const [operator] = await readOperators(database, [change.operatorId]);
  const username = operator?.username ?? '';
  const limits = limitsOf(username, change.from);
  const lockedMs = await countOrLocked(database, limits, now);
  if (lockedMs > 0) {
    return refuse('login_locked', { values: { seconds: String(Math.ceil(lockedMs / 1000)) } });
  }
  const right = await passwords.verify(operator?.password, change.currentPassword);
  if (!right) return refuse('password_wrong', { param: 'current_password' });
  await clearThrottles(database, [...limits.keys()]);
  const strong = checkPassword(change.newPassword, username);
  if (!strong.ok) return { ok: false, error: { ...strong.error, param: 'new_password' } };
  const hashed = await passwords.hash(change.newPassword);
  await database.transaction((tx) =>
    replacePassword(tx, change.operatorId, hashed, secretHash(change.sessionToken), now),
  );
  return ok(undefined);
}

export async function logOut({ database, clock }: SessionDeps, token: string): Promise<void> {
  await endSession(database, secretHash(token), clock.now());
}

/**
 * Read at each request, so that a log-out or a disabled operator counts at once, in every process.
 */
export async function identifySession(
  { database, clock }: SessionDeps,
  token: string,
): Promise<Result<Identity, Refusal>> {
  const session = await readSession(database, secretHash(token));
  const now = clock.now();
  if (session?.state !== 'active') return refuse('credential_invalid');
  const idleAt = session.lastSeenAt.add({ minutes: idleMinutes });
  const over = [session.expiresAt, idleAt].some((end) => Temporal.Instant.compare(now, end) >= 0);
  if (over) return refuse('credential_invalid');
  const stale = session.lastSeenAt.add({ seconds: seenSeconds });
  if (Temporal.Instant.compare(now, stale) >= 0) await markSeen(database, session.sessionId, now);
  const { id, name, roles } = session;
  return ok({
    principal: { kind: 'operator', id, name, roles },
    credential: encodeId(idPrefix.session, session.sessionId),
    csrfToken: csrfTokenOf(token),
  });
}
