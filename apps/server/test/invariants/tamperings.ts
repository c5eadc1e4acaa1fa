/**
 * By each invariant, what somebody with a superuser's power does to break it. Constraints of the
 * tables hold even for them; triggers and foreign keys do not.
 */
export const tamperings: Readonly<Record<string, string>> = {
  'the events of an object are numbered from one without a gap': `
    update platform.event set object_sequence = 1000 where object_sequence = 1`,
  'an object has told as many events as it counts': `
    update payments.order set events = events + 1`,
  'a command key is answered once': `
    alter table platform.command drop constraint command_pkey;
    insert into platform.command select * from platform.command limit 1`,
  'an answer is a value or a refusal': `
    update platform.command set outcome = '{}'`,
  'a journal was caused by a command that was carried out': `
    update ledger.journal set cause_command = 'nobody' where cause_module = 'payments'`,

  'a credit of a bank is booked once, whole, to the suspense of its account': `
    update custody.receipt set amount = amount + 1 where direction = 'credit'`,
  'the one who has a receipt is the one that the receipt names': `
    update custody.receipt set assigned_module = 'escrow' where state = 'assigned'`,
  'a receipt has one home': `
    alter table payments.applied_receipt drop constraint applied_receipt_pkey;
    insert into payments.applied_receipt select * from payments.applied_receipt limit 1`,
  'nobody takes more out of suspense than a receipt brought': `
    update payments.applied_receipt set amount_minor = amount_minor + 1000000`,
  'a bank account holds what came in less what was paid out': `
    update payouts.payout set amount_minor = amount_minor + 1 where state = 'paid'`,
  'suspense holds what came in and found no home': `
    update payments.applied_receipt set amount_minor = amount_minor + 1`,

  'an order is paid by what its attempts and receipts placed on it': `
    update payments.attempt set placed_minor = placed_minor - 1 where placed_minor > 0`,
  'an order gives back what its refunds say': `
    update payments.order set refunded_minor = refunded_minor - 1 where refunded_minor > 0`,
  'an order stands where its money and attempts put it': `
    update payments.order set state = 'processing' where state = 'requires_payment';
    update payments.order set state = 'requires_payment' where state = 'requires_action';
    update payments.attempt set state = 'pending' where method = 'bank_transfer';
    update payments.order set paid_minor = paid_minor - 1, refunded_minor = 0, refunding_minor = 0,
      state = 'expired' where state = 'succeeded'`,
  'the destination of an order got what was paid, less what goes back': `
    update ledger.transfer t set amount = amount + 1 from ledger.journal j
      where j.id = t.journal_id and j.cause_module = 'payments'`,
  'an order has told of all that was paid': `
    update platform.event set payload = payload || '{"amount": 1}'
      where type = 'payments.order_paid'`,
  'the money of a paid attempt is placed, in suspense, or on its way back': `
    update payments.attempt set amount_minor = amount_minor + 1 where placed_minor > 0`,
  'an attempt gives back what its refunds say': `
    update payments.attempt set refunded_minor = refunded_minor - 1 where refunded_minor > 0`,
  'an attempt that is over waits for nothing but a destination that takes its money': `
    update payments.attempt set due_at = created_at where state = 'succeeded'`,
  'a receivable from an acquirer is what was paid less what was given back': `
    update payments.refund set amount_minor = amount_minor + 1 where state = 'succeeded'`,
  'refunds in transit are those that are on their way': `
    update payments.refund set state = 'pending', succeeded_on = null
      where state = 'succeeded'`,
  'a channel’s suspense is what its attempts have there': `
    update payments.attempt set suspense_minor = 1, placed_minor = placed_minor - 1
      where placed_minor > 0`,
  'a receipt that pays an order is used up by it and by its rest': `
    update payments.applied_receipt set rest_minor = rest_minor + 1`,

  'a pay-out holds its money until it is submitted, and posts or lifts the hold then': `
    update payouts.payout set state = 'approved', checker = 'x' where state = 'pending_approval';
    update payouts.payout set state = 'in_transit', paid_on = null where state = 'paid';
    update ledger.transfer set kind = 'posted' where kind = 'pending'`,
  'the money of a pay-out is where its state says': `
    update payouts.payout set state = 'in_transit', paid_on = null where state = 'paid'`,
  'a pay-out waits for something as long as it is not over': `
    update payouts.payout set due_at = created_at where state = 'returned'`,
  'a pay-out that is under way or over was let go by a second person': `
    alter table payouts.payout drop constraint payout_check4;
    alter table payouts.payout drop constraint payout_check3;
    alter table payouts.payout drop constraint payout_check2;
    update payouts.payout set checker = maker where state = 'paid'`,

  'the parts of a split sum to the whole': `
    update settlement.split set fee_minor = fee_minor + 1 where state = 'finished'`,
  'a share that came back whole is returned': `
    update settlement.split_leg set returned_minor = 0 where state = 'returned'`,
  'a receiver of a split got its share, less what was taken back': `
    update settlement.split_leg set amount_minor = amount_minor + 1`,
  'the platform’s fee and its VAT are booked as the split says': `
    update settlement.split set vat_minor = vat_minor + 1`,
  'an order of a merchant that was paid is shared out, or will be': `
    delete from settlement.split`,
  'a window settled what moved to the available account': `
    update settlement.settlement_window set settled_minor = settled_minor + 1
      where state = 'settled'`,
  'a window settles no more than was earned': `
    update settlement.settlement_window set amount_minor = 100000000 where state = 'open'`,
  'a window that is over has nothing open': `
    update settlement.settlement_window set amount_minor = 1 where state = 'settled'`,
  'what open windows will settle lies on the pending account, but for what went back': `
    update settlement.settlement_window set amount_minor = 100000000 where state = 'open'`,
  'a split knows what of its order was refunded beside it': `
    update settlement.split set refunded_minor = refunded_minor + 1`,
  'money became available only for days that the acquirer had paid': `
    delete from settlement.channel_settlement`,
  'a settlement of an acquirer pays its receivable as far as it was owed': `
    update settlement.channel_settlement set settled_minor = settled_minor - 1`,
  'what the own book owes a client book is what that one claims, top-ups under way aside': `
    update ledger.account set debits_posted = debits_posted + 1 where code = 1301`,
  'a top-up stands where its pay-out and its receipt put it': `
    update settlement.fee_top_up set state = 'failed' where state = 'arrived'`,

  'an item was paid what its fundings brought': `
    update escrow.funding set amount_minor = amount_minor + 1`,
  'an item was paid what its orders were paid': `
    update payments.order set paid_minor = paid_minor - 1, state = 'partially_funded',
      refunded_minor = 0, refunding_minor = 0 where paid_minor > 1`,
  'an item converted what its conversions say': `
    update escrow.conversion set amount_minor = amount_minor + 1`,
  'the columns of an item are the sums of its legs': `
    update escrow.leg set amount_minor = amount_minor + 1 where state = 'paid'`,
  'a funding gave back what its legs took': `
    update escrow.funding set refunded_minor = refunded_minor - 1 where refunded_minor > 0`,
  'what an item holds is what its ledger account has available': `
    update ledger.account set credits_posted = credits_posted + 1 where code = 2101`,
  'an item asks for what its open order lacks': `
    update escrow.item set open_minor = open_minor + 1`,
  'a leg stands where its pay-out stands': `
    update escrow.leg set state = 'failed' where way = 'payout'`,
  'a leg stands where its refund stands': `
    update escrow.leg set state = 'failed' where way = 'acquirer'`,
  'a release stands where its legs stand': `
    update escrow.release set state = 'moving'`,
  'what left an item by a release was let go by a second person': `
    update escrow.release set checker = maker`,
  'the rows of a deal’s lists are numbered from one without a gap': `
    update escrow.leg set position = position + 1000`,
  'a deal has as many lines in its story as it counts': `
    update escrow.deal set lines = lines + 1`,
  'a deal is not in a state that its money contradicts': `
    update escrow.deal set state = 'funded' where state = 'released'`,
  'a deal is over when its state says so': `
    update escrow.deal set final_at = null`,
  'a deal fails by a failure that somebody named': `
    update escrow.deal set failure_key = null`,
  'a deal’s freeze stands in the ledger': `
    update ledger.account set frozen_out = true where code = 2101`,

  'an exception stands where its last step left it': `
    update reconciliation.exception set events = events + 1`,
  'a matched entry has the amount of what it was matched with': `
    update reconciliation.statement_entry set amount_minor = amount_minor + 1`,
  'something of ours is matched with one entry of a statement': `
    update reconciliation.entry_match set counterpart_id =
      (select m.counterpart_id from reconciliation.entry_match m
        where m.counterpart_id is not null limit 1) where outcome = 'matched'`,
  'a difference that is open is somebody’s exception': `
    update reconciliation.entry_match set outcome = 'exception', exception_key = 'nobody',
      counterpart_id = null, matched_by = null where outcome = 'matched'`,
};
