/**
 * What a module's journals moved, per account and per object that caused them: credits less
 * debits, in minor units. Read from the transfers alone, so it confirms what the module says
 * without sharing a figure with it.
 */
export function movedBy(module: string): string {
  const side = (column: string, sign: string) => `
    select a.book_id, a.code, a.owner, j.cause_object as object, ${sign}t.amount as amount
    from ledger.transfer t
    join ledger.journal j on j.id = t.journal_id and j.cause_module = '${module}'
    join ledger.book b on b.id = j.book_id and b.keeper is null
    join ledger.account a on a.id = t.${column}
    where t.kind in ('posted', 'post_pending')`;
  return `(${side('credit_account', '')} union all ${side('debit_account', '-')})`;
}

/** Events that a consumer has not handled yet, or failed to: what they tell is not known above. */
export function waitingFor(consumer: string): string {
  return `(
    select e.* from platform.event e
    left join platform.consumer c on c.name = '${consumer}'
    where c.name is null or (e.transaction_id, e.seq) > (c.transaction_id, c.seq)
    union all
    select e.* from platform.parked_event p join platform.event e on e.id = p.event_id
    where p.consumer = '${consumer}' and p.done_at is null)`;
}
