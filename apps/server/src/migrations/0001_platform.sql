-- What every module stands on: which command had which answer, which events happened, who has
-- read how far.

-- The schema itself and platform.migration are made by the migrator.

create table platform.command (
  -- Scope and the caller's idempotency key. Kept for ever.
  key text primary key check (length(key) between 1 and 300),
  kind text not null,
  fingerprint text not null,
  -- The call that was carried out: tells a repeat by somebody else from our own batch sent again.
  call_id uuid not null,
  outcome jsonb not null,
  recorded_at timestamptz not null
);

create table platform.event (
  id uuid primary key,
  seq bigint generated always as identity,
  transaction_id xid8 not null default pg_current_xact_id(),
  type text not null,
  object_id uuid not null,
  -- Counted in the object, without a gap: delivery is not ordered.
  object_sequence bigint not null,
  payload jsonb not null,
  occurred_at timestamptz not null,
  unique (object_id, object_sequence)
);
create index event_order on platform.event (transaction_id, seq);

create table platform.consumer (
  name text primary key,
  transaction_id xid8 not null,
  seq bigint not null,
  updated_at timestamptz not null
);

-- Events whose handling failed: the consumer goes on, and comes back to them until they succeed.
create table platform.parked_event (
  consumer text not null references platform.consumer (name),
  event_id uuid not null references platform.event (id),
  attempts integer not null,
  last_error text not null,
  due_at timestamptz not null,
  done_at timestamptz,
  primary key (consumer, event_id)
);
create index parked_event_due on platform.parked_event (consumer, due_at) where done_at is null;

create trigger command_is_insert_only before update or delete on platform.command
  for each row execute function ledger.refuse_change();
create trigger command_is_not_truncated before truncate on platform.command
  execute function ledger.refuse_change();
create trigger event_is_insert_only before update or delete on platform.event
  for each row execute function ledger.refuse_change();
create trigger event_is_not_truncated before truncate on platform.event
  execute function ledger.refuse_change();

grant usage on schema platform to keyturn_app;
grant select, insert on platform.command, platform.event, platform.consumer,
  platform.parked_event to keyturn_app;
grant select on platform.migration to keyturn_app;
grant update (transaction_id, seq, updated_at) on platform.consumer to keyturn_app;
grant update (attempts, last_error, due_at, done_at) on platform.parked_event to keyturn_app;
