import { type Clock, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { createBatcher, type Database, type Tx } from '@keyturn/pipeline';
import { type AccountSpec, accountId, isCreditNormal } from '../account.ts';
import { checkForm } from '../decide/check-form.ts';
import { type Answer, callOf, executeBatch, type Submitted } from '../execute.ts';
import { type AnyRequest, isReversal, type Transfer } from '../journal.ts';
import { loadReceipts } from '../store.ts';
import { readPlanned } from './context.ts';
import { refuse } from './errors.ts';
import {
  insertMirrors,
  insertRefunds,
  lockOrder,
  readKnownRefunds,
  readPaid,
  readRefunded,
} from './mirror-store.ts';
import { findNumber, type SubjectMapping, type TakeoverPlan } from './plan.ts';
import { leaderOf } from './rows.ts';
import { readAuthority, readTakenById, shareAuthority, takeAccounts } from './store.ts';
import type { Mirror, MirrorLeg, Refund } from './tables.ts';

/** A refund of an order that was paid in the old ledger, as the door books it. */
export interface RefundTerms {
  readonly order: string;
  /** The account's number in the old ledger. */
  readonly account: string;
  readonly amount: bigint;
}

interface Call {
  readonly takeover: string;
  readonly request: AnyRequest;
  readonly refund?: RefundTerms;
  readonly now: Temporal.Instant;
}

/**
 * The ledger's door for books that are being moved: as `submit` of the ledger's own, and in the
 * same transaction everything that it booked on accounts of the plan is noted down to be written
 * back to the old ledger. Refuses journals that touch a subject which the old ledger leads.
 */
export interface TakeoverDoor {
  submit(takeover: string, request: AnyRequest): Promise<Answer>;
  /** As `submit`, of a journal that refunds an order; at most what is left of what was paid. */
  submitRefund(takeover: string, request: AnyRequest, refund: RefundTerms): Promise<Answer>;
  close(): Promise<void>;
}

export function createTakeoverDoor(options: {
  readonly database: Database;
  readonly clock: Clock;
}): TakeoverDoor {
  const { database, clock } = options;
  const knownBooks = new Set<string>();
  const batcher = createBatcher<Call, Answer>({
    name: 'takeover.submit',
    database,
    execute: (tx, calls) => executeCalls(tx, calls, knownBooks),
  });
  const submit = async (
    takeover: string,
    request: AnyRequest,
    refund?: RefundTerms,
  ): Promise<Answer> => {
    const fault = checkForm(request);
    if (fault) return { ok: false, error: fault };
    const call = { takeover, request, now: clock.now() };
    return batcher.submit(refund ? { ...call, refund } : call);
  };
  return { submit, submitRefund: submit, close: batcher.close };
}

/** The calls of one takeover after the other; there is rarely more than one. */
async function executeCalls(
  tx: Tx,
  calls: readonly Call[],
  knownBooks: Set<string>,
): Promise<readonly Answer[]> {
  const answers = new Map<Call, Answer>();
  for (const [takeover, own] of Map.groupBy(calls, (call) => call.takeover)) {
    const outcomes = await executeOwn(tx, takeover, own, knownBooks);
    for (const [index, call] of own.entries()) {
      answers.set(call, present(outcomes[index], 'the answer of a call'));
    }
  }
  return calls.map((call) => present(answers.get(call), 'the answer of a call'));
}

async function executeOwn(
  tx: Tx,
  takeover: string,
  calls: readonly Call[],
  knownBooks: Set<string>,
): Promise<readonly Answer[]> {
  await shareAuthority(tx, takeover);
  const planned = await readPlanned({ database: tx }, takeover);
  if (!planned.ok) return calls.map(() => planned);
  const { plan } = planned.value;
  const refusals = await refuseUnled(tx, plan, calls);
  for (const [index, refusal] of await refuseRefunds(tx, takeover, calls, refusals)) {
    refusals.set(index, refusal);
  }
  const allowed = calls.filter((_call, index) => !refusals.has(index));
  const booked = await executeBatch(
    tx,
    allowed.map(({ request, now }) => callOf(request, now)),
    knownBooks,
  );
  const outcomes = new Map(allowed.map((call, index) => [call, present(booked[index]?.[0], 'it')]));
  await noteMirrors(tx, plan, allowed, outcomes);
  return calls.map((call, index) => {
    const refusal = refusals.get(index);
    if (refusal) return { ok: false, error: refusal };
    return present(outcomes.get(call), 'the answer of a journal');
  });
}

/** An account that a call touches, as the old ledger knows it. */
interface Touched {
  readonly id: string;
  readonly number: string;
  readonly mapping: SubjectMapping;
}

/** Which calls touch a subject that the new ledger does not lead, by index. */
async function refuseUnled(
  tx: Tx,
  plan: TakeoverPlan,
  calls: readonly Call[],
): Promise<Map<number, Refusal>> {
  const authority = await readAuthority(tx, plan.takeover);
  const named = await namedBefore(tx, calls);
  const touched = calls.map(({ request }) => [
    ...specsOf(request).map((spec) => ({ id: accountId(spec), spec })),
    ...(named.get(request.id) ?? []).map((id) => ({ id, spec: undefined })),
  ]);
  const known = await readTouched(tx, plan, touched.flat());
  const refusals = new Map<number, Refusal>();
  for (const [index, accounts] of touched.entries()) {
    for (const { id } of accounts) {
      const one = known.get(id);
      if (!one || leaderOf(authority.get(one.mapping.subject)) === 'new') continue;
      const values = { account: one.number, subject: one.mapping.subject };
      refusals.set(index, refuse('takeover_old_leads', { values }).error);
      break;
    }
  }
  return refusals;
}

function specsOf(request: AnyRequest): readonly AccountSpec[] {
  if (isReversal(request)) return [];
  return request.transfers.flatMap((one) => ('hold' in one ? [] : [one.debit, one.credit]));
}

/** The accounts that requests mean by naming an earlier journal: holds and reversals. */
async function namedBefore(
  tx: Tx,
  calls: readonly Call[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const named = calls.map(({ request }) => {
    if (isReversal(request)) return { id: request.id, journals: [request.reverses] };
    const holds = request.transfers.flatMap((one) => ('hold' in one ? [one.hold.journalId] : []));
    return { id: request.id, journals: holds };
  });
  const all = [...new Set(named.flatMap(({ journals }) => journals))];
  const receipts = new Map((await loadReceipts(tx, all)).map((one) => [one.journal.id, one]));
  return new Map(
    named.map(({ id, journals }) => {
      const transfers = journals.flatMap((one) => receipts.get(one)?.transfers ?? []);
      return [id, transfers.flatMap((one) => [one.debitAccount, one.creditAccount])];
    }),
  );
}

/** What the old ledger calls these accounts; those that are none of its are left out. */
async function readTouched(
  tx: Tx,
  plan: TakeoverPlan,
  accounts: readonly { readonly id: string; readonly spec: AccountSpec | undefined }[],
): Promise<Map<string, Touched>> {
  const ids = [...new Set(accounts.map(({ id }) => id))];
  const found = new Map<string, Touched>();
  for (const { accountId: id, number, subject } of await readTakenById(tx, plan.takeover, ids)) {
    const mapping = plan.subjects.find((one) => one.subject === subject);
    if (id !== null && mapping) found.set(id, { id, number, mapping });
  }
  for (const { id, spec } of accounts) {
    // An account that was opened here: its number follows from its owner.
    const number = found.has(id) || spec?.book !== plan.book ? undefined : findNumber(plan, spec);
    if (number) found.set(id, { id, ...number });
  }
  return found;
}

/** Refunds of more than what is left, by index. Repeats of refunds are not looked at again. */
async function refuseRefunds(
  tx: Tx,
  takeover: string,
  calls: readonly Call[],
  before: ReadonlyMap<number, Refusal>,
): Promise<ReadonlyMap<number, Refusal>> {
  const refusals = new Map<number, Refusal>();
  const asked = calls.flatMap(({ refund, request }, index) =>
    refund && !before.has(index) ? [{ index, refund, id: request.id }] : [],
  );
  if (asked.length === 0) return refusals;
  for (const order of [...new Set(asked.map(({ refund }) => refund.order))].sort()) {
    await lockOrder(tx, takeover, order);
  }
  const known = new Set(
    await readKnownRefunds(
      tx,
      asked.map(({ id }) => id),
    ),
  );
  const within: { readonly refund: RefundTerms }[] = [];
  for (const { index, refund, id } of asked) {
    if (known.has(id)) continue;
    known.add(id);
    const inBatch = within
      .filter((one) => one.refund.order === refund.order && one.refund.account === refund.account)
      .reduce((sum, one) => sum + one.refund.amount, 0n);
    const refusal = await checkRefund(tx, takeover, refund, id, inBatch);
    if (refusal) refusals.set(index, refusal);
    else within.push({ refund });
  }
  return refusals;
}

async function checkRefund(
  tx: Tx,
  takeover: string,
  { order, account, amount }: RefundTerms,
  journal: string,
  inBatch: bigint,
): Promise<Refusal | undefined> {
  const paid = (await readPaid(tx, takeover, order)).find((one) => one.account === account);
  if (paid === undefined || paid.amount <= 0n) {
    return refuse('takeover_order_unknown', { values: { order, account } }).error;
  }
  const refunded = (await readRefunded(tx, takeover, { order, account, journal })) + inBatch;
  const remaining = paid.amount - refunded;
  if (amount <= remaining) return undefined;
  const amounts = { paid: paid.amount, refunded, remaining, amount };
  const values = Object.entries(amounts).map(([name, value]) => [name, String(value)]);
  return refuse('takeover_refund_exceeds_paid', {
    values: { order, account, ...Object.fromEntries(values) },
  }).error;
}

/** Notes down what has to be written back of the journals that were booked now. */
async function noteMirrors(
  tx: Tx,
  plan: TakeoverPlan,
  calls: readonly Call[],
  outcomes: ReadonlyMap<Call, Answer>,
): Promise<void> {
  const fresh = calls.flatMap((call) => {
    const outcome = outcomes.get(call);
    return outcome?.ok && !outcome.value.replayed ? [{ call, booked: outcome.value }] : [];
  });
  const accounts = fresh.flatMap(({ call, booked }) => [
    ...specsOf(call.request).map((spec) => ({ id: accountId(spec), spec })),
    ...booked.transfers
      .flatMap((one) => [one.debitAccount, one.creditAccount])
      .map((id) => ({ id, spec: undefined })),
  ]);
  const touched = await readTouched(tx, plan, accounts);
  const mirrors: Mirror[] = [];
  const legs: MirrorLeg[] = [];
  const refunds: Refund[] = [];
  for (const { call, booked } of fresh) {
    const own = legsOf(plan.takeover, booked, touched);
    if (own.length > 0) mirrors.push(mirrorOf(plan.takeover, call, booked));
    legs.push(...own);
    if (!call.refund) continue;
    const { order: orderNo, account, amount } = call.refund;
    const journalId = booked.journal.id;
    refunds.push({ journalId, takeoverId: plan.takeover, orderNo, account, amount });
  }
  const moved = new Set(legs.map(({ account }) => account));
  await takeAccounts(
    tx,
    plan.takeover,
    [...touched.values()]
      .filter(({ number }) => moved.has(number))
      .map(({ id, number, mapping }) => ({ number, subject: mapping.subject, accountId: id })),
  );
  insertMirrors(tx, mirrors, legs);
  insertRefunds(tx, refunds);
}

function mirrorOf(takeover: string, call: Call, { journal }: Submitted): Mirror {
  return {
    journalId: journal.id,
    takeoverId: takeover,
    orderNo: call.refund?.order ?? null,
    kind: call.refund ? 'refund' : 'journal',
    bookedAt: journal.recordedAt,
    attempts: 0,
    dueAt: journal.recordedAt,
    lastError: null,
    sentAt: null,
  };
}

function legsOf(
  takeover: string,
  { journal, transfers }: Submitted,
  touched: ReadonlyMap<string, Touched>,
): readonly MirrorLeg[] {
  const legs: MirrorLeg[] = [];
  const leg = (id: string, side: 'debit' | 'credit', amount: bigint) => {
    const one = touched.get(id);
    if (one === undefined) return;
    const { mapping, number } = one;
    const grows = (side === 'credit') === isCreditNormal(mapping.code);
    const signed = grows === (mapping.sign === 'same') ? amount : -amount;
    legs.push({
      journalId: journal.id,
      leg: legs.length,
      takeoverId: takeover,
      account: number,
      subject: mapping.subject,
      amount: signed,
    });
  };
  for (const one of transfers.filter(isPosted)) {
    leg(one.debitAccount, 'debit', one.amount);
    leg(one.creditAccount, 'credit', one.amount);
  }
  return legs;
}

/** Holds move no balance in a ledger that has one signed balance; what is posted does. */
function isPosted({ kind, amount }: Transfer): boolean {
  return (kind === 'posted' || kind === 'post_pending') && amount > 0n;
}

/** What a refund was asked with. */
export interface RefundRequest extends Omit<RefundTerms, 'account'> {
  /** The refund's own id: the same again is a repeat, for ever. */
  readonly id: string;
  /** Where the money goes; the subject's counter account when absent. */
  readonly to?: Omit<AccountSpec, 'book'>;
  /** Needed when the order was paid to several accounts. */
  readonly account?: string;
}

/** The account that an order was paid to in the old ledger. */
export async function findPaidAccount(
  database: Database,
  takeover: string,
  { order, account }: Pick<RefundRequest, 'order' | 'account'>,
): Promise<Result<string, Refusal>> {
  const paid = (await readPaid(database, takeover, order)).filter(({ amount }) => amount > 0n);
  const accounts = paid.map((one) => one.account);
  const [only, ...others] = account === undefined ? accounts : [account];
  if (only === undefined || !accounts.includes(only)) {
    return refuse('takeover_order_unknown', { values: { order, account: account ?? '-' } });
  }
  if (others.length === 0) return ok(only);
  return refuse('takeover_order_ambiguous', { values: { order, accounts: accounts.join(', ') } });
}
