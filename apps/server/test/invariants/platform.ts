import type { Invariant } from '@keyturn/testkit';

/** Where aggregates count the events that they told. */
const counters = [
  ['payments.order', 'id'],
  ['payouts.payout', 'id'],
  ['custody.receipt', 'id'],
  ['custody.virtual_account', 'id'],
  ['settlement.split', 'id'],
  ['settlement.settlement_window', 'id'],
  ['settlement.channel_settlement', 'id'],
  ['escrow.deal', 'id'],
  ['escrow.agreement', 'id'],
  ['reconciliation.exception', 'id'],
]
  .map(([table, id]) => `select '${table}' as name, ${id} as id, events from ${table}`)
  .join(' union all ');

/** Commands answer once, events count without a gap, journals have a cause that was carried out. */
export const platformInvariants: readonly Invariant[] = [
  {
    rule: 'the events of an object are numbered from one without a gap',
    sql: `select e.object_id::text as subject, count(*) || ' events, numbered ' ||
        min(e.object_sequence) || ' to ' || max(e.object_sequence) as detail
      from platform.event e group by e.object_id
      having min(e.object_sequence) <> 1 or max(e.object_sequence) <> count(*)`,
  },
  {
    rule: 'an object has told as many events as it counts',
    sql: `select o.id::text as subject, o.name || ' counts ' || o.events || ' events, told ' ||
        coalesce(e.told, 0) as detail
      from (${counters}) o
      left join (select object_id, count(*) as told from platform.event group by object_id) e
        on e.object_id = o.id
      where o.events <> coalesce(e.told, 0)`,
  },
  {
    rule: 'a command key is answered once',
    sql: `select c.key as subject, 'answered ' || count(*) || ' times' as detail
      from platform.command c group by c.key having count(*) > 1`,
  },
  {
    rule: 'an answer is a value or a refusal',
    sql: `select c.key as subject, 'the answer has ' || c.outcome::text as detail
      from platform.command c
      where ((c.outcome ? 'value')::int + (c.outcome ? 'refusal')::int) <> 1`,
  },
  {
    rule: 'a journal was caused by a command that was carried out',
    sql: `select j.id::text as subject, j.cause_module || ' booked it by ' || j.cause_command ||
        ', which ' || case when c.key is null then 'nobody called' else 'was refused' end as detail
      from ledger.journal j join ledger.book b on b.id = j.book_id and b.keeper is null
      left join platform.command c on c.key = j.cause_command
      where c.key is null or not c.outcome ? 'value'`,
  },
];
