import { encodeId, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import type { Tx } from '@keyturn/pipeline';
import type { ReceiptsUnit } from '../../banks/custody/index.ts';
import type { CommandCall, CommandContext, CommandKind } from '../../platform/index.ts';
import { decideAnswer, decideReturn, type PayoutAnswer } from './decide/answer.ts';
import type { Change } from './decide/change.ts';
import type { PayoutRequest } from './decide/create-payout.ts';
import { decideApprove, decideStop, decideSubmit, maySubmit, type Stop } from './decide/steps.ts';
import { refuse } from './errors.ts';
import type { Payout } from './tables.ts';
import type { PayoutsDeps } from './types.ts';
import { createPayoutsUnit, type PayoutsState } from './unit.ts';
import { type PayoutRecord, payoutRecord } from './views.ts';

type Units = { readonly payouts: PayoutsState; readonly ledger: LedgerUnit };

function units(): Units {
  const ledger = createLedgerUnit();
  return { payouts: createPayoutsUnit(ledger), ledger };
}

function nowOf(calls: readonly CommandCall<unknown>[]): Temporal.Instant {
  return present(calls[0], 'a batch has a call').context.now;
}

const createKind: CommandKind<PayoutRequest, Units, PayoutRecord> = {
  name: 'payouts.create',
  units,
  load: async (tx, { payouts, ledger }, calls) => {
    const accounts = calls.flatMap(({ input }) => payouts.accountsOf(input));
    await ledger.load(tx, { accounts }, nowOf(calls));
  },
  decide: ({ payouts }, request, context) => {
    const made = payouts.create(request, context);
    return made.ok ? ok(payoutRecord(made.value)) : made;
  },
};

interface Step<Input extends { readonly payoutId: string }, Output> {
  readonly name: string;
  decide(payout: Payout, input: Input, now: Temporal.Instant): Result<Change, Refusal>;
  output(payout: Payout, before: Payout): Output;
}

/** A command on one pay-out. */
function stepKind<Input extends { readonly payoutId: string }, Output>(
  step: Step<Input, Output>,
): CommandKind<Input, Units, Output> {
  return {
    name: step.name,
    units,
    load: loadPayouts,
    decide: ({ payouts }, input, context) => {
      const payout = payouts.get(input.payoutId);
      if (!payout) return payoutNotFound(input.payoutId);
      const change = step.decide(payout, input, context.now);
      const applied = change.ok ? payouts.apply(change.value, context) : change;
      return applied.ok ? ok(step.output(applied.value, payout)) : applied;
    },
  };
}

async function loadPayouts(
  tx: Tx,
  { payouts, ledger }: Units,
  calls: readonly CommandCall<{ readonly payoutId: string }>[],
): Promise<void> {
  await payouts.lock(
    tx,
    calls.map(({ input }) => input.payoutId),
  );
  await ledger.load(tx, payouts.wants(), nowOf(calls));
}

export function payoutNotFound(payoutId: string): Result<never, Refusal> {
  return refuse('payout_not_found', { values: { payout_id: encodeId('pyt', payoutId) } });
}

const approveKind = stepKind<{ readonly payoutId: string; readonly by: string }, PayoutRecord>({
  name: 'payouts.approve',
  decide: (payout, { by }, now) => decideApprove(payout, by, now),
  output: payoutRecord,
});

const stopKind = stepKind<{ readonly payoutId: string; readonly stop: Stop }, PayoutRecord>({
  name: 'payouts.stop',
  decide: (payout, { stop }, now) => decideStop(payout, stop, now),
  output: payoutRecord,
});

/** Says `send` when the pay-out is now to be sent: what is sent was stored before. */
const submitKind = stepKind<
  { readonly payoutId: string },
  { readonly send: boolean; readonly firstSubmittedAt: string }
>({
  name: 'payouts.submit',
  decide: (payout, _input, now) => ok(decideSubmit(payout, now)),
  output: (payout, before) => ({
    send: payout.submissions > before.submissions,
    firstSubmittedAt: payout.firstSubmittedAt?.toString() ?? '',
  }),
});

const answerKind: CommandKind<
  { readonly payoutId: string; readonly answer: PayoutAnswer },
  Units,
  { readonly state: string; readonly mayResend: boolean }
> = {
  name: 'payouts.answer',
  units,
  load: loadPayouts,
  decide: ({ payouts }, { payoutId, answer }, context) => {
    const payout = payouts.get(payoutId);
    if (!payout) return payoutNotFound(payoutId);
    let applied = payouts.apply(decideAnswer(payout, answer, context.now), context);
    if (!applied.ok && payout.state === 'failed') {
      const { code } = applied.error;
      applied = payouts.apply(decideAnswer(payout, answer, context.now, code), context);
    }
    if (!applied.ok) return applied;
    const { value } = applied;
    return ok({ state: value.state, mayResend: maySubmit(value) });
  },
};

type ReturnUnits = {
  readonly payouts: PayoutsState;
  readonly receipts: ReceiptsUnit;
  readonly ledger: LedgerUnit;
};

/** The ledger's reasons for which a source takes no money back now. */
const blocking: ReadonlySet<string> = new Set(['account_frozen', 'account_closed']);

/**
 * Takes a return: the receipt becomes the pay-out's, and its money lies where it was taken from.
 */
function returnKind(
  createReceiptsUnit: () => ReceiptsUnit,
): CommandKind<
  { readonly payoutId: string; readonly receiptId: string },
  ReturnUnits,
  { readonly state: string }
> {
  return {
    name: 'payouts.return',
    units: () => {
      const ledger = createLedgerUnit();
      return { payouts: createPayoutsUnit(ledger), receipts: createReceiptsUnit(), ledger };
    },
    load: async (tx, { payouts, receipts, ledger }, calls) => {
      await payouts.lock(
        tx,
        calls.map(({ input }) => input.payoutId),
      );
      await receipts.lock(tx, [...new Set(calls.map(({ input }) => input.receiptId))]);
      await ledger.load(tx, payouts.wants(), nowOf(calls));
    },
    decide: (all, input, context) => takeReturn(all, input, context),
  };
}

function takeReturn(
  { payouts, receipts }: ReturnUnits,
  { payoutId, receiptId }: { readonly payoutId: string; readonly receiptId: string },
  context: CommandContext,
): Result<{ readonly state: string }, Refusal> {
  const payout = payouts.get(payoutId);
  if (!payout) return payoutNotFound(payoutId);
  const receipt = present(receipts.get(receiptId), 'the receipt that was told of');
  // Somebody gave it another home by hand: nothing is left to give back.
  if (receipt.state !== 'booked') return ok({ state: payout.state });
  let { change, takes } = decideReturn(payout, receipt, context.now);
  let applied = payouts.apply(change, context);
  if (!applied.ok && blocking.has(applied.error.code)) {
    ({ change, takes } = decideReturn(payout, receipt, context.now, applied.error.code));
    applied = payouts.apply(change, context);
  }
  if (!applied.ok) return applied;
  if (takes) {
    const owner = { module: 'payouts', object: payoutId };
    const assigned = receipts.assign(receiptId, owner, context.now);
    if (!assigned.ok) return assigned;
  }
  return ok({ state: applied.value.state });
}

/** All commands of this module. */
export function defineCommands({ commands, createReceiptsUnit }: PayoutsDeps) {
  return {
    create: commands.define(createKind),
    approve: commands.define(approveKind),
    stop: commands.define(stopKind),
    submit: commands.define(submitKind),
    answer: commands.define(answerKind),
    takeReturn: commands.define(returnKind(createReceiptsUnit)),
  };
}

export type PayoutsCommands = ReturnType<typeof defineCommands>;
