import type { Invariant } from '@keyturn/testkit';
import { movedBy } from './sql.ts';

const atBank = `('submitted', 'unknown', 'in_transit')`;
const beforeSubmit = `('created', 'pending_approval', 'approved')`;

/** What a pay-out's journals moved on one of its accounts. */
function moved(code: string, owner: string): string {
  return `coalesce((select sum(m.amount) from ${movedBy('payouts')} m where m.object = p.id::text
    and m.book_id = p.source_book and m.code = ${code} and m.owner = ${owner}), 0)`;
}

/** The money of a pay-out is where its state says. */
export const payoutsInvariants: readonly Invariant[] = [
  {
    rule: 'a pay-out holds its money until it is submitted, and posts or lifts the hold then',
    sql: `select p.id::text as subject, p.state || ' for ' || p.amount_minor || ', held ' ||
        coalesce(h.amount, 0) || ', then ' || coalesce(t.kind || ' ' || t.amount, 'nothing')
        as detail
      from payouts.payout p
      left join ledger.transfer h on h.journal_id = p.hold_journal and h.leg = p.hold_leg
      left join ledger.account s on s.id = h.debit_account
      left join ledger.transfer t on t.hold_journal = p.hold_journal and t.hold_leg = p.hold_leg
      where h.kind is distinct from 'pending' or h.amount <> p.amount_minor
        or s.book_id <> p.source_book or s.code <> p.source_code or s.owner <> p.source_owner
        or case when p.state in ${beforeSubmit} then t.kind is not null
          when p.state = 'canceled' then t.kind is distinct from 'void_pending'
          else t.kind is distinct from 'post_pending' or t.amount <> p.amount_minor end`,
  },
  {
    rule: 'the money of a pay-out is where its state says',
    sql: `select x.id::text as subject, x.state || ' for ' || x.amount_minor || ', back ' ||
        x.back || ': source ' || x.source || ', in transit ' || x.transit || ', bank account ' ||
        x.asset as detail
      from (select p.id, p.state, p.amount_minor, coalesce(r.amount, 0) as back,
          ${moved('p.source_code', 'p.source_owner')} as source,
          ${moved('2201', 'p.custody_account_id')} as transit,
          ${moved('p.custody_code', 'p.custody_account_id')} as asset,
          p.source_code = 2301 and p.source_owner = p.custody_account_id as own_suspense
        from payouts.payout p left join custody.receipt r
          on r.id = p.return_receipt_id and p.state = 'returned') x
      where x.transit <> case when x.state in ${atBank} then x.amount_minor else 0 end
        or x.asset <> case when x.state in ('paid', 'returned') then x.amount_minor else 0 end
        or x.source <> case when x.state in ${atBank} or x.state = 'paid' then -x.amount_minor
          when x.state = 'returned' and x.own_suspense then -x.amount_minor
          when x.state = 'returned' then x.back - x.amount_minor else 0 end`,
  },
  {
    rule: 'a pay-out waits for something as long as it is not over',
    sql: `select p.id::text as subject, p.state || ', due ' || coalesce(p.due_at::text, 'never')
        as detail
      from payouts.payout p
      where (p.state in ${atBank} or p.state = 'approved') and p.due_at is null
        or p.state in ('created', 'pending_approval', 'failed', 'returned', 'canceled')
          and p.due_at is not null
        or p.state = 'paid' and (p.due_at is not null) <> (p.return_receipt_id is not null)`,
  },
  {
    rule: 'a pay-out that is under way or over was let go by a second person',
    sql: `select p.id::text as subject, p.state || ', made and approved by ' || p.maker as detail
      from payouts.payout p
      where p.state in ${atBank} and (p.checker is null or p.checker = p.maker)
        or p.state in ('paid', 'failed', 'returned')
          and (p.checker is null or p.checker = p.maker)`,
  },
];
