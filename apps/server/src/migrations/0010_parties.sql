-- People, merchants, their bank accounts, and the legal entities that keep the books. Columns
-- ending in _sealed are encrypted (AES-256-GCM, bound to the row's id); _masked is what may be
-- shown.

create schema parties;

create table parties.legal_entity (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  registration_number text not null unique
);

create table parties.person (
  id uuid primary key,
  name_sealed text not null,
  name_masked text not null,
  document_kind text check (document_kind in ('resident_id', 'passport',
    'hong_kong_macau_permit', 'taiwan_permit', 'foreign_permanent_resident_id')),
  document_sealed text,
  document_masked text,
  phone_sealed text,
  phone_masked text,
  created_by_kind text not null check (created_by_kind in ('integrator', 'operator')),
  created_by uuid not null,
  created_at timestamptz not null,
  events bigint not null check (events >= 0),
  check ((document_kind is null) = (document_sealed is null)),
  check ((document_kind is null) = (document_masked is null)),
  check ((phone_sealed is null) = (phone_masked is null))
);
create index person_by_maker on parties.person (created_by, id);

create table parties.merchant (
  id uuid primary key,
  name text not null,
  kind text not null check (kind in ('store', 'agency', 'agent', 'platform')),
  legal_name text,
  registration_number text,
  created_by_kind text not null check (created_by_kind in ('integrator', 'operator')),
  created_by uuid not null,
  created_at timestamptz not null,
  events bigint not null check (events >= 0)
);
create index merchant_by_maker on parties.merchant (created_by, id);

create table parties.bank_account (
  id uuid primary key,
  -- A person's or a merchant's, by owner_kind; therefore no foreign key.
  owner_kind text not null check (owner_kind in ('person', 'merchant')),
  owner_id uuid not null,
  number_sealed text not null,
  number_masked text not null,
  -- A keyed hash: equal for equal numbers, worth nothing without the key.
  number_fingerprint text not null,
  holder_sealed text not null,
  holder_masked text not null,
  bank_code text not null check (bank_code ~ '^[0-9]{12}$'),
  bank_name text not null,
  state text not null check (state in ('active', 'disabled')),
  created_by_kind text not null check (created_by_kind in ('integrator', 'operator')),
  created_by uuid not null,
  created_at timestamptz not null,
  disabled_by uuid,
  disabled_at timestamptz,
  events bigint not null check (events >= 0),
  check ((state = 'disabled') = (disabled_at is not null)),
  check ((disabled_by is null) = (disabled_at is null))
);
create index bank_account_by_owner on parties.bank_account (owner_id, id);
-- An owner has each number once.
create unique index bank_account_active on parties.bank_account (owner_id, number_fingerprint)
  where state = 'active';

create trigger person_is_not_changed before update or delete on parties.person
  for each row execute function ledger.refuse_change();
create trigger person_is_not_truncated before truncate on parties.person
  execute function ledger.refuse_change();
create trigger merchant_is_not_changed before update or delete on parties.merchant
  for each row execute function ledger.refuse_change();
create trigger merchant_is_not_truncated before truncate on parties.merchant
  execute function ledger.refuse_change();
create trigger bank_account_is_not_removed before delete on parties.bank_account
  for each row execute function ledger.refuse_change();
create trigger bank_account_is_not_truncated before truncate on parties.bank_account
  execute function ledger.refuse_change();

grant usage on schema parties to keyturn_app;
grant select, insert on parties.legal_entity, parties.person, parties.merchant,
  parties.bank_account to keyturn_app;
grant update (state, disabled_by, disabled_at, events) on parties.bank_account to keyturn_app;
