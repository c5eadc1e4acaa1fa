-- Escrow: agreements, deals, fund items, conditions, releases, conversions, unwinding.

create schema escrow;

create table escrow.agreement (
  id uuid primary key,
  name text not null,
  version integer not null check (version > 0),
  terms jsonb not null,
  state text not null check (state in ('draft', 'published')),
  made_by text not null,
  published_by text,
  created_at timestamptz not null,
  published_at timestamptz,
  events bigint not null,
  unique (name, version),
  -- Made by one, published by another.
  check (published_by is null or published_by <> made_by)
);

create table escrow.deal (
  id uuid primary key,
  number text not null unique,
  agreement_id uuid not null references escrow.agreement,
  integrator_id text not null,
  title text not null,
  city text not null,
  currency text not null,
  state text not null check (state in ('draft', 'agreed', 'funding', 'funded', 'releasing',
    'partially_released', 'released', 'cancel_requested', 'refunding', 'refunded',
    'partly_refunded', 'canceled')),
  state_before text,
  parties jsonb not null,
  agreed_roles jsonb not null,
  deadline timestamptz,
  "freeze" jsonb,
  -- When a freeze with an end is lifted.
  due_at timestamptz,
  failure_key text,
  failure_reason text,
  failure_by text,
  created_at timestamptz not null,
  final_at timestamptz,
  events bigint not null,
  lines integer not null
);
create index deal_by_state on escrow.deal (state, id);
create index deal_by_integrator on escrow.deal (integrator_id, id);
create index deal_due on escrow.deal (due_at) where due_at is not null;

create table escrow.item (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  key text not null,
  position smallint not null,
  amount_minor bigint not null check (amount_minor > 0),
  book text not null references ledger.book,
  code smallint not null references ledger.account_code,
  owner text not null,
  paid_minor bigint not null check (paid_minor >= 0),
  converted_in_minor bigint not null check (converted_in_minor >= 0),
  converted_out_minor bigint not null check (converted_out_minor >= 0),
  reserved_minor bigint not null check (reserved_minor >= 0),
  moving_minor bigint not null check (moving_minor >= 0),
  released_minor bigint not null check (released_minor >= 0),
  refunding_minor bigint not null check (refunding_minor >= 0),
  refunded_minor bigint not null check (refunded_minor >= 0),
  shared_minor bigint not null check (shared_minor >= 0),
  order_id uuid,
  open_minor bigint not null check (open_minor >= 0),
  funded_at timestamptz,
  unique (deal_id, key),
  -- Nothing leaves that did not come in, and no promise stands on money that is not there.
  check (paid_minor + converted_in_minor - converted_out_minor - moving_minor - released_minor
    - refunding_minor - refunded_minor - shared_minor >= reserved_minor)
);
create index item_by_order on escrow.item (order_id) where order_id is not null;

create table escrow.funding (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  -- Counted in the deal: the order in which they were made.
  position integer not null,
  item_id uuid not null references escrow.item,
  order_id uuid not null,
  way text not null check (way in ('acquirer', 'bank_transfer')),
  attempt_id uuid,
  receipt_id uuid,
  amount_minor bigint not null check (amount_minor > 0),
  refunded_minor bigint not null check (refunded_minor between 0 and amount_minor),
  at timestamptz not null
);
create unique index funding_by_deal on escrow.funding (deal_id, position);

create table escrow.conversion (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  -- Counted in the deal: the order in which they were made.
  position integer not null,
  from_item uuid not null references escrow.item,
  to_item uuid not null references escrow.item,
  amount_minor bigint not null check (amount_minor > 0),
  reversed_minor bigint not null check (reversed_minor between 0 and amount_minor),
  journal_id uuid not null,
  by text not null,
  at timestamptz not null,
  check (from_item <> to_item)
);
create unique index conversion_by_deal on escrow.conversion (deal_id, position);

create table escrow.evidence (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  -- Counted in the deal: the order in which they were made.
  position integer not null,
  kind text not null,
  reference text not null,
  document_sha256 text check (document_sha256 ~ '^[0-9a-f]{64}$'),
  role text not null,
  by text not null,
  at timestamptz not null
);
create unique index evidence_by_deal on escrow.evidence (deal_id, position);

create table escrow.release (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  -- Counted in the deal: the order in which they were made.
  position integer not null,
  key text not null,
  role text not null,
  state text not null check (state in ('pending_approval', 'rejected', 'moving', 'done', 'failed')),
  maker text not null,
  checker text,
  reason text,
  requested_at timestamptz not null,
  decided_at timestamptz,
  done_at timestamptz
);
create unique index release_by_deal on escrow.release (deal_id, position);
create index release_by_state on escrow.release (state, id);

