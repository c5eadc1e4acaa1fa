import { hash, randomUUID } from 'node:crypto';
import {
  assert,
  type Clock,
  derivedId,
  type ErrorRegistry,
  ok,
  present,
  type Refusal,
  type Result,
  routeKeyOf,
} from '@keyturn/kernel';
import {
  combineUnits,
  createBatcher,
  type Database,
  insertRows,
  type Tx,
  toJson,
  type Unit,
} from '@keyturn/pipeline';
import type { Logger } from 'pino';
import { type EventRecord, eventTable, type NewEvent } from '../events/event.ts';
import { type CommandRecord, commandTable, readCommands } from './command-log.ts';

/** What a decision has besides the state: the time, ids, and a place for what happened. */
export interface CommandContext {
  /** The moment of the call. The same when the batch has to be sent again. */
  readonly now: Temporal.Instant;
  /** The command's key, the cause that journals name. */
  readonly key: string;
  /** A new id whose route key is that of `owner` (an id or name). The same when sent again. */
  newId(owner: string): string;
  /** Tells the world, in the same commit. */
  emit(event: NewEvent): void;
}

export interface CommandCall<Input> {
  readonly input: Input;
  readonly context: CommandContext;
}

/**
 * One kind of command. `units` are the parts of the state that a batch works on, in the order in
 * which they are locked and flushed: upper rows first, the ledger last. `load` locks and reads
 * them for the whole batch; `decide` carries out one call in memory, without waiting for
 * anything. `Input` and `Output` must be plain data: the output is stored and given again to a
 * repeat.
 */
export interface CommandKind<Input, Units extends Readonly<Record<string, Unit>>, Output> {
  readonly name: string;
  units(): Units;
  load(tx: Tx, units: Units, calls: readonly CommandCall<Input>[]): Promise<void>;
  decide(units: Units, input: Input, context: CommandContext): Result<Output, Refusal>;
  readonly maxBatch?: number;
}

/**
 * The answer of a command; `replayed` when it is the answer of an earlier call with the same key.
 */
export type CommandOutcome<Output> = Result<Output, Refusal> & { readonly replayed: boolean };

/**
 * Carries out the command under a key that names it for ever: `scope:what`. The same key with the
 * same input gives the first answer; with another input `idempotency_conflict`.
 *
 * @throws UnavailableError when the platform is too busy, or lost its database while committing
 */
export type Command<Input, Output> = (key: string, input: Input) => Promise<CommandOutcome<Output>>;

export interface CommandRunner {
  define<Input, Units extends Readonly<Record<string, Unit>>, Output>(
    kind: CommandKind<Input, Units, Output>,
  ): Command<Input, Output>;
  close(): Promise<void>;
}

export interface CommandRunnerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** All refusals of the platform: tells which of them depend on state and so burn the key. */
  readonly errors: ErrorRegistry;
  /** Called after each commit that wrote events. */
  readonly onEvents: () => void;
  readonly onBatch?: (figures: { name: string; size: number; durationMs: number }) => void;
}

interface Call<Input> {
  readonly key: string;
  readonly callId: string;
  readonly fingerprint: string;
  readonly input: Input;
  readonly now: Temporal.Instant;
}

type StoredOutcome = { readonly value: unknown } | { readonly refusal: Refusal };

