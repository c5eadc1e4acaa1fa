import type { Invariant } from '@keyturn/testkit';
import { waitingFor } from './sql.ts';

/** Items about whose money something was told that escrow has not heard yet. */
const unheard = `(
  select i.id, i.deal_id from ${waitingFor('escrow.money')} e
    join escrow.item i on i.id::text = e.payload ->> 'reference_id'
  union
  select i.id, i.deal_id from ${waitingFor('escrow.money')} e
    join escrow.leg l on l.id::text = e.payload ->> 'reference_id'
    join escrow.item i on i.id = l.item_id)`;
const heard = (item: string) => `${item} not in (select id from ${unheard} u)`;
const dealHeard = (deal: string) => `${deal} not in (select deal_id from ${unheard} u)`;

/** Legs with what a bank kept on the way back of a returned one: that arrived nowhere. */
const legs = `(
  select l.*, case when l.state = 'paid' then l.amount_minor
      when l.state = 'returned' then l.amount_minor - coalesce(r.amount, 0) else 0 end as arrived
  from escrow.leg l
  left join payouts.payout p on p.id = l.payout_id
  left join custody.receipt r on r.id = p.return_receipt_id)`;

const held = `(i.paid_minor + i.converted_in_minor - i.converted_out_minor - i.moving_minor
  - i.released_minor - i.refunding_minor - i.refunded_minor - i.shared_minor)`;

/** The lists of a deal, whose rows are counted. */
const lists = ['funding', 'conversion', 'evidence', 'release', 'leg', 'timeline_line']
  .map((name) => `select '${name}' as name, deal_id, position from escrow.${name}`)
  .join(' union all ');

const final = `('released', 'refunded', 'partly_refunded', 'canceled')`;

/** The columns of an item are sums of what happened to it. */
const items: readonly Invariant[] = [
  {
    rule: 'an item was paid what its fundings brought',
    sql: `select i.id::text as subject, 'paid ' || i.paid_minor || ', fundings ' ||
        coalesce(f.amount, 0) as detail
      from escrow.item i left join (select item_id, sum(amount_minor) as amount
        from escrow.funding group by item_id) f on f.item_id = i.id
      where i.paid_minor <> coalesce(f.amount, 0)`,
  },
  {
    rule: 'an item was paid what its orders were paid',
    sql: `select i.id::text as subject, 'paid ' || i.paid_minor || ', orders ' ||
        coalesce(o.amount, 0) as detail
      from escrow.item i left join (select reference_id, sum(paid_minor) as amount
          from payments.order where reference_kind = 'deal_item' group by reference_id) o
        on o.reference_id = i.id::text
      where i.paid_minor <> coalesce(o.amount, 0) and ${heard('i.id')}`,
  },
  {
    rule: 'an item converted what its conversions say',
    sql: `select i.id::text as subject, 'in ' || i.converted_in_minor || ', out ' ||
        i.converted_out_minor || '; conversions ' || c.came || ', ' || c.went as detail
      from escrow.item i cross join lateral (select
          coalesce(sum(amount_minor - reversed_minor) filter (where to_item = i.id), 0) as came,
          coalesce(sum(amount_minor - reversed_minor) filter (where from_item = i.id), 0) as went
        from escrow.conversion where deal_id = i.deal_id) c
      where i.converted_in_minor <> c.came or i.converted_out_minor <> c.went`,
  },
  {
    rule: 'the columns of an item are the sums of its legs',
    sql: `select i.id::text as subject, 'reserved ' || i.reserved_minor || ', moving ' ||
        i.moving_minor || ', released ' || i.released_minor || ', refunding ' ||
        i.refunding_minor || ', refunded ' || i.refunded_minor || '; legs ' || l.waiting || ', ' ||
        l.moving || ', ' || l.released || ', ' || l.refunding || ', ' || l.refunded as detail
      from escrow.item i cross join lateral (select
          coalesce(sum(amount_minor) filter (where state = 'waiting'), 0) as waiting,
          coalesce(sum(amount_minor) filter (where state = 'moving' and purpose <> 'refund'), 0)
            as moving,
          coalesce(sum(amount_minor) filter (where state = 'moving' and purpose = 'refund'), 0)
            as refunding,
          coalesce(sum(arrived) filter (where purpose <> 'refund'), 0) as released,
          coalesce(sum(arrived) filter (where purpose = 'refund'), 0) as refunded
        from ${legs} l where l.item_id = i.id) l
      where i.reserved_minor <> l.waiting or i.moving_minor <> l.moving
        or i.refunding_minor <> l.refunding or i.released_minor <> l.released
        or i.refunded_minor <> l.refunded`,
  },
  {
    rule: 'a funding gave back what its legs took',
    sql: `select f.id::text as subject, 'given back ' || f.refunded_minor || ', legs ' ||
        coalesce(l.amount, 0) as detail
      from escrow.funding f left join (select funding_id,
          sum(case when state = 'moving' then amount_minor else arrived end) as amount
        from ${legs} l where funding_id is not null group by funding_id) l on l.funding_id = f.id
      where f.refunded_minor <> coalesce(l.amount, 0)`,
  },
  {
    rule: 'what an item holds is what its ledger account has available',
    sql: `select i.id::text as subject, 'holds ' || ${held} || ', available ' ||
        coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0) as detail
      from escrow.item i left join ledger.account a
        on a.book_id = i.book and a.code = i.code and a.owner = i.owner
      where i.code = 2101 and ${heard('i.id')}
        and ${held} <> coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0)`,
  },
  {
    rule: 'an item asks for what its open order lacks',
    sql: `select i.id::text as subject, 'asks for ' || i.open_minor || ', its order is ' ||
        coalesce(o.state, 'missing') || ' and lacks ' ||
        coalesce(o.amount_minor - o.paid_minor, 0) as detail
      from escrow.item i left join payments.order o on o.id = i.order_id
      where ${heard('i.id')} and i.open_minor <> case
        when o.id is null or o.final_at is not null then 0 else o.amount_minor - o.paid_minor end`,
  },
];

