import { assert, encodeId, namedId, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { type AccountSpec, createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import { createRowSet, type RowSet, type Tx, type Unit } from '@keyturn/pipeline';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import { fourEyes, type Principal } from '../../../who/access/index.ts';
import {
  canMoveException,
  daysToResolve,
  type ExceptionKind,
  type ExceptionState,
  type Proposal,
  problemOf,
} from '../decide/exception-state.ts';
import { refuse } from '../errors.ts';
import { lockExceptions } from '../store/exceptions.ts';
import {
  type ExceptionRow,
  type ExceptionStepRow,
  exceptionStepTable,
  exceptionTable,
} from '../tables.ts';

/** A difference as matching or proving found it. */
export interface FoundDifference {
  /** The same difference has the same key, whenever it is found. */
  readonly key: string;
  readonly kind: ExceptionKind;
  readonly accountId?: string;
  readonly contractId?: string;
  readonly book?: string;
  readonly day: string;
  readonly subject: string;
  readonly amount_minor?: bigint;
  readonly currency?: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

type Actor = Pick<Principal, 'kind' | 'id' | 'name' | 'roles'>;

/** Who makes what nobody has to make: the module itself. Never a checker. */
export const systemId = 'system:reconciliation';

interface Units extends Readonly<Record<string, Unit>> {
  readonly exceptions: RowSet<ExceptionRow>;
  readonly steps: RowSet<ExceptionStepRow>;
}

type Answer = { readonly exceptionId: string };

/** An exception's id follows from what it is about. */
export function exceptionIdOf(
  difference: Pick<FoundDifference, 'key' | 'accountId' | 'contractId'>,
) {
  const owner = difference.accountId ?? difference.contractId ?? 'platform';
  return namedId(`reconciliation.exception/${difference.key}`, owner);
}

const units = (): Units => ({
  exceptions: createRowSet(exceptionTable),
  steps: createRowSet(exceptionStepTable),
});

async function load(tx: Tx, { exceptions }: Units, ids: readonly string[]): Promise<void> {
  const [first, ...others] = [...new Set(ids)];
  if (first !== undefined) exceptions.adopt(await lockExceptions(tx, [first, ...others]));
}

/** Writes the step beside the state, and tells it. */
function record(
  { steps }: Pick<Units, 'steps'>,
  row: ExceptionRow,
  step: { readonly state: ExceptionState; readonly by: string; readonly detail: Detail },
  sequence: bigint,
  context: CommandContext,
): void {
  steps.insert({ exceptionId: row.id, sequence, ...step, at: context.now });
  const told = step.state === 'open' ? 'opened' : step.state;
  context.emit({
    type: `reconciliation.exception_${told}`,
    objectId: row.id,
    objectSequence: sequence,
    payload: {
      exception_id: row.id,
      kind: row.kind,
      day: row.day.toString(),
      ...(row.accountId === null ? {} : { account_id: row.accountId }),
      ...(row.contractId === null ? {} : { contract_id: row.contractId }),
      ...(row.ownerId === null ? {} : { owner_id: row.ownerId }),
      ...(row.journalId === null ? {} : { journal_id: row.journalId }),
    },
  });
}

type Detail = Readonly<Record<string, unknown>>;

/** Opens what is not there yet; what is there stays as it is, whatever its state. */
export function defineOpen(commands: CommandRunner): Command<FoundDifference, Answer> {
  return commands.define<FoundDifference, Units, Answer>({
    name: 'reconciliation.open_exception',
    units,
    load: (tx, state, calls) =>
      load(
        tx,
        state,
        calls.map(({ input }) => exceptionIdOf(input)),
      ),
    decide: (state, input, context) => {
      const id = exceptionIdOf(input);
      if (state.exceptions.get(id)) return ok({ exceptionId: id });
      const row = state.exceptions.insert({
        id,
        key: input.key,
        kind: input.kind,
        accountId: input.accountId ?? null,
        contractId: input.contractId ?? null,
        book: input.book ?? null,
        day: Temporal.PlainDate.from(input.day),
        subject: input.subject,
        amountMinor: input.amount_minor ?? null,
        currency: input.currency ?? null,
        state: 'open',
        ownerId: null,
        deadline: context.now.add({ hours: 24 * daysToResolve(input.kind) }),
        evidence: input.evidence,
        proposal: null,
        maker: null,
        checker: null,
        journalId: null,
        note: null,
        openedAt: context.now,
        resolvedAt: null,
        events: 1n,
      });
      record(state, row, { state: 'open', by: systemId, detail: input.evidence }, 1n, context);
      return ok({ exceptionId: id });
    },
  });
}

/** The exception, if it can become what is wanted. */
function movable(
  { exceptions }: Pick<Units, 'exceptions'>,
  id: string,
  wanted: ExceptionState,
): Result<ExceptionRow, Refusal> {
  const row = exceptions.get(id);
  const exception_id = encodeId('exc', id);
  if (!row) return refuse('exception_not_found', { values: { exception_id } });
  if (!canMoveException(row.state, wanted)) {
    const values = { exception_id, state: row.state, wanted };
    return refuse('exception_state_conflict', { values });
  }
  return ok(row);
}

export interface AssignInput {
  readonly id: string;
  readonly by: Actor;
  readonly ownerId: string;
  readonly deadline?: string;
}

/** Gives it to a person. A proposal that stands falls: who has it now looks anew. */
export function defineAssign(commands: CommandRunner): Command<AssignInput, Answer> {
  return commands.define<AssignInput, Units, Answer>({
    name: 'reconciliation.assign_exception',
    units,
    load: (tx, state, calls) =>
      load(
        tx,
        state,
        calls.map(({ input }) => input.id),
      ),
    decide: (state, input, context) => {
      const found = movable(state, input.id, 'assigned');
      if (!found.ok) return found;
      const deadline =
        input.deadline === undefined ? found.value.deadline : Temporal.Instant.from(input.deadline);
      if (input.deadline !== undefined && Temporal.Instant.compare(deadline, context.now) <= 0) {
        const values = { deadline: deadline.toString() };
        return refuse('exception_deadline_invalid', { param: 'deadline', values });
      }
      const events = found.value.events + 1n;
      const { ownerId } = input;
      const change = { state: 'assigned', ownerId, deadline, proposal: null, maker: null } as const;
      const row = state.exceptions.update(input.id, { ...change, events });
      const detail = { owner_id: ownerId, deadline: deadline.toString() };
      record(state, row, { state: 'assigned', by: input.by.id, detail }, events, context);
      return ok({ exceptionId: input.id });
    },
  });
}

export interface ProposeInput {
  readonly id: string;
  readonly by: string;
  readonly proposal: Proposal;
}

/** Says how it is to end. The one who says it is the maker. */
export function definePropose(commands: CommandRunner): Command<ProposeInput, Answer> {
  return commands.define<ProposeInput, Units, Answer>({
    name: 'reconciliation.propose_exception',
    units,
    load: (tx, state, calls) =>
      load(
        tx,
        state,
        calls.map(({ input }) => input.id),
      ),
    decide: (state, input, context) => {
      const found = movable(state, input.id, 'proposed');
      if (!found.ok) return found;
      const { amountMinor: amount, book } = found.value;
      const problem = problemOf(input.proposal, { amount, book });
      if (problem !== undefined) {
        return refuse('exception_proposal_invalid', { param: 'proposal', values: { problem } });
      }
      const events = found.value.events + 1n;
      const { proposal, by } = input;
      const row = state.exceptions.update(input.id, {
        state: 'proposed',
        proposal,
        maker: by,
        events,
      });
      record(state, row, { state: 'proposed', by, detail: { ...proposal } }, events, context);
      return ok({ exceptionId: input.id });
    },
  });
}

interface ApproveUnits extends Units {
  readonly ledger: LedgerUnit;
}

/** The accounts of a proposed journal. */
function sidesOf(row: ExceptionRow): readonly AccountSpec[] {
  const journal = row.proposal?.journal;
  if (!journal || row.book === null) return [];
  const { book } = row;
  return [journal.debit, journal.credit].map((side) => ({ book, ...side }));
}

/** A second person agrees: the journal is booked and the exception resolved, in one commit. */
export function defineApprove(
  commands: CommandRunner,
): Command<{ readonly id: string; readonly by: Actor }, Answer> {
  return commands.define<{ readonly id: string; readonly by: Actor }, ApproveUnits, Answer>({
    name: 'reconciliation.approve_exception',
    units: () => ({ ...units(), ledger: createLedgerUnit() }),
    load: async (tx, state, calls) => {
      await load(
        tx,
        state,
        calls.map(({ input }) => input.id),
      );
      const accounts = [...state.exceptions.all()].flatMap(sidesOf);
      const now = present(calls[0], 'a call').context.now;
      await state.ledger.load(tx, { accounts }, now);
    },
    decide: (state, { id, by }, context) => {
      const found = movable(state, id, 'approved');
      if (!found.ok) return found;
      const eyes = fourEyes(found.value.maker ?? '', by);
      if (!eyes.ok) return eyes;
      const booked = book(state, found.value, context);
      if (!booked.ok) return booked;
      const events = found.value.events + 2n;
      const row = state.exceptions.update(id, {
        state: 'resolved',
        checker: by.id,
        journalId: booked.value,
        note: found.value.proposal?.note ?? null,
        resolvedAt: context.now,
        events,
      });
      record(state, row, { state: 'approved', by: by.id, detail: {} }, events - 1n, context);
      const detail = booked.value === null ? {} : { journal_id: booked.value };
      record(state, row, { state: 'resolved', by: by.id, detail }, events, context);
      return ok({ exceptionId: id });
    },
  });
}

function book(
  { ledger }: ApproveUnits,
  row: ExceptionRow,
  context: CommandContext,
): Result<string | null, Refusal> {
  const [debit, credit] = sidesOf(row);
  if (!debit || !credit) return ok(null);
  const signed = row.amountMinor;
  assert(signed !== null && signed !== 0n, 'a journal is proposed for an amount');
  const id = context.newId(row.accountId ?? row.contractId ?? row.id);
  const amount = signed < 0n ? -signed : signed;
  const posted = ledger.post(
    {
      id,
      book: debit.book,
      cause: { module: 'reconciliation', object: row.id, command: context.key },
      transfers: [{ kind: 'posted', debit, credit, amount }],
    },
    context.now,
  );
  return posted.ok ? ok(id) : posted;
}

export interface ReopenInput {
  readonly id: string;
  readonly by: Actor;
  readonly reason: string;
}

/**
 * It was not over after all. A journal that was booked stays; what comes now is a journal of its
 * own.
 */
export function defineReopen(commands: CommandRunner): Command<ReopenInput, Answer> {
  return commands.define<ReopenInput, Units, Answer>({
    name: 'reconciliation.reopen_exception',
    units,
    load: (tx, state, calls) =>
      load(
        tx,
        state,
        calls.map(({ input }) => input.id),
      ),
    decide: (state, { id, by, reason }, context) => {
      const found = movable(state, id, 'reopened');
      if (!found.ok) return found;
      const events = found.value.events + 1n;
      const row = state.exceptions.update(id, {
        state: 'reopened',
        proposal: null,
        maker: null,
        checker: null,
        journalId: null,
        note: null,
        resolvedAt: null,
        deadline: context.now.add({ hours: 24 * daysToResolve(found.value.kind) }),
        events,
      });
      record(state, row, { state: 'reopened', by: by.id, detail: { reason } }, events, context);
      return ok({ exceptionId: id });
    },
  });
}
