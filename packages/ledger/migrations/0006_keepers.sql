-- Whose a book is: who may open accounts and write journals in it from outside. Null: whoever
-- embeds the ledger keeps it, and nobody else writes into it.
alter table ledger.book add column keeper text check (char_length(keeper) between 1 and 100);
create index book_by_keeper on ledger.book (keeper, id) where keeper is not null;