/** A leg stands where its pay-out or refund stands; a release where its legs stand. */
const movements: readonly Invariant[] = [
  {
    rule: 'a leg stands where its pay-out stands',
    sql: `select l.id::text as subject, l.state || ' for ' || l.amount_minor || ', its pay-out is '
        || coalesce(p.state || ' for ' || p.amount_minor, 'missing') as detail
      from escrow.leg l left join payouts.payout p on p.id = l.payout_id
      where l.way = 'payout' and ${heard('l.item_id')} and case
        when l.state in ('waiting', 'dropped') then p.id is not null
        else p.id is null or p.amount_minor <> l.amount_minor or l.state <> case
          when p.state = 'paid' then 'paid' when p.state = 'returned' then 'returned'
          when p.state in ('failed', 'canceled') then 'failed' else 'moving' end end`,
  },
  {
    rule: 'a leg stands where its refund stands',
    sql: `select l.id::text as subject, l.state || ' for ' || l.amount_minor || ', its refund is '
        || coalesce(r.state || ' for ' || r.amount_minor, 'missing') as detail
      from escrow.leg l left join payments.refund r on r.id = l.refund_id
      where l.way = 'acquirer' and ${heard('l.item_id')} and (r.id is null
        or r.amount_minor <> l.amount_minor or l.state <> case
          when r.state = 'succeeded' then 'paid' when r.state in ('failed', 'rejected')
          then 'failed' else 'moving' end)`,
  },
  {
    rule: 'a release stands where its legs stand',
    sql: `select r.id::text as subject, r.state || ' with legs ' || l.states::text as detail
      from escrow.release r cross join lateral (
        select coalesce(array_agg(distinct state order by state), '{}') as states
        from escrow.leg where release_id = r.id) l
      where not case r.state when 'pending_approval' then l.states = array['waiting']
        when 'rejected' then l.states = array['dropped']
        when 'moving' then 'moving' = any (l.states)
        when 'done' then l.states = array['paid']
        else not l.states && array['moving', 'waiting'] and l.states <> array['paid'] end`,
  },
  {
    rule: 'what left an item by a release was let go by a second person',
    sql: `select r.id::text as subject, r.state || ', asked for and approved by ' || r.maker
        as detail
      from escrow.release r where r.state in ('moving', 'done', 'failed')
        and (r.checker is null or r.checker = r.maker)`,
  },
  {
    rule: 'the rows of a deal’s lists are numbered from one without a gap',
    sql: `select l.deal_id::text as subject, l.name || ': ' || count(*) || ' rows, the last is ' ||
        max(l.position) as detail
      from (${lists}) l group by l.name, l.deal_id
      having min(l.position) <> 1 or max(l.position) <> count(*)
        or count(distinct l.position) <> count(*)`,
  },
  {
    rule: 'a deal has as many lines in its story as it counts',
    sql: `select d.id::text as subject, 'counts ' || d.lines || ', has ' || count(l.*) as detail
      from escrow.deal d left join escrow.timeline_line l on l.deal_id = d.id
      group by d.id, d.lines having d.lines <> count(l.*)`,
  },
];

