-- Seals: what was booked, cut into pieces, each digested, chained to the one before and signed.

-- The order of the seals. What was booked before counts as booked now, in one transaction.
alter table ledger.journal add column transaction_id xid8 not null default pg_current_xact_id();
create index journal_order on ledger.journal (transaction_id, id);

-- The public keys of those who sealed.
create table ledger.seal_key (
  -- Follows from the key itself: the first 16 hexadecimal digits of its SHA-256.
  id text primary key check (id ~ '^[0-9a-f]{16}$'),
  public_key bytea not null check (octet_length(public_key) = 32),
  first_used_at timestamptz not null
);

create table ledger.seal (
  number bigint primary key check (number > 0),
  -- In which form the rows were digested.
  format smallint not null check (format > 0),
  -- The first and the last journal of the piece, in the order of (transaction, id).
  first_transaction xid8 not null,
  first_journal uuid not null,
  last_transaction xid8 not null,
  last_journal uuid not null,
  journals bigint not null check (journals > 0),
  transfers bigint not null check (transfers >= 0),
  -- SHA-256 of the rows; of the seal before; and of this seal, which is what is signed (Ed25519).
  content_digest bytea not null check (octet_length(content_digest) = 32),
  previous_digest bytea not null check (octet_length(previous_digest) = 32),
  digest bytea not null check (octet_length(digest) = 32),
  sealed_at timestamptz not null,
  key_id text not null references ledger.seal_key,
  signature bytea not null check (octet_length(signature) = 64)
);

create trigger seal_key_is_insert_only before update or delete on ledger.seal_key
  for each row execute function ledger.refuse_change();
create trigger seal_key_is_not_truncated before truncate on ledger.seal_key
  execute function ledger.refuse_change();
create trigger seal_is_insert_only before update or delete on ledger.seal
  for each row execute function ledger.refuse_change();
create trigger seal_is_not_truncated before truncate on ledger.seal
  execute function ledger.refuse_change();

grant select, insert on ledger.seal, ledger.seal_key to keyturn_app;
