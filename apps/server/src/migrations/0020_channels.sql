-- Which bank or acquirer carries the money: contracts, what was said over them, what they told us.

create schema channels;

-- A contract is never changed: each change is a new version, in force from its date on.
create table channels.contract (
  id text not null check (id ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  version integer not null check (version > 0),
  adapter text not null check (adapter in ('wechat_pay_v3', 'escrow_bank_v1')),
  book text not null references ledger.book,
  -- The custody account that the acquirer settles to.
  settles_to text,
  fee_bps integer not null check (fee_bps between 0 and 10000),
  config jsonb not null,
  -- The name of its files in the key directory; never a secret itself.
  secret_ref text not null check (secret_ref ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
  state text not null check (state in ('enabled', 'disabled')),
  effective_from timestamptz not null,
  created_by text not null,
  approved_by text not null,
  recorded_at timestamptz not null,
  primary key (id, version)
);

-- The raw log: one row per call, secrets and personal data masked.
create table channels.message (
  id uuid primary key,
  contract_id text not null,
  direction text not null check (direction in ('out', 'in')),
  operation text not null,
  reference text not null,
  request text not null,
  response text not null,
  outcome text not null,
  duration_ms integer not null check (duration_ms >= 0),
  at timestamptz not null
);
create index message_by_reference on channels.message (contract_id, reference, at, id);

-- What the other side told us, stored before it is acknowledged and applied when possible.
create table channels.notification (
  id uuid primary key,
  contract_id text not null,
  -- Their id of it: the same however often it is sent.
  notification_id text not null check (length(notification_id) between 1 and 100),
  -- As it came, sealed: it can hold names and account numbers.
  body_sealed text not null,
  received_at timestamptz not null,
  attempts integer not null default 0,
  due_at timestamptz not null,
  last_error text,
  applied_at timestamptz,
  unique (contract_id, notification_id)
);
create index notification_due on channels.notification (due_at) where applied_at is null;

create trigger contract_is_insert_only before update or delete on channels.contract
  for each row execute function ledger.refuse_change();
create trigger contract_is_not_truncated before truncate on channels.contract
  execute function ledger.refuse_change();
create trigger message_is_insert_only before update or delete on channels.message
  for each row execute function ledger.refuse_change();
create trigger message_is_not_truncated before truncate on channels.message
  execute function ledger.refuse_change();
create trigger notification_is_not_removed before delete on channels.notification
  for each row execute function ledger.refuse_change();
create trigger notification_is_not_truncated before truncate on channels.notification
  execute function ledger.refuse_change();

grant usage on schema channels to keyturn_app;
grant select, insert on channels.contract, channels.message, channels.notification to keyturn_app;
grant update (attempts, due_at, last_error, applied_at) on channels.notification to keyturn_app;
