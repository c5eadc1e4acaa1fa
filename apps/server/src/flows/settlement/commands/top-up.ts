import { isCurrency, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { type AccountSpec, balanceOf, createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import { createRowSet, type RowSet, type Unit } from '@keyturn/pipeline';
import {
  type CustodyAccount,
  type ReceiptsUnit,
  suspenseOf,
} from '../../../banks/custody/index.ts';
import { createPayoutsUnit, type PayoutsUnit } from '../../../movement/payouts/index.ts';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import { lockDays, lockTopUpsOfNumbers, lockTopUpsOfPayouts } from '../store.ts';
import { type FeeTopUp, feeTopUpTable } from '../tables.ts';

type Place = Pick<CustodyAccount, 'id' | 'book' | 'ledgerCode' | 'currency' | 'number'>;

/** By this kind of reference settlement knows its own pay-outs. Outside callers may not use it. */
export const topUpReference = 'fee_top_up';

export interface TopUpInput {
  readonly own: Place;
  readonly client: Place;
  readonly bankDate: string;
}

interface TopUpUnits extends Readonly<Record<string, Unit>> {
  readonly topUps: RowSet<FeeTopUp>;
  readonly payouts: PayoutsUnit;
  readonly ledger: LedgerUnit;
}

/** What the own book owes a client book for acquirers' fees. */
export function debtAccount(ownBook: string, clientBook: string): AccountSpec {
  return { book: ownBook, code: 2401, owner: clientBook };
}

/** Pays what the own book owes a client book, by a real transfer between the two bank accounts. */
export function defineTopUp(commands: CommandRunner): Command<TopUpInput, { state: string }> {
  return commands.define<TopUpInput, TopUpUnits, { state: string }>({
    name: 'settlement.top_up',
    units: () => {
      const ledger = createLedgerUnit();
      return {
        topUps: createRowSet(feeTopUpTable),
        payouts: createPayoutsUnit(ledger),
        ledger,
      };
    },
    load: async (tx, { payouts, ledger }, calls) => {
      const [first, ...others] = calls.map(({ input }) => `top-up/${input.client.book}`);
      if (first === undefined) return;
      await lockDays(tx, [first, ...others]);
      const accounts = calls.flatMap(({ input }) =>
        payouts.accountsOf(requestOf(input, 1n, 'none')),
      );
      const now = calls[0]?.context.now;
      if (now) await ledger.load(tx, { accounts }, now);
    },
    decide: (units, input, context): Result<{ state: string }, Refusal> => {
      const account = units.ledger.account(debtAccount(input.own.book, input.client.book));
      const owed = balanceOf(account).available;
      if (owed <= 0n) return ok({ state: 'nothing_owed' });
      const id = context.newId(input.client.book);
      const payout = units.payouts.create(requestOf(input, owed, id), context);
      if (!payout.ok) return payout;
      units.topUps.insert({
        id,
        ownBook: input.own.book,
        clientBook: input.client.book,
        bankDate: Temporal.PlainDate.from(input.bankDate),
        amountMinor: owed,
        currency: input.own.currency,
        payoutId: payout.value.id,
        payoutNumber: payout.value.number,
        receiptId: null,
        state: 'sent',
        at: context.now,
        arrivedAt: null,
      });
      return ok({ state: 'sent' });
    },
  });
}

function requestOf(input: TopUpInput, amount: bigint, id: string) {
  const { own, client, bankDate } = input;
  const currency = isCurrency(own.currency) ? own.currency : undefined;
  return {
    source: debtAccount(own.book, client.book),
    custodyAccount: own,
    payee: { kind: 'custody_account', id: client.id, shown: client.number.slice(-4) },
    amount: { amount, currency: present(currency, 'the currency of a custody account') },
    purpose: 'fee_top_up',
    remittance: `TOPUP ${bankDate.replaceAll('-', '')} ${client.id}`,
    reference: { kind: topUpReference, id },
    // It carries out what the books say, under the contract that somebody approved.
    maker: 'settlement',
    approval: { kind: 'given', by: 'fee_top_up_rule' },
  } as const;
}

export interface ArrivedTopUp {
  readonly receiptId: string;
  readonly payoutNumber: string;
}

interface ArrivalUnits extends Readonly<Record<string, Unit>> {
  readonly topUps: RowSet<FeeTopUp>;
  readonly receipts: ReceiptsUnit;
  readonly ledger: LedgerUnit;
}

/** Books own money that has arrived in a client book: its claim on the own book is paid. */
export function defineArrivedTopUp(
  commands: CommandRunner,
  createReceiptsUnit: () => ReceiptsUnit,
): Command<ArrivedTopUp, { state: string }> {
  return commands.define<ArrivedTopUp, ArrivalUnits, { state: string }>({
    name: 'settlement.arrived_top_up',
    units: () => ({
      topUps: createRowSet(feeTopUpTable),
      receipts: createReceiptsUnit(),
      ledger: createLedgerUnit(),
    }),
    load: async (tx, { topUps, receipts, ledger }, calls) => {
      const [first, ...others] = calls.map(({ input }) => input.payoutNumber);
      if (first === undefined) return;
      topUps.adopt(await lockTopUpsOfNumbers(tx, [first, ...others]));
      const ids = calls.map(({ input }) => input.receiptId);
      await receipts.lock(tx, ids);
      const claims = [...topUps.all()].map(claimOf);
      const suspenses = ids.flatMap((id) => receipts.get(id) ?? []).map(suspenseOf);
      const now = calls[0]?.context.now;
      if (now) await ledger.load(tx, { accounts: [...claims, ...suspenses] }, now);
    },
    decide: (units, input, context) => arrive(units, input, context),
  });
}

function claimOf({ clientBook, ownBook }: FeeTopUp): AccountSpec {
  return { book: clientBook, code: 1301, owner: ownBook };
}

function arrive(
  { topUps, receipts, ledger }: ArrivalUnits,
  input: ArrivedTopUp,
  context: CommandContext,
): Result<{ state: string }, Refusal> {
  const topUp = [...topUps.all()].find((one) => one.payoutNumber === input.payoutNumber);
  const receipt = receipts.get(input.receiptId);
  // Not ours, or not what was sent: it stays in suspense for somebody to look at.
  if (!topUp || !receipt || receipt.book !== topUp.clientBook) return ok({ state: 'unknown' });
  if (receipt.amount !== topUp.amountMinor) return ok({ state: 'different' });
  const to = { module: 'settlement', object: topUp.id };
  const assigned = receipts.assign(receipt.id, to, context.now);
  if (!assigned.ok) return assigned;
  const posted = ledger.post(
    {
      id: context.newId(topUp.id),
      book: receipt.book,
      cause: { module: 'settlement', object: topUp.id, command: context.key },
      transfers: [
        {
          kind: 'posted',
          debit: suspenseOf(receipt),
          credit: claimOf(topUp),
          amount: receipt.amount,
        },
      ],
    },
    context.now,
  );
  if (!posted.ok) return posted;
  topUps.update(topUp.id, {
    receiptId: receipt.id,
    state: 'arrived',
    arrivedAt: context.now,
  });
  context.emit({
    type: 'settlement.fee_topped_up',
    objectId: topUp.id,
    objectSequence: 1n,
    payload: {
      top_up_id: topUp.id,
      own_book: topUp.ownBook,
      client_book: topUp.clientBook,
      amount: receipt.amount,
    },
  });
  return ok({ state: 'arrived' });
}

interface FailureUnits extends Readonly<Record<string, Unit>> {
  readonly topUps: RowSet<FeeTopUp>;
}

/** Notes that a top-up did not get through: the debt stands, and the next bank day tries again. */
export function defineFailedTopUp(
  commands: CommandRunner,
): Command<{ readonly payoutId: string }, { state: string }> {
  return commands.define<{ readonly payoutId: string }, FailureUnits, { state: string }>({
    name: 'settlement.failed_top_up',
    units: () => ({ topUps: createRowSet(feeTopUpTable) }),
    load: async (tx, { topUps }, calls) => {
      const [first, ...others] = calls.map(({ input }) => input.payoutId);
      if (first !== undefined) topUps.adopt(await lockTopUpsOfPayouts(tx, [first, ...others]));
    },
    decide: ({ topUps }, input): Result<{ state: string }, Refusal> => {
      const topUp = [...topUps.all()].find((one) => one.payoutId === input.payoutId);
      if (topUp?.state !== 'sent') return ok({ state: 'unchanged' });
      topUps.update(topUp.id, { state: 'failed' });
      return ok({ state: 'failed' });
    },
  });
}
