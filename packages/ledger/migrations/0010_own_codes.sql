-- The chart of accounts grows by codes of one's own. The first digit of a code is its class; the
-- platform's own codes end below 500, and come with the migrations.
alter table ledger.account_code
  add constraint account_code_tells_class check (class = case code / 1000
    when 1 then 'asset' when 2 then 'liability' when 4 then 'income' when 5 then 'expense' end),
  add constraint account_code_has_names check
    (char_length(name_en) between 1 and 80 and char_length(name_zh) between 1 and 80);

create trigger account_code_is_insert_only before update or delete on ledger.account_code
  for each row execute function ledger.refuse_change();
create trigger account_code_is_not_truncated before truncate on ledger.account_code
  execute function ledger.refuse_change();
grant insert on ledger.account_code to keyturn_app;
