import type { Invariant } from '@keyturn/testkit';
import { movedBy, waitingFor } from './sql.ts';

/** What windows were told to settle: shares of orders, and releases of deals to merchants. */
const earned = `(
  select l.window_id as id, l.amount_minor as amount from settlement.split_leg l
  union all
  select w.id, g.amount_minor from escrow.leg g
    join escrow.deal d on d.id = g.deal_id join escrow.item i on i.id = g.item_id
    cross join lateral jsonb_array_elements(d.parties) p
    join settlement.settlement_window w on w.book = i.book and w.contract_id is null
      and w.merchant_id = (p ->> 'id')::uuid
      and w.trade_date = (g.final_at at time zone 'Asia/Shanghai')::date
    where g.way = 'merchant' and g.state = 'paid' and p ->> 'role' = g.role)`;

/**
 * What left merchants' pending accounts for refunds. A share that was settled already is taken back
 * from what is pending all the same.
 */
const wentBack = `(
  select book, payer as merchant, refunded_minor as amount from settlement.split
  union all
  select s.book, case when l.state = 'closed' then s.payer else l.receiver end, l.returned_minor
    from settlement.split_leg l join settlement.split s on s.id = l.split_id)`;

/** Whether a top-up's money left the own book and has not arrived in the client book. */
const underWay = `('submitted', 'unknown', 'in_transit', 'paid')`;