create table escrow.leg (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  -- Counted in the deal: the order in which they were made.
  position integer not null,
  item_id uuid not null references escrow.item,
  release_id uuid references escrow.release,
  funding_id uuid references escrow.funding,
  purpose text not null check (purpose in ('release', 'refund', 'forfeit')),
  way text not null check (way in ('payout', 'merchant', 'acquirer')),
  role text not null,
  amount_minor bigint not null check (amount_minor > 0),
  state text not null check (state in
    ('waiting', 'moving', 'paid', 'failed', 'returned', 'dropped')),
  payout_id uuid,
  refund_id uuid,
  reason text,
  at timestamptz not null,
  final_at timestamptz
);
create unique index leg_by_deal on escrow.leg (deal_id, position);
create unique index leg_by_refund on escrow.leg (refund_id) where refund_id is not null;

create table escrow.shortfall (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  item_id uuid not null references escrow.item,
  role text not null,
  reason text not null check (reason in ('released', 'split_spent')),
  amount_minor bigint not null check (amount_minor >= 0),
  at timestamptz not null,
  unique (deal_id, item_id, role, reason)
);

create table escrow.timeline_line (
  deal_id uuid not null references escrow.deal,
  position integer not null,
  kind text not null,
  item_key text,
  role text,
  amount_minor bigint,
  parameters jsonb not null,
  at timestamptz not null,
  primary key (deal_id, position)
);

create table escrow.deal_link (
  id uuid primary key,
  deal_id uuid not null references escrow.deal,
  role text not null,
  token_sha256 text not null unique,
  expires_at timestamptz not null,
  created_at timestamptz not null
);

create trigger evidence_is_insert_only before update or delete on escrow.evidence
  for each row execute function ledger.refuse_change();
create trigger evidence_is_not_truncated before truncate on escrow.evidence
  execute function ledger.refuse_change();
create trigger timeline_is_insert_only before update or delete on escrow.timeline_line
  for each row execute function ledger.refuse_change();
create trigger timeline_is_not_truncated before truncate on escrow.timeline_line
  execute function ledger.refuse_change();
create trigger deal_link_is_insert_only before update or delete on escrow.deal_link
  for each row execute function ledger.refuse_change();
create trigger agreement_is_not_removed before delete on escrow.agreement
  for each row execute function ledger.refuse_change();
create trigger deal_is_not_removed before delete on escrow.deal
  for each row execute function ledger.refuse_change();

-- For those who watch.
create view escrow.published_deal as
  select id, number, agreement_id, integrator_id, city, currency, state,
    ("freeze" is not null) as frozen, deadline, created_at, final_at
  from escrow.deal;
create view escrow.published_item as
  select i.id, i.deal_id, i.key, i.amount_minor, d.currency, i.book, i.code, i.owner, i.paid_minor,
    i.converted_in_minor, i.converted_out_minor, i.moving_minor, i.released_minor,
    i.refunding_minor, i.refunded_minor, i.shared_minor,
    i.paid_minor + i.converted_in_minor - i.converted_out_minor - i.moving_minor - i.released_minor
      - i.refunding_minor - i.refunded_minor - i.shared_minor as held_minor
  from escrow.item i join escrow.deal d on d.id = i.deal_id;

grant usage on schema escrow to keyturn_app;
grant select on all tables in schema escrow to keyturn_app;
grant insert on escrow.agreement, escrow.deal, escrow.item, escrow.funding, escrow.conversion,
  escrow.evidence, escrow.release, escrow.leg, escrow.shortfall, escrow.timeline_line,
  escrow.deal_link to keyturn_app;
grant update (state, published_by, published_at, events) on escrow.agreement to keyturn_app;
grant update (state, state_before, agreed_roles, "freeze", due_at, failure_key, failure_reason,
  failure_by, final_at, events, lines) on escrow.deal to keyturn_app;
grant update (paid_minor, converted_in_minor, converted_out_minor, reserved_minor, moving_minor,
  released_minor, refunding_minor, refunded_minor, shared_minor, order_id, open_minor, funded_at)
  on escrow.item to keyturn_app;
grant update (refunded_minor) on escrow.funding to keyturn_app;
grant update (reversed_minor) on escrow.conversion to keyturn_app;
grant update (state, checker, reason, decided_at, done_at) on escrow.release to keyturn_app;
grant update (state, payout_id, refund_id, reason, final_at) on escrow.leg to keyturn_app;
grant update (amount_minor, at) on escrow.shortfall to keyturn_app;
