-- A transfer lies in a part of its table, so that no key can refer to it; the journal of the hold
-- stays in one place for ever.
alter table payouts.payout add constraint payout_hold_journal_fkey
  foreign key (hold_journal) references ledger.journal deferrable initially deferred;
