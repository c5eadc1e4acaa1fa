-- The indexes of 0008 for who has its first form: what tells rows apart stands first.
do $$ begin
  if exists (select 1 from pg_attribute a
      where a.attrelid = 'ledger.history_import'::regclass and a.attname = 'horizon') then
    return;
  end if;
  alter table ledger.history_import add column horizon xid8;
  create index if not exists account_by_subject on takeover.account (takeover_id, subject)
    where account_id is not null;
  drop index takeover.movement_by_account, takeover.movement_by_order,
    takeover.movement_by_voucher, takeover.movement_by_piece, takeover.movement_unbooked,
    takeover.conflict_by_account, takeover.mirror_leg_by_account;
  create index movement_by_account on takeover.movement (account, takeover_id, position);
  create index movement_by_order on takeover.movement (order_no, takeover_id, id)
    where order_no is not null;
  create index movement_by_voucher on takeover.movement (voucher, takeover_id)
    where voucher is not null;
  create index movement_by_piece on takeover.movement (piece, takeover_id, booked_at, id)
    where piece is not null;
  create index movement_unbooked on takeover.movement (account, takeover_id)
    where state in ('waiting', 'unmapped', 'after_switch');
  create index conflict_by_account on takeover.conflict (account, takeover_id, position);
  create index mirror_leg_by_account on takeover.mirror_leg (account, takeover_id, position);
end $$;
