import type { Page, Refusal, Result } from '@keyturn/kernel';
import type { CommandOutcome } from '../../platform/index.ts';
import type { ApiKeyRole, OperatorRole, Principal } from './principal.ts';

/** A person who works for the operator of the platform, as shown. */
export interface OperatorView {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly roles: OperatorRole[];
  readonly state: 'active' | 'disabled';
  readonly created_at: string;
}

/** An API key as shown: everything but its secret. */
export interface ApiKeyView {
  readonly id: string;
  /** How the token begins, to recognise it by. */
  readonly prefix: string;
  readonly name: string;
  readonly integrator: { readonly id: string; readonly name: string };
  readonly roles: ApiKeyRole[];
  readonly state: 'active' | 'revoked';
  readonly expires_at?: string;
  readonly created_at: string;
  readonly revoked_at?: string;
}

/**
 * One line of the audit trail. `result` is missing when the process ended before it had answered.
 */
export interface AuditView {
  readonly id: string;
  readonly at: string;
  readonly who: {
    readonly kind: Principal['kind'] | 'unknown';
    readonly id?: string;
    readonly name?: string;
  };
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly object?: string;
  readonly address: string;
  readonly request_id: string;
  readonly result?: { readonly status: number; readonly code?: string; readonly at: string };
}

export interface NewOperator {
  /** 3 to 64 of a-z, 0-9, dot, dash, underscore; upper case is lowered. */
  readonly username: string;
  readonly name: string;
  readonly password: string;
  readonly roles: readonly OperatorRole[];
}

export interface NewApiKey {
  readonly name: string;
  /**
   * The uuid of the integrator who gets another key; without it a new one is made, called `name`.
   */
  readonly integratorId?: string;
  /** `writer` when not said. */
  readonly roles?: readonly ApiKeyRole[];
  readonly expiresAt?: string;
}

/** Who a request comes from, and by which credential. */
export interface Identity {
  readonly principal: Principal;
  /** `key_…` or `ses_…` */
  readonly credential: string;
  /** For sessions: what the header X-CSRF-Token has to say. */
  readonly csrfToken?: string;
}

/** What a session is opened with, to be given to the browser. */
export interface OpenedSession {
  readonly operator: OperatorView;
  readonly token: string;
  readonly csrfToken: string;
  readonly expiresAt: Temporal.Instant;
}

/** A new key. `token` is there once: in the first answer, and never again. */
export interface IssuedApiKey {
  readonly apiKey: ApiKeyView;
  readonly token?: string;
}

/** What can be asked of `access`. Ids are uuids; views carry wire ids. */
export interface AccessService {
  /** `by` is the id of the operator who does it, undefined at the first start. */
  createOperator(
    key: string,
    by: string | undefined,
    operator: NewOperator,
  ): Promise<CommandOutcome<OperatorView>>;
  disableOperator(key: string, by: string, id: string): Promise<CommandOutcome<OperatorView>>;
  createApiKey(
    key: string,
    by: string | undefined,
    apiKey: NewApiKey,
  ): Promise<CommandOutcome<IssuedApiKey>>;
  revokeApiKey(key: string, by: string, id: string): Promise<CommandOutcome<ApiKeyView>>;

  /** Checks user name and password; takes as long for a user who does not exist. */
  logIn(attempt: LogInAttempt): Promise<Result<OpenedSession, Refusal>>;
  logOut(sessionToken: string): Promise<void>;
  /**
   * Ends the operator's other sessions. Refuses `password_wrong`, `password_weak`, `login_locked`.
   */
  changePassword(change: PasswordChange): Promise<Result<void, Refusal>>;
  /**
   * Who a key or a session's token belongs to, now. A revoked key is refused within five seconds.
   */
  identifyKey(token: string): Result<Identity, Refusal> | Promise<Result<Identity, Refusal>>;
  identifySession(token: string): Promise<Result<Identity, Refusal>>;

  operators(page: PageQuery): Promise<Result<Page<OperatorView>, Refusal>>;
  apiKeys(page: PageQuery): Promise<Result<Page<ApiKeyView>, Refusal>>;
  audit(page: PageQuery & AuditFilter): Promise<Result<Page<AuditView>, Refusal>>;
  /** Writes what somebody is about to do; returns the record's id for `recordResult`. */
  recordCall(call: AuditCall): Promise<string>;
  recordResult(id: string, result: AuditResult): Promise<void>;
  /** Removes throttles that are over. Returns how many. */
  sweep(): Promise<number>;
}

export interface LogInAttempt {
  readonly username: string;
  readonly password: string;
  /** Where it comes from: an address of the network. */
  readonly from: string;
  readonly requestId: string;
}

export interface PasswordChange {
  readonly operatorId: string;
  /** The session that stays. */
  readonly sessionToken: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly from: string;
}

export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface AuditFilter {
  /** The uuid of an operator or integrator. */
  readonly principalId?: string | undefined;
}

export interface AuditCall {
  readonly principal: Pick<Principal, 'kind' | 'id' | 'name'> | undefined;
  readonly credential: string | undefined;
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly object: string | undefined;
  /** The network address that it came from. */
  readonly address: string;
  readonly requestId: string;
}

export interface AuditResult {
  readonly status: number;
  readonly code: string | undefined;
  /** The id of what was made. */
  readonly object: string | undefined;
}
