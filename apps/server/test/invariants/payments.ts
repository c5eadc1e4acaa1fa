import type { Invariant } from '@keyturn/testkit';
import { movedBy } from './sql.ts';

const paid = `('succeeded', 'late_success')`;
const open = `('created', 'submitted', 'pending', 'unknown', 'closing')`;
const live = `('requested', 'approved', 'submitted', 'pending', 'unknown', 'abnormal')`;

/** The sums of refunds under a key: of orders only what was taken from their destination. */
function refunds(key: 'order_id' | 'attempt_id', where = 'true'): string {
  return `(select ${key},
      coalesce(sum(amount_minor) filter (where state in ${live}), 0) as refunding,
      coalesce(sum(amount_minor) filter (where state = 'succeeded'), 0) as refunded,
      coalesce(sum(amount_minor) filter (where source = 'suspense'
        and (state in ${live} or state = 'succeeded')), 0) as never_placed,
      coalesce(sum(fee_returned_minor) filter (where state = 'succeeded'), 0) as fee_returned
    from payments.refund where ${where} group by ${key})`;
}

/** What an order's state must be, by its money and its attempts. */
const stateOf = `case
  when o.paid_minor = o.amount_minor then array['succeeded']
  when o.closing is not null and a.open = 0 then array[o.closing]
  when o.paid_minor > 0 then array['partially_funded']
  when a.pending > 0 then array['requires_action']
  when a.open > 0 then array['processing']
  else array['requires_payment'] end`;

