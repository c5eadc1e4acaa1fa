-- Journals are found by a hash of their object's name in the order of their age: their transaction's
-- number by 64, of which 32 bits last for 275 thousand million transactions. Eight bytes of a key
-- instead of 24; others with the same hash are told apart by the name itself.
create function ledger.age_of(transaction xid8) returns integer language sql immutable
  return ((transaction::text::bigint >> 6 & 4294967295) - 2147483648)::integer;

drop index ledger.journal_by_object;
create index journal_by_object on ledger.journal
  (hashtext(cause_object), ledger.age_of(transaction_id));

-- The first journals of objects after one of them, by transaction and id: of one book, or of all
-- that have no keeper. The key is followed in its order whatever the planner takes an object's
-- journals for: it knows only how many they are on average, and one may have them all.
create function ledger.journals_of(objects text[], book text, transaction xid8, journal uuid,
  at_most integer) returns setof ledger.journal language plpgsql stable
  set enable_bitmapscan = off set enable_seqscan = off set enable_sort = off as $$
begin
  return query select j.*
    from (select distinct unnest(objects) as name) o cross join lateral (
      select y.* from ledger.journal y
      where hashtext(y.cause_object) = hashtext(o.name)
        and ledger.age_of(y.transaction_id) >= ledger.age_of(transaction)
        and y.cause_object = o.name and (y.transaction_id, y.id) > (transaction, journal)
        and y.refusal is null and case when book is null
          then (select b.keeper from ledger.book b where b.id = y.book_id) is null
          else y.book_id = book end
      order by ledger.age_of(y.transaction_id), y.transaction_id, y.id limit at_most) j
    order by j.transaction_id, j.id limit at_most;
end $$;
revoke execute on function ledger.journals_of(text[], text, xid8, uuid, integer) from public;
grant execute on function ledger.journals_of(text[], text, xid8, uuid, integer) to keyturn_app;