/** What a deal's money is: `kept` lies on its items. */
const deals = `(
  select d.*, coalesce(sum(i.paid_minor), 0) as paid,
    coalesce(sum(${held}), 0) as kept,
    coalesce(sum(i.moving_minor + i.refunding_minor), 0) as moving,
    coalesce(sum(i.released_minor) filter (where i.code = 2101), 0) as released,
    coalesce((select sum(amount_minor) from escrow.shortfall where deal_id = d.id), 0) as short,
    count(*) filter (where (t.item ->> 'required')::boolean
      and i.amount_minor > i.paid_minor + i.converted_in_minor) as unpaid
  from escrow.deal d
  join escrow.agreement a on a.id = d.agreement_id
  join escrow.item i on i.deal_id = d.id
  left join lateral (select item from jsonb_array_elements(a.terms -> 'items') as item
    where item ->> 'key' = i.key) t on true
  group by d.id)`;

const states: readonly Invariant[] = [
  {
    rule: 'a deal is not in a state that its money contradicts',
    sql: `select d.id::text as subject, d.state || ': paid ' || d.paid || ', kept ' || d.kept ||
        ', moving ' || d.moving || ', released ' || d.released || ', short ' || d.short || ', ' ||
        d.unpaid || ' required items unpaid' as detail
      from ${deals} d where ${dealHeard('d.id')} and not case d.state
        when 'draft' then d.paid = 0 when 'agreed' then d.paid = 0 when 'canceled' then d.paid = 0
        when 'funding' then d.unpaid > 0
        when 'funded' then d.unpaid = 0 and d.moving = 0 and d.released = 0
        when 'releasing' then d.moving > 0
        when 'partially_released' then d.released > 0 and d.moving = 0
        when 'released' then d.kept = 0 and d.moving = 0 and d.released > 0 and d.unpaid = 0
        when 'refunding' then d.moving > 0 or d.kept > 0
        when 'refunded' then d.kept = 0 and d.moving = 0 and d.short = 0
        when 'partly_refunded' then d.kept = 0 and d.moving = 0 and d.short > 0
        else true end`,
  },
  {
    rule: 'a deal is over when its state says so',
    sql: `select d.id::text as subject, d.state || ', ended ' ||
        coalesce(d.final_at::text, 'never') as detail
      from escrow.deal d where (d.state in ${final}) <> (d.final_at is not null)`,
  },
  {
    rule: 'a deal fails by a failure that somebody named',
    sql: `select d.id::text as subject, d.state || ', failure ' ||
        coalesce(d.failure_key, 'none') as detail
      from escrow.deal d
      where (d.state in ('cancel_requested', 'refunding', 'refunded', 'partly_refunded'))
        <> (d.failure_key is not null and d.failure_by is not null)`,
  },
  {
    rule: 'a deal’s freeze stands in the ledger',
    sql: `select i.id::text as subject, case when f.frozen then 'frozen' else 'free' end ||
        ', its account is ' || case when a.frozen_out then 'frozen' else 'free' end as detail
      from escrow.item i join escrow.deal d on d.id = i.deal_id
      cross join lateral (select d."freeze" is not null and (
        jsonb_array_length(d."freeze" -> 'items') = 0 or d."freeze" -> 'items' ? i.key)
        as frozen) f
      join ledger.account a on a.book_id = i.book and a.code = i.code and a.owner = i.owner
      where i.code = 2101 and coalesce(f.frozen, false) <> a.frozen_out`,
  },
];

/** Never more leaves an item than lies on it, and a deal's state is what its money says. */
export const escrowInvariants: readonly Invariant[] = [...items, ...movements, ...states];