/** Shares sum to the whole, and money becomes available only when and as far as it is there. */
export const settlementInvariants: readonly Invariant[] = [
  {
    rule: 'the parts of a split sum to the whole',
    sql: `select s.id::text as subject, s.state || ' of ' || s.amount_minor || ', fee ' ||
        s.fee_minor || ', VAT ' || s.vat_minor || ', shares ' || coalesce(l.amount, 0) as detail
      from settlement.split s
      left join (select split_id, sum(amount_minor) as amount from settlement.split_leg
          group by split_id) l on l.split_id = s.id
      where case when s.finished_at is null then coalesce(l.amount, 0) + s.fee_minor + s.vat_minor
        else coalesce(l.amount, 0) + s.fee_minor + s.vat_minor - s.amount_minor end <> 0
        or s.state = 'finished' and s.finished_at is null
        or s.state in ('planned', 'accepted') and s.finished_at is not null`,
  },
  {
    rule: 'a share that came back whole is returned',
    sql: `select l.id::text as subject, l.state || ' with ' || l.returned_minor || ' of ' ||
        l.amount_minor || ' back' as detail
      from settlement.split_leg l
      where l.state = 'returned' and l.returned_minor <> l.amount_minor`,
  },
  {
    rule: 'a receiver of a split got its share, less what was taken back',
    sql: `select l.id::text as subject, 'share ' || l.amount_minor || ', back ' ||
        l.returned_minor || ', booked ' || coalesce(b.amount, 0) as detail
      from settlement.split_leg l join settlement.split s on s.id = l.split_id
      left join (select object, owner, sum(amount) as amount from ${movedBy('settlement')} m
          where code in (2002, 2003, 2004) group by object, owner) b
        on b.object = s.order_id::text and b.owner = l.receiver::text
      where l.receiver <> s.payer and coalesce(b.amount, 0) <>
        case when l.state = 'closed' then 0 else l.amount_minor - l.returned_minor end`,
  },
  {
    rule: 'the platform’s fee and its VAT are booked as the split says',
    sql: `select s.id::text as subject, 'fee and VAT ' || s.fee_minor + s.vat_minor || ', back ' ||
        s.fee_returned_minor || ', booked ' || coalesce(b.amount, 0) as detail
      from settlement.split s
      left join (select object, sum(amount) as amount from ${movedBy('settlement')} m
          where code in (4001, 2304) group by object) b on b.object = s.order_id::text
      where coalesce(b.amount, 0) <> s.fee_minor + s.vat_minor - s.fee_returned_minor`,
  },
  {
    rule: 'an order of a merchant that was paid is shared out, or will be',
    sql: `select o.id::text as subject, o.state || ', its split is ' ||
        coalesce(s.state, 'missing') as detail
      from payments.order o left join settlement.split s on s.order_id = o.id
      where o.destination_code = 2002 and o.state = 'succeeded'
        and coalesce(s.state, 'planned') = 'planned'
        and not exists (select 1 from ${waitingFor('settlement.orders')} e
          where e.object_id = o.id)`,
  },
  {
    rule: 'a window settled what moved to the available account',
    sql: `select w.id::text as subject, 'settled ' || w.settled_minor || ', booked ' ||
        coalesce(b.amount, 0) as detail
      from settlement.settlement_window w
      left join (select object, sum(amount) as amount from ${movedBy('settlement')} m
          where code = 2003 group by object) b on b.object = w.id::text
      where w.settled_minor <> coalesce(b.amount, 0)`,
  },
  {
    rule: 'a window settles no more than was earned',
    sql: `select w.id::text as subject, 'settled ' || w.settled_minor || ', open ' ||
        w.amount_minor || ', earned ' || coalesce(e.amount, 0) as detail
      from settlement.settlement_window w
      left join (select id, sum(amount) as amount from ${earned} e group by id) e on e.id = w.id
      where w.settled_minor + w.amount_minor > coalesce(e.amount, 0)`,
  },
  {
    rule: 'a window that is over has nothing open',
    sql: `select w.id::text as subject, w.state || ' with ' || w.amount_minor || ' open, due ' ||
        coalesce(w.due_at::text, 'never') as detail
      from settlement.settlement_window w
      where (w.state = 'open') <> (w.due_at is not null)
        or w.state <> 'open' and w.amount_minor > 0`,
  },
  {
    rule: 'what open windows will settle lies on the pending account, but for what went back',
    sql: `select w.merchant_id::text as subject, 'open windows of ' || w.book || ' ' || w.amount ||
        ', pending ' || coalesce(a.credits_posted - a.debits_posted, 0) || ', went back ' ||
        coalesce(r.amount, 0) as detail
      from (select book, merchant_id, sum(amount_minor) as amount
          from settlement.settlement_window where state = 'open' group by book, merchant_id) w
      left join ledger.account a on a.book_id = w.book and a.code = 2002
        and a.owner = w.merchant_id::text
      left join (select book, merchant, sum(amount) as amount from ${wentBack} b
          group by book, merchant) r on r.book = w.book and r.merchant = w.merchant_id
      where w.amount > coalesce(a.credits_posted - a.debits_posted, 0) + coalesce(r.amount, 0)
        and w.merchant_id not in (select s.payer from ${waitingFor('settlement.refunds')} e
          join settlement.split s on s.order_id = e.object_id)`,
  },
  {
    rule: 'a split knows what of its order was refunded beside it',
    sql: `select s.id::text as subject, 'knows ' || s.refunded_minor || ', refunds ' ||
        o.refunding_minor + o.refunded_minor || ', taken back ' ||
        coalesce(l.amount, 0) + s.fee_returned_minor as detail
      from settlement.split s join payments.order o on o.id = s.order_id
      left join (select split_id, sum(returned_minor) as amount from settlement.split_leg
          group by split_id) l on l.split_id = s.id
      where s.finished_at is not null and s.refunded_minor <> greatest(0, o.refunding_minor
          + o.refunded_minor - coalesce(l.amount, 0) - s.fee_returned_minor)
        and not exists (select 1 from ${waitingFor('settlement.refunds')} e
          where e.object_id = o.id)`,
  },
  {
    rule: 'money became available only for days that the acquirer had paid',
    sql: `select w.id::text as subject, w.settled_minor || ' settled of ' || w.trade_date || ' at '
        || w.contract_id as detail
      from settlement.settlement_window w
      where w.contract_id is not null and w.settled_minor > 0 and not exists (
        select 1 from settlement.channel_settlement c where c.contract_id = w.contract_id
          and w.trade_date between c.covers_from and c.trade_date and c.at <= w.settled_at)`,
  },
  {
    rule: 'a settlement of an acquirer pays its receivable as far as it was owed',
    sql: `select c.id::text as subject, 'settled ' || c.settled_minor || ' of ' ||
        c.received_minor || ', booked ' || coalesce(b.amount, 0) as detail
      from settlement.channel_settlement c
      left join (select object, -sum(amount) as amount from ${movedBy('settlement')} m
          where code = 2301 group by object) b on b.object = c.id::text
      where c.settled_minor <> coalesce(b.amount, 0) or c.settled_minor > c.received_minor
        or c.difference_minor <> c.received_minor - c.expected_minor
        or c.owed_minor <> -c.difference_minor`,
  },
  {
    rule: 'what the own book owes a client book is what that one claims, top-ups under way aside',
    sql: `select coalesce(c.client, o.client) as subject, 'claims ' || coalesce(c.amount, 0) ||
        ', owed ' || coalesce(o.amount, 0) || ', under way ' || coalesce(t.amount, 0) as detail
      from (select a.book_id as client, a.owner as own,
          a.debits_posted - a.credits_posted as amount
        from ledger.account a join ledger.book b on b.id = a.book_id and b.keeper is null
        where a.code = 1301) c
      full join (select a.owner as client, a.book_id as own,
          a.credits_posted - a.debits_posted as amount
        from ledger.account a join ledger.book b on b.id = a.book_id and b.keeper is null
        where a.code = 2401) o on o.client = c.client and o.own = c.own
      left join (select t.client_book, t.own_book, sum(t.amount_minor) as amount
          from settlement.fee_top_up t join payouts.payout p on p.id = t.payout_id
          where t.state <> 'arrived' and p.state in ${underWay}
          group by t.client_book, t.own_book) t
        on t.client_book = coalesce(c.client, o.client) and t.own_book = coalesce(c.own, o.own)
      where coalesce(c.amount, 0) <> coalesce(o.amount, 0) + coalesce(t.amount, 0)`,
  },
  {
    rule: 'a top-up stands where its pay-out and its receipt put it',
    sql: `select t.id::text as subject, t.state || ', its pay-out is ' || p.state as detail
      from settlement.fee_top_up t join payouts.payout p on p.id = t.payout_id
      where (t.state = 'arrived') <> (t.receipt_id is not null)
        or t.state = 'failed' and p.state not in ('failed', 'canceled', 'returned')
        or t.state = 'sent' and p.state in ('failed', 'canceled', 'returned')
          and not exists (select 1 from ${waitingFor('settlement.payouts')} e
            where e.object_id = p.id)`,
  },
];