/** Orders, attempts and refunds say what happened to the money. */
export const paymentsInvariants: readonly Invariant[] = [
  {
    rule: 'an order is paid by what its attempts and receipts placed on it',
    sql: `select o.id::text as subject, 'paid ' || o.paid_minor || ', placed ' ||
        coalesce(a.placed, 0) + coalesce(r.applied, 0) as detail
      from payments.order o
      left join (select order_id, sum(placed_minor) as placed from payments.attempt
          group by order_id) a on a.order_id = o.id
      left join (select order_id, sum(amount_minor) as applied from payments.applied_receipt
          group by order_id) r on r.order_id = o.id
      where o.paid_minor <> coalesce(a.placed, 0) + coalesce(r.applied, 0)`,
  },
  {
    rule: 'an order gives back what its refunds say',
    sql: `select o.id::text as subject, 'refunding ' || o.refunding_minor || ', refunded ' ||
        o.refunded_minor || '; its refunds ' || coalesce(r.refunding, 0) || ', ' ||
        coalesce(r.refunded, 0) as detail
      from payments.order o left join ${refunds('order_id', `source = 'placed'`)} r
        on r.order_id = o.id
      where o.refunding_minor <> coalesce(r.refunding, 0)
        or o.refunded_minor <> coalesce(r.refunded, 0)`,
  },
  {
    rule: 'an order stands where its money and attempts put it',
    sql: `select o.id::text as subject, o.state || ' with ' || o.paid_minor || ' of ' ||
        o.amount_minor || ', ' || a.open || ' open attempts, closing ' ||
        coalesce(o.closing, 'no') as detail
      from payments.order o
      cross join lateral (select count(*) filter (where state in ${open}) as open,
          count(*) filter (where state = 'pending') as pending
        from payments.attempt where order_id = o.id) a
      where o.state <> all (${stateOf})`,
  },
  {
    rule: 'the destination of an order got what was paid, less what goes back',
    sql: `select o.id::text as subject, 'paid less refunds ' ||
        o.paid_minor - o.refunding_minor - o.refunded_minor || ', booked ' ||
        coalesce(b.amount, 0) as detail
      from payments.order o
      left join (select object, book_id, code, owner, sum(amount) as amount
          from ${movedBy('payments')} m group by object, book_id, code, owner) b
        on b.object = o.id::text and b.book_id = o.destination_book
          and b.code = o.destination_code and b.owner = o.destination_owner
      where coalesce(b.amount, 0) <> o.paid_minor - o.refunding_minor - o.refunded_minor`,
  },
  {
    rule: 'an order has told of all that was paid',
    sql: `select o.id::text as subject, 'paid ' || o.paid_minor || ', told ' ||
        coalesce(e.told, 0) as detail
      from payments.order o
      left join (select object_id, sum((payload ->> 'amount')::numeric) as told
          from platform.event where type = 'payments.order_paid' group by object_id) e
        on e.object_id = o.id
      where o.paid_minor <> coalesce(e.told, 0)`,
  },
  {
    rule: 'the money of a paid attempt is placed, in suspense, or on its way back',
    sql: `select a.id::text as subject, a.state || ' with ' || a.amount_minor || ': placed ' ||
        a.placed_minor || ', in suspense ' || a.suspense_minor || ', never placed ' ||
        coalesce(r.never_placed, 0) as detail
      from payments.attempt a left join ${refunds('attempt_id')} r on r.attempt_id = a.id
      where a.placed_minor + a.suspense_minor + coalesce(r.never_placed, 0) <>
        case when a.state in ${paid} and a.contract_id is not null then a.amount_minor else 0 end`,
  },
  {
    rule: 'an attempt gives back what its refunds say',
    sql: `select a.id::text as subject, 'refunding ' || a.refunding_minor || ', refunded ' ||
        a.refunded_minor || ', fee ' || a.fee_returned_minor || '; its refunds ' ||
        coalesce(r.refunding, 0) || ', ' || coalesce(r.refunded, 0) || ', ' ||
        coalesce(r.fee_returned, 0) as detail
      from payments.attempt a left join ${refunds('attempt_id')} r on r.attempt_id = a.id
      where a.refunding_minor <> coalesce(r.refunding, 0)
        or a.refunded_minor <> coalesce(r.refunded, 0)
        or a.fee_returned_minor <> coalesce(r.fee_returned, 0)`,
  },
  {
    rule: 'an attempt that is over waits for nothing but a destination that takes its money',
    sql: `select a.id::text as subject, a.state || ', due ' ||
        coalesce(a.due_at::text, 'never') as detail
      from payments.attempt a
      where (a.state in ${open} and a.due_at is null)
        or (a.state not in ${open} and (a.due_at is not null) and a.suspense_minor = 0)`,
  },
  {
    rule: 'a receivable from an acquirer is what was paid less what was given back',
    sql: `select c.contract_id as subject, 'payments booked ' || -coalesce(b.amount, 0) ||
        ', attempts less refunds ' || c.amount as detail
      from (select book, contract_id, sum(amount) as amount from (
          select o.destination_book as book, a.contract_id, a.amount_minor as amount
          from payments.attempt a join payments.order o on o.id = a.order_id
          where a.contract_id is not null and a.state in ${paid}
          union all
          select o.destination_book, r.contract_id, -r.amount_minor
          from payments.refund r join payments.order o on o.id = r.order_id
          where r.state = 'succeeded') parts group by book, contract_id) c
      left join (select book_id, owner, sum(amount) as amount from ${movedBy('payments')} m
          where code = 1101 group by book_id, owner) b
        on b.book_id = c.book and b.owner = c.contract_id
      where c.amount <> -coalesce(b.amount, 0)`,
  },
  {
    rule: 'refunds in transit are those that are on their way',
    sql: `select coalesce(r.contract_id, b.owner) as subject, 'booked ' || coalesce(b.amount, 0) ||
        ', on their way ' || coalesce(r.amount, 0) as detail
      from (select o.destination_book as book, r.contract_id, sum(r.amount_minor) as amount
          from payments.refund r join payments.order o on o.id = r.order_id
          where r.state in ${live} group by 1, 2) r
      full join (select book_id, owner, sum(amount) as amount from ${movedBy('payments')} m
          where code = 2202 group by book_id, owner) b
        on b.book_id = r.book and b.owner = r.contract_id
      where coalesce(b.amount, 0) <> coalesce(r.amount, 0)`,
  },
  {
    rule: 'a channel’s suspense is what its attempts have there',
    sql: `select a.contract_id as subject, 'booked ' || coalesce(b.amount, 0) ||
        ', attempts ' || a.amount as detail
      from (select o.destination_book as book, a.contract_id, sum(a.suspense_minor) as amount
          from payments.attempt a join payments.order o on o.id = a.order_id
          where a.contract_id is not null group by 1, 2) a
      left join (select book_id, owner, sum(amount) as amount from ${movedBy('payments')} m
          where code = 2301 group by book_id, owner) b
        on b.book_id = a.book and b.owner = a.contract_id
      where a.amount <> coalesce(b.amount, 0)`,
  },
  {
    rule: 'a receipt that pays an order is used up by it and by its rest',
    sql: `select p.receipt_id::text as subject, 'brought ' || r.amount || ', applied ' ||
        p.amount_minor || ' and left ' || p.rest_minor as detail
      from payments.applied_receipt p left join custody.receipt r on r.id = p.receipt_id
      where r.id is null or r.amount <> p.amount_minor + p.rest_minor`,
  },
];
