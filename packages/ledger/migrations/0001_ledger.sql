-- The ledger: books, accounts, journals, transfers. Journals and transfers are insert-only.

create schema ledger;

create table ledger.book (
  id text primary key,
  legal_entity text not null,
  regime text not null check (regime in
    ('own', 'reserve', 'escrow', 'customer', 'merchant', 'supervised', 'passing')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- A memo book shows money that is on no balance sheet of the entity.
  memo boolean not null,
  unique (legal_entity, regime, currency)
);

create table ledger.account_code (
  code smallint primary key,
  name_en text not null,
  name_zh text not null,
  class text not null check (class in ('asset', 'liability', 'income', 'expense')),
  -- What the counters of such an account may not do.
  limit_kind text not null check (limit_kind in
    ('none', 'debits_must_not_exceed_credits', 'credits_must_not_exceed_debits'))
);

create table ledger.account (
  id uuid primary key,
  book_id text not null references ledger.book,
  code smallint not null references ledger.account_code,
  owner text not null,
  limit_kind text not null check (limit_kind in
    ('none', 'debits_must_not_exceed_credits', 'credits_must_not_exceed_debits')),
  frozen_in boolean not null default false,
  frozen_out boolean not null default false,
  closed boolean not null default false,
  debits_posted bigint not null default 0 check (debits_posted >= 0),
  credits_posted bigint not null default 0 check (credits_posted >= 0),
  debits_pending bigint not null default 0 check (debits_pending >= 0),
  credits_pending bigint not null default 0 check (credits_pending >= 0),
  version bigint not null default 0 check (version >= 0),
  opened_at timestamptz not null,
  unique (book_id, code, owner),
  check (limit_kind <> 'debits_must_not_exceed_credits'
    or debits_posted + debits_pending <= credits_posted),
  check (limit_kind <> 'credits_must_not_exceed_debits'
    or credits_posted + credits_pending <= debits_posted)
);
create index account_by_owner on ledger.account (owner, code);

create table ledger.journal (
  id uuid primary key,
  book_id text not null references ledger.book,
  -- The business cause: which module, which object, which command.
  cause_module text not null,
  cause_object text not null,
  cause_command text not null,
  fingerprint text not null,
  -- A refusal on state burns the id: such a journal has no transfers.
  refusal text,
  effective_at timestamptz not null,
  recorded_at timestamptz not null
);
create index journal_by_object on ledger.journal (cause_object, id);

create table ledger.transfer (
  journal_id uuid not null references ledger.journal,
  leg smallint not null check (leg >= 0),
  kind text not null check (kind in ('posted', 'pending', 'post_pending', 'void_pending')),
  debit_account uuid not null references ledger.account,
  credit_account uuid not null references ledger.account,
  amount bigint not null check (amount >= 0),
  hold_journal uuid,
  hold_leg smallint,
  expires_at timestamptz,
  -- After this transfer: the account's gap-free version and its four counters.
  debit_version bigint not null,
  debit_debits_posted bigint not null,
  debit_credits_posted bigint not null,
  debit_debits_pending bigint not null,
  debit_credits_pending bigint not null,
  credit_version bigint not null,
  credit_debits_posted bigint not null,
  credit_credits_posted bigint not null,
  credit_debits_pending bigint not null,
  credit_credits_pending bigint not null,
  recorded_at timestamptz not null,
  primary key (journal_id, leg),
  check (debit_account <> credit_account),
  check (amount > 0 or kind = 'void_pending'),
  check ((kind in ('post_pending', 'void_pending')) = (hold_journal is not null)),
  check ((hold_journal is null) = (hold_leg is null)),
  foreign key (hold_journal, hold_leg) references ledger.transfer (journal_id, leg)
);
create unique index transfer_debit_version on ledger.transfer (debit_account, debit_version);
create unique index transfer_credit_version on ledger.transfer (credit_account, credit_version);
-- A second resolution of a hold is impossible.
create unique index transfer_hold on ledger.transfer (hold_journal, hold_leg)
  where hold_journal is not null;

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of %.% are never changed or removed; append a reversal instead',
    tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger journal_is_insert_only before update or delete on ledger.journal
  for each row execute function ledger.refuse_change();
create trigger journal_is_not_truncated before truncate on ledger.journal
  execute function ledger.refuse_change();
create trigger transfer_is_insert_only before update or delete on ledger.transfer
  for each row execute function ledger.refuse_change();
create trigger transfer_is_not_truncated before truncate on ledger.transfer
  execute function ledger.refuse_change();
create trigger account_is_not_removed before delete on ledger.account
  for each row execute function ledger.refuse_change();
create trigger account_is_not_truncated before truncate on ledger.account
  execute function ledger.refuse_change();

-- What the platform's running role may do; the role is made by the migrator before this runs.
grant usage on schema ledger to keyturn_app;
grant select on all tables in schema ledger to keyturn_app;
grant insert on ledger.book, ledger.account, ledger.journal, ledger.transfer to keyturn_app;
grant update (debits_posted, credits_posted, debits_pending, credits_pending, version,
  frozen_in, frozen_out, closed) on ledger.account to keyturn_app;

insert into ledger.account_code (code, name_en, name_zh, class, limit_kind) values
  (1001, 'Own bank account', '自有资金银行账户', 'asset', 'none'),
  (1002, 'Client reserve account', '客户备付金账户', 'asset', 'none'),
  (1003, 'Escrow bank account', '存管银行账户', 'asset', 'none'),
  (1101, 'Channel receivable', '应收通道款', 'asset', 'none'),
  (1102, 'Cash in transit', '在途资金', 'asset', 'none'),
  (1103, 'Interest receivable', '应收利息', 'asset', 'none'),
  (1201, 'Receivable from a party', '应收参与方款', 'asset', 'none'),
  (1202, 'Receivable from a sponsor', '应收补贴方款', 'asset', 'none'),
  (1203, 'Guarantee deposit placed with a bank', '存出保证金', 'asset', 'none'),
  (1301, 'Due from another book', '应收其他账簿', 'asset', 'none'),
  (2001, 'Wallet', '个人钱包', 'liability', 'debits_must_not_exceed_credits'),
  (2002, 'Merchant pending settlement', '商户待结算', 'liability', 'debits_must_not_exceed_credits'),
  (2003, 'Merchant available', '商户可用余额', 'liability', 'debits_must_not_exceed_credits'),
  (2004, 'Merchant margin', '商户保证金', 'liability', 'debits_must_not_exceed_credits'),
  (2005, 'Terminal deposit', '机具押金', 'liability', 'debits_must_not_exceed_credits'),
  (2101, 'Escrowed fund', '存管资金', 'liability', 'debits_must_not_exceed_credits'),
  (2201, 'Pay-out in transit', '出金在途', 'liability', 'debits_must_not_exceed_credits'),
  (2202, 'Refund in transit', '退款在途', 'liability', 'debits_must_not_exceed_credits'),
  (2301, 'Suspense', '挂账', 'liability', 'debits_must_not_exceed_credits'),
  (2302, 'Interest payable', '应付利息', 'liability', 'debits_must_not_exceed_credits'),
  (2303, 'Tax collected or withheld', '代征代扣税款', 'liability', 'debits_must_not_exceed_credits'),
  (2304, 'Output VAT', '销项税额', 'liability', 'none'),
  (2401, 'Due to another book', '应付其他账簿', 'liability', 'none'),
  (4001, 'Fee income', '手续费收入', 'income', 'none'),
  (5001, 'Channel cost', '通道成本', 'expense', 'none'),
  (5002, 'Marketing cost', '营销费用', 'expense', 'none'),
  (5003, 'Losses accepted', '确认损失', 'expense', 'none');
