import { setTimeout as wait } from 'node:timers/promises';
import { type Queryable, toJson } from '@keyturn/pipeline';
import type { CommandOutcome } from '../../../src/platform/index.ts';
import { changesBetween, type Eye, type Picture } from './picture.ts';
import type { Ending, Passed, Place, Run, Watch, Wire } from './wire.ts';
import { wireName } from './wire.ts';

/** One call that is put through the cuts. */
export interface Trial<Output> {
  readonly kind: string;
  readonly key: string;
  readonly ending: Ending;
  /** Which messages before the COMMIT are cut, in an attempt each. */
  places(passed: Passed): readonly Place[];
  /** The call over the wire on which connections are lost. */
  call(): Promise<CommandOutcome<Output>>;
  /** The same call by another process, over a sound connection. */
  repeat(): Promise<CommandOutcome<Output>>;
}

export interface Tried<Output> {
  readonly outcome: CommandOutcome<Output>;
  readonly cuts: number;
  /** Sentences about what must not be. */
  readonly defects: readonly string[];
}

const writeText = /^\s*(?:insert\s+into|update)\s+([a-z_."]+)/i;

/** Whether a command does more than to keep its answer. */
function hasEffect({ statements }: Run<unknown>): boolean {
  return statements.some((text) => {
    const table = writeText.exec(text)?.[1];
    return table !== undefined && table !== 'platform.command';
  });
}

function isFirstSuccess(worked: unknown): boolean {
  if (!Array.isArray(worked)) return false;
  const [outcome]: unknown[] = worked;
  return (
    typeof outcome === 'object' &&
    outcome !== null &&
    'ok' in outcome &&
    outcome.ok === true &&
    'replayed' in outcome &&
    outcome.replayed === false
  );
}

/**
 * Puts a call through its cuts. Up to the COMMIT each attempt must leave every table as it was, so
 * that the next attempt finds the same state; the last one loses its connection around the COMMIT
 * and must be done once, answered, and answered again.
 *
 * @returns undefined when the call changes nothing or is refused: nothing was done
 */
export async function tryCall<Output>(
  { eye, wire }: { readonly eye: Eye; readonly wire: Wire },
  trial: Trial<Output>,
): Promise<Tried<Output> | undefined> {
  const defects: string[] = [];
  const before = await eye.look();
  let expected: readonly string[] = [];
  let worthwhile = false;
  const rehearsal = await wire.run('rehearse', trial.call, {
    onWorked: async (tx, worked) => {
      worthwhile = isFirstSuccess(worked);
      expected = changesBetween(before, await eye.look(tx));
    },
  });
  const untouched = async (when: string) => {
    const changes = changesBetween(before, await eye.look());
    if (changes.length > 0) defects.push(`${when}, it had changed ${changes.join(', ')}`);
  };
  await untouched('cut before the COMMIT arrived');
  if (!worthwhile || !hasEffect(rehearsal)) return undefined;
  let cuts = 1;
  for (const place of trial.places(rehearsal.passed)) {
    const when = `cut ${place.direction} at message ${place.message}`;
    const { answer } = await wire.run(place, trial.call, {});
    if (answer !== undefined) defects.push(`${when}, it was answered`);
    await untouched(when);
    cuts += 1;
  }
  const outcome = await finish({ eye, wire }, trial, { before, expected }, defects);
  return { outcome, cuts: cuts + 1, defects };
}

async function finish<Output>(
  { eye, wire }: { readonly eye: Eye; readonly wire: Wire },
  trial: Trial<Output>,
  { before, expected }: { readonly before: Picture; readonly expected: readonly string[] },
  defects: string[],
): Promise<CommandOutcome<Output>> {
  const { ending, call, repeat } = trial;
  const once = async (when: string): Promise<Picture> => {
    const after = await eye.look();
    const changes = changesBetween(before, after);
    if (changes.join() !== expected.join()) {
      defects.push(`${ending}: ${when} it had changed ${changes} instead of ${expected}`);
    }
    return after;
  };
  const { answer, lost } = await end(eye, wire, ending, call, once);
  if (!lost) defects.push(`${ending}: the connection was not lost`);
  const done = await once('when it was answered');
  const again = await repeat();
  const strange = changesBetween(done, await eye.look());
  if (strange.length > 0) defects.push(`${ending}: the repeat changed ${strange.join(', ')}`);
  if (!answer?.ok || answer.replayed) defects.push(`${ending}: answered ${toJson(answer)}`);
  const isSame = answer?.ok && again.ok && toJson(answer.value) === toJson(again.value);
  if (!isSame || !again.replayed) defects.push(`${ending}: the repeat gave ${toJson(again)}`);
  const kept = await storedAnswers(eye.database, trial);
  if (kept !== 1n) defects.push(`${ending}: ${kept} answers are stored`);
  return answer ?? again;
}

async function end<Output>(
  eye: Eye,
  wire: Wire,
  ending: Ending,
  call: Trial<Output>['call'],
  once: (when: string) => Promise<unknown>,
): Promise<{ readonly answer: CommandOutcome<Output> | undefined; readonly lost: boolean }> {
  let lost = false;
  let answered = false;
  const watch: Watch = {
    onLost: async () => {
      lost = true;
      // A COMMIT that comes late is seen when the answer is there.
      if (ending !== 'commit_late') await once('when its connection was lost');
    },
    secondWaits: async () => {
      while (!answered && !(await eye.waits(wireName))) await wait(5);
    },
  };
  try {
    const { answer } = await wire.run(ending, call, watch);
    return { answer, lost };
  } finally {
    answered = true;
  }
}

async function storedAnswers(
  database: Queryable,
  { kind, key }: Pick<Trial<unknown>, 'kind' | 'key'>,
): Promise<bigint> {
  const sql = 'select count(*) as kept from platform.command where kind = $1 and key = $2';
  const [row] = await database.query<{ kept: bigint }>(sql, [kind, key]);
  return row?.kept ?? 0n;
}
