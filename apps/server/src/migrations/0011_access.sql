-- Who may do what: operators and their sessions, integrators and their API keys, and the audit
-- trail. Secrets stand here only as hashes: passwords as argon2id, random tokens as SHA-256.

create schema access;

create table access.operator (
  id uuid primary key,
  username text not null unique check (username ~ '^[a-z0-9][a-z0-9._-]{2,63}$'),
  name text not null,
  password text not null check (password like '$argon2id$%'),
  roles jsonb not null check (jsonb_typeof(roles) = 'array'),
  state text not null check (state in ('active', 'disabled')),
  created_by uuid,
  created_at timestamptz not null
);

create table access.operator_session (
  id uuid primary key,
  operator_id uuid not null references access.operator,
  token_sha256 bytea not null unique check (length(token_sha256) = 32),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index operator_session_open on access.operator_session (operator_id) where ended_at is null;

-- Log-ins that are not yet proven right, by a hash of whom they were tried for and from where.
create table access.login_throttle (
  subject text primary key,
  failures integer not null check (failures >= 0),
  window_started_at timestamptz not null,
  locks integer not null check (locks >= 0),
  locked_until timestamptz,
  forget_at timestamptz not null
);
create index login_throttle_over on access.login_throttle (forget_at);

create table access.integrator (
  id uuid primary key,
  name text not null,
  created_by uuid,
  created_at timestamptz not null
);

create table access.api_key (
  id uuid primary key,
  integrator_id uuid not null references access.integrator,
  name text not null,
  secret_sha256 bytea not null check (length(secret_sha256) = 32),
  roles jsonb not null check (jsonb_typeof(roles) = 'array'),
  state text not null check (state in ('active', 'revoked')),
  expires_at timestamptz,
  created_by uuid,
  created_at timestamptz not null,
  revoked_by uuid,
  revoked_at timestamptz,
  check ((state = 'revoked') = (revoked_at is not null))
);
create index api_key_by_integrator on access.api_key (integrator_id, id);

-- Written before a call is carried out, so that nothing is done without a trace.
create table access.audit (
  id uuid primary key,
  -- In which order: two calls can have the same time.
  seq bigint generated always as identity unique,
  at timestamptz not null,
  principal_kind text not null check (principal_kind in ('operator', 'integrator', 'unknown')),
  principal_id uuid,
  principal_name text,
  -- The key or session.
  credential text,
  what text not null,
  method text not null,
  path text not null,
  object text,
  request_id text not null,
  -- The network address that the call came from.
  address text not null,
  check ((principal_kind = 'unknown') = (principal_id is null))
);
create index audit_by_principal on access.audit (principal_id, seq);

-- How a call ended. Missing when the process ended before it had answered.
create table access.audit_result (
  audit_id uuid primary key references access.audit,
  at timestamptz not null,
  status integer not null,
  code text,
  -- What was made.
  object text
);

create trigger audit_is_insert_only before update or delete on access.audit
  for each row execute function ledger.refuse_change();
create trigger audit_is_not_truncated before truncate on access.audit
  execute function ledger.refuse_change();
create trigger audit_result_is_insert_only before update or delete on access.audit_result
  for each row execute function ledger.refuse_change();
create trigger audit_result_is_not_truncated before truncate on access.audit_result
  execute function ledger.refuse_change();
create trigger integrator_is_not_changed before update or delete on access.integrator
  for each row execute function ledger.refuse_change();
create trigger operator_is_not_removed before delete on access.operator
  for each row execute function ledger.refuse_change();
create trigger api_key_is_not_removed before delete on access.api_key
  for each row execute function ledger.refuse_change();

grant usage on schema access to keyturn_app;
grant select, insert on all tables in schema access to keyturn_app;
grant update (password, state) on access.operator to keyturn_app;
grant update (last_seen_at, ended_at) on access.operator_session to keyturn_app;
grant update (state, revoked_by, revoked_at) on access.api_key to keyturn_app;
grant update (failures, window_started_at, locks, locked_until, forget_at)
  on access.login_throttle to keyturn_app;
-- The one table that strangers can make grow; what is over is removed.
grant delete on access.login_throttle to keyturn_app;
