import type { Invariant } from '@keyturn/testkit';

/** Exceptions are what their steps made them; what is matched agrees to the fen. */
export const reconciliationInvariants: readonly Invariant[] = [
  {
    rule: 'an exception stands where its last step left it',
    sql: `select e.id::text as subject, e.state || ' after ' || e.events || ' steps, the last of '
        || count(s.*) || ' is ' ||
        coalesce((array_agg(s.state order by s.sequence desc))[1], 'none') as detail
      from reconciliation.exception e
      left join reconciliation.exception_step s on s.exception_id = e.id
      group by e.id having e.events <> count(s.*) or max(s.sequence) is distinct from e.events
        or (array_agg(s.state order by s.sequence desc))[1] is distinct from e.state`,
  },
  {
    rule: 'a matched entry has the amount of what it was matched with',
    sql: `select m.entry_id::text as subject, 'entry ' || e.amount_minor || ', ' ||
        m.counterpart_kind || ' ' || coalesce(c.amount, 0) as detail
      from reconciliation.entry_match m
      join reconciliation.statement_entry e on e.id = m.entry_id
      left join (select id, amount from custody.receipt
          union all select id, amount_minor from payouts.payout) c on c.id = m.counterpart_id
      where m.outcome = 'matched' and abs(e.amount_minor) is distinct from c.amount`,
  },
  {
    rule: 'something of ours is matched with one entry of a statement',
    sql: `select m.counterpart_id::text as subject, 'matched with ' || count(*) || ' entries of ' ||
        e.statement_id as detail
      from reconciliation.entry_match m
      join reconciliation.statement_entry e on e.id = m.entry_id
      where m.outcome = 'matched'
      group by m.counterpart_id, e.statement_id having count(*) > 1`,
  },
  {
    rule: 'a difference that is open is somebody’s exception',
    sql: `select m.entry_id::text as subject, 'belongs to ' || m.exception_key as detail
      from reconciliation.entry_match m
      left join reconciliation.exception e on e.key = m.exception_key
      where m.outcome = 'exception' and e.id is null`,
  },
];
