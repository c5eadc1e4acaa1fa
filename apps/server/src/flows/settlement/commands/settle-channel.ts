import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { type AccountSpec, createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import { createRowSet, type RowSet, type Unit } from '@keyturn/pipeline';
import { type Receipt, type ReceiptsUnit, suspenseOf } from '../../../banks/custody/index.ts';
import type {
  Command,
  CommandContext,
  CommandKind,
  CommandRunner,
} from '../../../platform/index.ts';
import {
  type ChannelDay,
  type ChannelSettlementPlan,
  expectedNet,
  planChannelSettlement,
} from '../decide/channel-settlement.ts';
import { lockDays, readDays } from '../store.ts';
import { type ChannelSettlement, channelSettlementTable } from '../tables.ts';

/** One calendar day of an acquirer, as plain data. */
export interface DayInput {
  readonly date: string;
  readonly gross_minor: bigint;
  readonly fees_minor: bigint;
  readonly refunds_minor: bigint;
  readonly fees_returned_minor: bigint;
}

export interface SettleChannelInput {
  readonly receiptId: string;
  readonly contractId: string;
  readonly ownBook: string;
  /** The day that was paid first, then the days before it that brought no payment. */
  readonly days: readonly [DayInput, ...DayInput[]];
}

interface Units extends Readonly<Record<string, Unit>> {
  readonly settlements: RowSet<ChannelSettlement>;
  readonly receipts: ReceiptsUnit;
  readonly ledger: LedgerUnit;
}

/** Books what an acquirer paid for a day, and the fee that it kept as the own book's debt. */
export function defineSettleChannel(
  commands: CommandRunner,
  createReceiptsUnit: () => ReceiptsUnit,
): Command<SettleChannelInput, { state: string }> {
  const kind: CommandKind<SettleChannelInput, Units, { state: string }> = {
    name: 'settlement.settle_channel',
    units: () => ({
      settlements: createRowSet(channelSettlementTable),
      receipts: createReceiptsUnit(),
      ledger: createLedgerUnit(),
    }),
    load: async (tx, { settlements, receipts, ledger }, calls) => {
      const days = calls.map(({ input }) => ({
        contractId: input.contractId,
        tradeDate: input.days[0].date,
      }));
      const [first, ...others] = days.map((day) => `channel/${day.contractId}/${day.tradeDate}`);
      if (first === undefined) return;
      await lockDays(tx, [first, ...others]);
      settlements.adopt(await readDays(tx, days));
      await receipts.lock(
        tx,
        calls.map(({ input }) => input.receiptId),
      );
      const accounts = calls.flatMap(({ input }) => {
        const receipt = receipts.get(input.receiptId);
        return receipt ? Object.values(accountsOf(input, receipt)) : [];
      });
      const now = calls[0]?.context.now;
      if (now) await ledger.load(tx, { accounts }, now);
    },
    decide: (units, input, context): Result<{ state: string }, Refusal> => {
      const receipt = present(units.receipts.get(input.receiptId), 'the receipt of a settlement');
      return settle(units, input, receipt, context);
    },
  };
  return commands.define(kind);
}

function accountsOf({ contractId, ownBook }: SettleChannelInput, receipt: Receipt) {
  const { book } = receipt;
  return {
    suspense: suspenseOf(receipt),
    receivable: { book, code: 1101, owner: contractId },
    dueFromOwn: { book, code: 1301, owner: ownBook },
    cost: { book: ownBook, code: 5001, owner: contractId },
    dueToClient: { book: ownBook, code: 2401, owner: book },
  } as const satisfies Record<string, AccountSpec>;
}

function settle(
  units: Units,
  input: SettleChannelInput,
  receipt: Receipt,
  context: CommandContext,
): Result<{ state: string }, Refusal> {
  const id = context.newId(input.contractId);
  const assigned = units.receipts.assign(
    receipt.id,
    { module: 'settlement', object: id },
    context.now,
  );
  if (!assigned.ok) return assigned;
  const date = Temporal.PlainDate.from(input.days[0].date);
  // Rows come in their order, and those of this batch after them.
  const before = [...units.settlements.all()]
    .filter((one) => one.contractId === input.contractId && one.tradeDate.equals(date))
    .at(-1);
  const days = input.days.map(dayOf);
  const earlier = before ? { owed: before.owedMinor } : undefined;
  const plan = planChannelSettlement(days, earlier, receipt.amount);
  const booked = book(units, input, receipt, plan, id, context);
  if (!booked.ok) return booked;
  const row = units.settlements.insert(rowOf({ id, input, receipt, plan, date, context }));
  tell(row, context);
  return ok({ state: row.state });
}

function dayOf(day: DayInput): ChannelDay {
  return {
    gross: day.gross_minor,
    fees: day.fees_minor,
    refunds: day.refunds_minor,
    feesReturned: day.fees_returned_minor,
  };
}

function book(
  { ledger }: Units,
  input: SettleChannelInput,
  receipt: Receipt,
  plan: ChannelSettlementPlan,
  object: string,
  context: CommandContext,
): Result<undefined, Refusal> {
  const { suspense, receivable, dueFromOwn, cost, dueToClient } = accountsOf(input, receipt);
  const fee = plan.feeNet < 0n ? -plan.feeNet : plan.feeNet;
  // A fee that came back outweighs: the same journal the other way round.
  const directed = (debit: AccountSpec, credit: AccountSpec) =>
    plan.feeNet > 0n ? { debit, credit } : { debit: credit, credit: debit };
  const journals = [
    {
      book: receipt.book,
      transfers: [
        { debit: suspense, credit: receivable, amount: plan.settled },
        { ...directed(dueFromOwn, receivable), amount: fee },
      ],
    },
    { book: input.ownBook, transfers: [{ ...directed(cost, dueToClient), amount: fee }] },
  ];
  for (const journal of journals) {
    const transfers = journal.transfers
      .filter(({ amount }) => amount > 0n)
      .map((transfer) => ({ kind: 'posted' as const, ...transfer }));
    if (transfers.length === 0) continue;
    const cause = { module: 'settlement', object, command: context.key };
    const id = context.newId(input.contractId);
    const posted = ledger.post({ id, book: journal.book, cause, transfers }, context.now);
    if (!posted.ok) return posted;
  }
  return ok(undefined);
}

function rowOf(made: {
  id: string;
  input: SettleChannelInput;
  receipt: Receipt;
  plan: ChannelSettlementPlan;
  date: Temporal.PlainDate;
  context: CommandContext;
}): ChannelSettlement {
  const { id, input, receipt, plan, date, context } = made;
  const [day, ...carried] = input.days;
  const carriedMinor = carried.reduce((sum, one) => sum + expectedNet(dayOf(one)), 0n);
  return {
    id,
    contractId: input.contractId,
    tradeDate: date,
    book: receipt.book,
    custodyAccountId: receipt.accountId,
    receiptId: receipt.id,
    currency: receipt.currency,
    coversFrom: Temporal.PlainDate.from(carried.at(-1)?.date ?? day.date),
    grossMinor: day.gross_minor,
    refundsMinor: day.refunds_minor,
    feesMinor: day.fees_minor,
    feesReturnedMinor: day.fees_returned_minor,
    carriedMinor,
    expectedMinor: plan.expected,
    receivedMinor: receipt.amount,
    settledMinor: plan.settled,
    differenceMinor: plan.difference,
    owedMinor: -plan.difference,
    state: plan.difference === 0n ? 'matched' : 'different',
    at: context.now,
    events: plan.difference === 0n ? 1n : 2n,
  };
}

function tell(row: ChannelSettlement, context: CommandContext): void {
  const payload = {
    channel_settlement_id: row.id,
    contract_id: row.contractId,
    trade_date: row.tradeDate.toString(),
    book: row.book,
    receipt_id: row.receiptId,
    expected_minor: row.expectedMinor,
    received_minor: row.receivedMinor,
    difference_minor: row.differenceMinor,
    currency: row.currency,
  };
  const objectId = row.id;
  context.emit({ type: 'settlement.channel_settled', objectId, objectSequence: 1n, payload });
  if (row.differenceMinor === 0n) return;
  context.emit({ type: 'settlement.channel_difference', objectId, objectSequence: 2n, payload });
}
