-- For the end of a part, which is validated as a check before bookings have to wait for it. Whether
-- a transaction number was reached, as far as the transaction that asks could see a row of it or
-- write one. A number that was reached stays reached, so that the check `transaction_id < n or
-- ledger.has_reached(n)` refuses nobody, and yet says `transaction_id < n` until then. It is called
-- immutable so that PostgreSQL computes it when it looks at the check, and not later.
create function ledger.has_reached(number xid8) returns boolean language plpgsql immutable as $$
begin
  return coalesce(pg_current_xact_id_if_assigned() >= number, false)
    or pg_snapshot_xmax(pg_current_snapshot()) > number;
end $$;
