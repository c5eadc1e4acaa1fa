import type { Invariant } from '@keyturn/testkit';
import { movedBy } from './sql.ts';

/** Who took which receipt, and how much of it left suspense, as the modules above keep it. */
const takers = `(
  select receipt_id, 'payments' as module, order_id as object, amount_minor as taken
    from payments.applied_receipt
  union all
  select p.return_receipt_id, 'payouts', p.id, r.amount
    from payouts.payout p join custody.receipt r on r.id = p.return_receipt_id
    where p.state = 'returned' and (p.source_code, p.source_owner) <> (2301, p.custody_account_id)
  union all
  select receipt_id, 'settlement', id, settled_minor from settlement.channel_settlement
  union all
  select t.receipt_id, 'settlement', t.id, r.amount
    from settlement.fee_top_up t join custody.receipt r on r.id = t.receipt_id)`;

/** What came in and went out of a bank account, as custody and payouts keep it. */
const flows = `(
  select account_id, amount from custody.receipt where direction = 'credit'
  union all
  select custody_account_id, -amount_minor from payouts.payout
    where state in ('paid', 'returned'))`;

/** Everything that touched an account but corrections, which finance books by hand. */
const booked = `(
  select * from ${movedBy('custody')} a union all select * from ${movedBy('payouts')} b
  union all select * from ${movedBy('payments')} c union all
  select * from ${movedBy('settlement')} d)`;

/** Every entry of a bank is booked once, and has one home. */
export const custodyInvariants: readonly Invariant[] = [
  {
    rule: 'a credit of a bank is booked once, whole, to the suspense of its account',
    sql: `select r.id::text as subject, 'came with ' || r.amount || ', its journal booked ' ||
        coalesce(sum(t.amount)::text, 'nothing') as detail
      from custody.receipt r join custody.account c on c.id = r.account_id
      left join ledger.account asset on asset.book_id = r.book and asset.code = c.ledger_code
        and asset.owner = c.id
      left join ledger.account suspense on suspense.book_id = r.book and suspense.code = 2301
        and suspense.owner = c.id
      left join ledger.transfer t on t.journal_id = r.journal_id and t.kind = 'posted'
        and t.debit_account = asset.id and t.credit_account = suspense.id
      where r.direction = 'credit' group by r.id, r.amount
      having sum(t.amount) is distinct from r.amount or count(*) <> 1`,
  },
  {
    rule: 'the one who has a receipt is the one that the receipt names',
    sql: `select coalesce(r.id, t.receipt_id)::text as subject, 'is ' || coalesce(r.state, 'gone')
        || ' to ' || coalesce(r.assigned_module, 'nobody') || ', taken by ' ||
        coalesce(t.module, 'nobody') as detail
      from (select * from custody.receipt where state = 'assigned') r
      full join ${takers} t on t.receipt_id = r.id
      where r.id is null or t.receipt_id is null or r.assigned_module <> t.module
        or r.assigned_object <> t.object`,
  },
  {
    rule: 'a receipt has one home',
    sql: `select t.receipt_id::text as subject, 'taken by ' || count(*) as detail
      from ${takers} t group by t.receipt_id having count(*) > 1`,
  },
  {
    rule: 'nobody takes more out of suspense than a receipt brought',
    sql: `select r.id::text as subject, 'brought ' || r.amount || ', gave ' || t.taken as detail
      from ${takers} t join custody.receipt r on r.id = t.receipt_id where t.taken > r.amount`,
  },
  {
    rule: 'a bank account holds what came in less what was paid out',
    sql: `select c.id as subject, 'booked ' || -coalesce(b.amount, 0) || ', receipts less pay-outs '
        || coalesce(f.amount, 0) as detail
      from custody.account c
      left join (select account_id, sum(amount) as amount from ${flows} f group by account_id) f
        on f.account_id = c.id
      left join (select book_id, code, owner, sum(amount) as amount from ${booked} b
          group by book_id, code, owner) b
        on b.book_id = c.book and b.code = c.ledger_code and b.owner = c.id
      where coalesce(f.amount, 0) <> -coalesce(b.amount, 0)`,
  },
  {
    rule: 'suspense holds what came in and found no home',
    sql: `select c.id as subject, 'booked ' || coalesce(b.amount, 0) || ', without a home ' ||
        coalesce(r.amount, 0) - coalesce(p.amount, 0) as detail
      from custody.account c
      left join (select r.account_id, sum(r.amount - coalesce(t.taken, 0)) as amount
          from custody.receipt r left join ${takers} t on t.receipt_id = r.id
          where r.direction = 'credit' group by r.account_id) r on r.account_id = c.id
      left join (select p.custody_account_id, sum(p.amount_minor) as amount
          from payouts.payout p where p.source_code = 2301 and p.source_owner = p.custody_account_id
            and p.state in ('submitted', 'unknown', 'in_transit', 'paid', 'returned')
          group by p.custody_account_id) p on p.custody_account_id = c.id
      left join (select book_id, owner, sum(amount) as amount from ${booked} b
          where code = 2301 group by book_id, owner) b on b.book_id = c.book and b.owner = c.id
      where coalesce(b.amount, 0) <> coalesce(r.amount, 0) - coalesce(p.amount, 0)`,
  },
];
