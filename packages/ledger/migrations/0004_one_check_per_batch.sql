-- A foreign key looks up its row once per row that is written, which is more work than writing
-- the transfer itself. What they made sure of is made sure of once per batch: the accounts of a
-- batch are locked, and updated with a count of the rows, in the transaction that writes its
-- transfers; its journals are written in the same transaction. No role may remove an account,
-- book, journal or transfer. The check of the ledger finds a transfer without its journal,
-- account or hold.
alter table ledger.transfer
  drop constraint transfer_journal_id_fkey,
  drop constraint transfer_debit_account_fkey,
  drop constraint transfer_credit_account_fkey,
  drop constraint transfer_hold_journal_hold_leg_fkey;
alter table ledger.journal drop constraint journal_book_id_fkey;

-- Counters change with each transfer: room for the next version of a row on its own page keeps the
-- indexes out of it.
alter table ledger.account set (fillfactor = 70);
