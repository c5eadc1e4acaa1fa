import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { EventRecord } from '../../platform/index.ts';
import type { FoundDifference } from './commands/exceptions.ts';

/** What lower modules tell of that somebody has to look after. */
export const toldTypes = [
  'settlement.channel_difference',
  'payments.contradiction',
  'payouts.contradiction',
] as const;

const ChannelDifferenceSchema = Type.Object({
  channel_settlement_id: Type.String(),
  contract_id: Type.String(),
  trade_date: Type.String(),
  book: Type.String(),
  receipt_id: Type.String(),
  expected_minor: Type.BigInt(),
  received_minor: Type.BigInt(),
  difference_minor: Type.BigInt(),
  currency: Type.String(),
});

const PaymentContradictionSchema = Type.Object({
  order_id: Type.String(),
  attempt_id: Type.String(),
  kind: Type.String(),
  expected: Type.String(),
  said: Type.String(),
  currency: Type.String(),
});

const PayoutContradictionSchema = Type.Object({
  payout_id: Type.String(),
  custody_account_id: Type.String(),
  amount: Type.BigInt(),
  currency: Type.String(),
  kind: Type.String(),
  said: Type.String(),
  receipt_id: Type.Optional(Type.String()),
});

/**
 * An event as a difference; undefined for an event of no concern.
 *
 * @throws when the payload of one that concerns us is not as its module declares it: the event is
 *   parked
 */
export function toldDifference(event: EventRecord, day: string): FoundDifference | undefined {
  const { type, payload } = event;
  switch (type) {
    case 'settlement.channel_difference': {
      const told = Value.Parse(ChannelDifferenceSchema, payload);
      return {
        key: `channel_difference/${told.contract_id}/${told.channel_settlement_id}`,
        kind: 'channel_difference',
        contractId: told.contract_id,
        book: told.book,
        day: told.trade_date,
        subject: `settlement of ${told.trade_date}`,
        amount_minor: told.difference_minor,
        currency: told.currency,
        evidence: { ...told },
      };
    }
    case 'payments.contradiction': {
      const told = Value.Parse(PaymentContradictionSchema, payload);
      return {
        key: `contradiction/payments/${told.attempt_id}/${told.kind}/${told.said}`,
        kind: 'contradiction',
        day,
        subject: told.attempt_id,
        currency: told.currency,
        evidence: { ...told },
      };
    }
    case 'payouts.contradiction': {
      const told = Value.Parse(PayoutContradictionSchema, payload);
      return {
        key: `contradiction/payouts/${told.payout_id}/${told.kind}/${told.said}`,
        kind: 'contradiction',
        accountId: told.custody_account_id,
        day,
        subject: told.payout_id,
        amount_minor: told.amount,
        currency: told.currency,
        evidence: { ...told },
      };
    }
    default:
      return undefined;
  }
}
