import type { Database } from '@keyturn/pipeline';
import type { Command, CommandRunner } from '../../../platform/index.ts';
import {
  defineOpen,
  definePropose,
  exceptionIdOf,
  type FoundDifference,
  type ProposeInput,
  systemId,
} from '../commands/exceptions.ts';
import type { ExceptionKind } from '../decide/exception-state.ts';
import {
  type ExceptionBrief,
  type Place,
  readExceptionsByKey,
  readExceptionsOfDay,
} from '../store/exceptions.ts';
import { pieces } from '../store/matching.ts';

/** Opens what was found, and proposes the end of what is found no more. */
export interface Differences {
  open(found: readonly FoundDifference[]): Promise<void>;
  /**
   * Of a place's day, proposes the end of those exceptions of some kinds that this look did not
   * find. A person approves: the machine is the maker.
   */
  clear(
    place: Place,
    day: Temporal.PlainDate,
    kinds: ReadonlySet<ExceptionKind>,
    found: ReadonlySet<string>,
    note: string,
  ): Promise<void>;
  /** Proposes the end of exceptions by their keys, where they are open. */
  settle(keys: readonly string[], note: string): Promise<void>;
}

const waiting: ReadonlySet<string> = new Set(['open', 'assigned', 'reopened']);

export function createDifferences(deps: {
  readonly database: Database;
  readonly commands: CommandRunner;
}): Differences {
  const openOne = defineOpen(deps.commands);
  const proposeOne: Command<ProposeInput, unknown> = definePropose(deps.commands);

  async function propose(exceptions: readonly ExceptionBrief[], note: string): Promise<void> {
    for (const { id, state } of exceptions) {
      if (!waiting.has(state)) continue;
      const key = `reconciliation.propose:${id}:${note}`;
      const outcome = await proposeOne(key, { id, by: systemId, proposal: { note } });
      // Somebody was quicker: it is theirs now.
      if (!outcome.ok && outcome.error.code !== 'exception_state_conflict') {
        throw new Error(`an exception's end was not proposed: ${outcome.error.code}`);
      }
    }
  }

  return {
    open: async (found) => {
      for (const piece of pieces(found, 500)) {
        const known = await readExceptionsByKey(
          deps.database,
          piece.map(({ key }) => key),
        );
        const keys = new Set(known.map(({ key }) => key));
        const fresh = piece.filter(({ key }) => !keys.has(key));
        const outcomes = await Promise.all(
          fresh.map((one) => openOne(`reconciliation.open:${exceptionIdOf(one)}`, one)),
        );
        const refused = outcomes.find((outcome) => !outcome.ok);
        // Another look opened it meanwhile with other evidence: it is there.
        if (refused && !refused.ok && refused.error.code !== 'idempotency_conflict') {
          throw new Error(`an exception was not opened: ${refused.error.code}`);
        }
      }
    },
    clear: async (place, day, kinds, found, note) => {
      const known = await readExceptionsOfDay(deps.database, place, day);
      await propose(
        known.filter(({ kind, key }) => kinds.has(kind) && !found.has(key)),
        note,
      );
    },
    settle: async (keys, note) => {
      for (const piece of pieces(keys)) {
        await propose(await readExceptionsByKey(deps.database, piece), note);
      }
    },
  };
}
