import type { DatabaseSync } from 'node:sqlite';
import { type WorldClock, worldDate, worldInstant } from '../core/clock.ts';
import type { Due } from '../core/due.ts';
import type { Fault, Faults } from '../core/faults.ts';
import { amount, type Row } from '../core/store.ts';
import type { Merchant, Merchants } from './merchants.ts';

/** What the acquirer needs of the bank: money for one of its accounts. */
export interface BankCredit {
  credit(
    transfer: {
      account: string;
      /** Fen, positive. */
      amount: bigint;
      debtorName: string;
      debtorAccount: string;
      remittance: string;
      endToEndId: string;
    },
    at: Temporal.Instant,
  ): unknown;
}

export interface Settlements {
  list(mchid: string): Row[];
}

/** The acquirer settles every calendar day, holidays included, at this time of the world's zone. */
const settlementTime = '09:00';
const dayKind = 'acquirer.settle_day';
const merchantKind = 'acquirer.settle';
const acquirerName = '财付通支付科技有限公司';
const acquirerAccount = '2000000000000001';

function prepareStatements(store: DatabaseSync) {
  return {
    paid: store.prepare(`select coalesce(sum(total), 0) as gross, coalesce(sum(fee), 0) as fees
      from acquirer_order where mchid = ? and success_ms >= ? and success_ms < ?`),
    refunded: store.prepare(`select coalesce(sum(refund), 0) as refunds,
        coalesce(sum(fee_returned), 0) as fees
      from acquirer_refund
      where mchid = ? and final_ms >= ? and final_ms < ? and status = 'SUCCESS'`),
    carried: store.prepare('select carried from acquirer_merchant where mchid = ?'),
    setBalances: store.prepare(`update acquirer_merchant
      set carried = ?, unsettled = unsettled - ? where mchid = ?`),
    insert: store.prepare(`insert into acquirer_settlement (mchid, day, gross, refunds, fees,
        carried_in, paid, carried_out, withheld, account, end_to_end_id, at_ms)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    list: store.prepare(
      'select * from acquirer_settlement where mchid = ? order by day desc limit 400',
    ),
  };
}

/** How many fen a fault keeps back of a payment: never more than the payment. */
function withheldBy(fault: Fault | undefined, payable: bigint): bigint {
  if (fault?.kind !== 'short') return 0n;
  const asked = fault['amount'];
  const short =
    typeof asked === 'number' && Number.isSafeInteger(asked) && asked > 0 ? BigInt(asked) : 1n;
  return short < payable ? short : payable;
}

function nextSettlement(after: Temporal.Instant): Temporal.Instant {
  const today = worldInstant(worldDate(after), settlementTime);
  if (Temporal.Instant.compare(today, after) > 0) return today;
  return worldInstant(worldDate(after).add({ days: 1 }), settlementTime);
}

export function createSettlements(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  due: Due;
  faults: Faults;
  merchants: Merchants;
  bank: BankCredit;
}): Settlements {
  const { clock, due, faults, merchants, bank } = deps;
  const sql = prepareStatements(deps.store);
  faults.declare('acquirer.settle', { skip: {}, short: { amount: 1 } });

  function figures(merchant: Merchant, day: Temporal.PlainDate) {
    const from = worldInstant(day, '00:00').epochMilliseconds;
    const to = worldInstant(day.add({ days: 1 }), '00:00').epochMilliseconds;
    const paid = sql.paid.get(merchant.mchid, from, to) ?? {};
    const refunded = sql.refunded.get(merchant.mchid, from, to) ?? {};
    const fees = amount(paid, 'fees') - amount(refunded, 'fees');
    return {
      gross: amount(paid, 'gross'),
      refunds: amount(refunded, 'refunds'),
      fees: merchant.feeMode === 'net' ? fees : 0n,
      carriedIn: amount(sql.carried.get(merchant.mchid) ?? {}, 'carried'),
    };
  }

  function settle(merchant: Merchant, day: Temporal.PlainDate, at: Temporal.Instant): void {
    const { mchid, settlementAccount } = merchant;
    const { gross, refunds, fees, carriedIn } = figures(merchant, day);
    const net = gross - refunds - fees + carriedIn;
    const digits = day.toString().replaceAll('-', '');
    const fault = faults.take('acquirer.settle', { mchid, day: day.toString() });
    const isPayable = net > 0n && settlementAccount !== undefined && fault?.kind !== 'skip';
    const withheld = isPayable ? withheldBy(fault, net) : 0n;
    const paid = isPayable ? net - withheld : 0n;
    // What a fault withholds is gone from the acquirer's books too: nobody will pay it by itself.
    const carriedOut = isPayable ? 0n : net;
    const reference = `WXSETTLE ${mchid} ${digits}`;
    sql.setBalances.run(carriedOut, paid + withheld, mchid);
    sql.insert.run(
      ...[mchid, day.toString(), gross, refunds, fees, carriedIn, paid, carriedOut, withheld],
      ...[settlementAccount ?? null, reference, at.epochMilliseconds],
    );
    if (paid === 0n || settlementAccount === undefined) return;
    const transfer = {
      account: settlementAccount,
      amount: paid,
      debtorName: acquirerName,
      debtorAccount: acquirerAccount,
      remittance: reference,
      endToEndId: reference,
    };
    bank.credit(transfer, at);
  }

  // One piece of work per merchant, so that a bank that refuses one holds up nobody else.
  due.handle(dayKind, (_payload, at) => {
    const day = worldDate(at).subtract({ days: 1 }).toString();
    for (const { mchid } of merchants.list()) due.schedule(merchantKind, at, { mchid, day });
    due.schedule(dayKind, nextSettlement(at), {});
  });
  due.handle(merchantKind, ({ mchid = '', day = '' }, at) => {
    const merchant = merchants.find(mchid);
    if (merchant === undefined) throw new Error(`merchant ${mchid} is not there`);
    settle(merchant, Temporal.PlainDate.from(day), at);
  });
  if (!due.isScheduled(dayKind)) due.schedule(dayKind, nextSettlement(clock.now()), {});

  return { list: (mchid) => sql.list.all(mchid) };
}