export function createCommandRunner(options: CommandRunnerOptions): CommandRunner {
  const closers: (() => Promise<void>)[] = [];
  return {
    define: (kind) => {
      const { command, close } = defineCommand(options, kind);
      closers.push(close);
      return command;
    },
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

function defineCommand<Input, Units extends Readonly<Record<string, Unit>>, Output>(
  options: CommandRunnerOptions,
  kind: CommandKind<Input, Units, Output>,
): { command: Command<Input, Output>; close(): Promise<void> } {
  const running = new Map<
    string,
    { fingerprint: string; outcome: Promise<CommandOutcome<Output>> }
  >();
  let eventsWritten = false;
  const batcher = createBatcher<Call<Input>, CommandOutcome<Output>>({
    name: kind.name,
    database: options.database,
    execute: (tx, calls) =>
      executeBatch(options, kind, tx, calls, () => {
        eventsWritten = true;
      }),
    ...(kind.maxBatch === undefined ? {} : { maxBatch: kind.maxBatch }),
    onBatch: ({ size, durationMs }) => {
      if (eventsWritten) options.onEvents();
      eventsWritten = false;
      options.onBatch?.({ name: kind.name, size, durationMs });
    },
  });

  async function command(key: string, input: Input): Promise<CommandOutcome<Output>> {
    const fingerprint = hash('sha256', `${kind.name}\n${toJson(input)}`).slice(0, 32);
    const same = running.get(key);
    if (same) {
      if (same.fingerprint !== fingerprint) return { ...conflict(key), replayed: false };
      return { ...(await same.outcome), replayed: true };
    }
    const now = options.clock.now();
    const outcome = batcher.submit({ key, callId: randomUUID(), fingerprint, input, now });
    running.set(key, { fingerprint, outcome });
    try {
      return await outcome;
    } finally {
      running.delete(key);
    }
  }

  return { command, close: batcher.close };
}

function conflict(key: string): { readonly ok: false; readonly error: Refusal } {
  // The scope before the first colon is ours; the caller sees the key as it was sent.
  const sent = key.slice(key.indexOf(':') + 1);
  return { ok: false, error: { code: 'idempotency_conflict', values: { key: sent } } };
}

async function executeBatch<Input, Units extends Readonly<Record<string, Unit>>, Output>(
  options: CommandRunnerOptions,
  kind: CommandKind<Input, Units, Output>,
  tx: Tx,
  calls: readonly Call<Input>[],
  onEvents: () => void,
): Promise<readonly CommandOutcome<Output>[]> {
  const units = kind.units();
  const all = combineUnits(Object.values(units));
  const contexts = calls.map((call) => createContext(call));
  await kind.load(
    tx,
    units,
    calls.map((call, index) => ({
      input: call.input,
      context: present(contexts[index], 'a context').context,
    })),
  );
  // Read after the locks, in a statement of its own: what another transaction answered is visible
  // now.
  const known = await readCommands(
    tx,
    calls.map((call) => call.key),
  );
  const records: CommandRecord[] = [];
  const events: EventRecord[] = [];
  const outcomes = calls.map((call, index): CommandOutcome<Output> => {
    const before = known.get(call.key);
    if (before) return replay<Output>(before, call);
    const { context, emitted } = present(contexts[index], 'a context');
    const marks = all.mark();
    const result = guarded(options, kind, units, call, context);
    if (result.ok) events.push(...emitted());
    else all.undo(marks);
    const record = recordOf(options, kind.name, call, result);
    if (record) {
      records.push(record);
      known.set(call.key, record);
    }
    return { ...result, replayed: false };
  });
  all.flush(tx);
  insertRows(tx, eventTable, events);
  insertRows(tx, commandTable, records);
  if (events.length > 0) onEvents();
  return outcomes;
}

/** A bug in one decision must not cost its neighbours: it is undone, logged and answered alone. */
function guarded<Input, Units extends Readonly<Record<string, Unit>>, Output>(
  options: CommandRunnerOptions,
  kind: CommandKind<Input, Units, Output>,
  units: Units,
  call: Call<Input>,
  context: CommandContext,
): Result<Output, Refusal> {
  try {
    return kind.decide(units, call.input, context);
  } catch (error) {
    options.logger.error(
      { err: error, command: kind.name, call: call.callId },
      'a decision failed',
    );
    return { ok: false, error: { code: 'internal_error', values: { reference: call.callId } } };
  }
}

function createContext<Input>(call: Call<Input>): {
  context: CommandContext;
  emitted(): readonly EventRecord[];
} {
  let ids = 0;
  const events: EventRecord[] = [];
  const newId = (owner: string) => {
    ids += 1;
    return derivedId(call.now, call.callId, ids, routeKeyOf(owner));
  };
  return {
    context: {
      now: call.now,
      key: call.key,
      newId,
      emit: (event) => {
        events.push({ ...event, id: newId(event.objectId), occurredAt: call.now });
      },
    },
    emitted: () => events,
  };
}

/**
 * What is kept of an answer. A refusal of the request's form, or of a bug, does not burn the key.
 */
function recordOf<Input, Output>(
  options: CommandRunnerOptions,
  kind: string,
  call: Call<Input>,
  result: Result<Output, Refusal>,
): CommandRecord | undefined {
  let outcome: StoredOutcome;
  if (result.ok) {
    outcome = { value: result.value ?? null };
  } else {
    const definition = options.errors[result.error.code];
    assert(definition !== undefined, `error code ${result.error.code} is registered`);
    if ([400, 404, 422, 500].includes(definition.status)) return undefined;
    outcome = { refusal: result.error };
  }
  const { key, callId, fingerprint, now } = call;
  return { key, kind, fingerprint, callId, outcome, recordedAt: now };
}

function replay<Output>(before: CommandRecord, call: Call<unknown>): CommandOutcome<Output> {
  if (before.fingerprint !== call.fingerprint) return { ...conflict(call.key), replayed: false };
  // Our own batch, sent again after the connection was lost while committing: this is the first
  // answer.
  const replayed = before.callId !== call.callId;
  const outcome = before.outcome as StoredOutcome;
  if ('refusal' in outcome) return { ok: false, error: outcome.refusal, replayed };
  return { ...ok(outcome.value as Output), replayed };
}
