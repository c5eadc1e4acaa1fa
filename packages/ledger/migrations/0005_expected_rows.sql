-- A statement that is sent without waiting for its answer has to fail by itself when it met other
-- rows than it was decided on.
create function ledger.expect_rows(met bigint, expected bigint) returns void
language plpgsql immutable as $$
begin
  if met <> expected then
    raise exception 'of % accounts, % are as they were', expected, met
      using errcode = 'serialization_failure';
  end if;
end $$;
grant execute on function ledger.expect_rows(bigint, bigint) to keyturn_app;
