import { present } from '@keyturn/kernel';
import { type Database, openDatabase } from '@keyturn/pipeline';
import type { TestDatabase } from '@keyturn/testkit';
import type { Makers } from '../../../src/main/compose.ts';
import {
  type Command,
  type CommandRunner,
  type CommandRunnerOptions,
  createCommandRunner,
} from '../../../src/platform/index.ts';
import { behindGate, createGate, type Gate } from './gate.ts';
import { type Eye, openEye } from './picture.ts';
import { everyPlace, somePlaces } from './places.ts';
import { tryCall } from './trial.ts';
import { createWire, type Ending, endings, type Wire } from './wire.ts';

/** What a kind of command went through. */
export interface KindReport {
  readonly kind: string;
  readonly endings: readonly Ending[];
  readonly cuts: number;
  readonly defects: readonly string[];
}

/** Makers of processes whose commands lose their connections. */
export interface Cuts {
  readonly makers: Partial<Makers>;
  readonly eye: Eye;
  /** All kinds of commands that the processes have. */
  report(): readonly KindReport[];
  close(): Promise<void>;
}

type Account = Omit<KindReport, 'kind'>;

interface Bench {
  readonly eye: Eye;
  readonly wire: Wire;
  readonly gate: Gate;
  readonly exhaustive: boolean;
  readonly accounts: Map<string, Account>;
  /** The same database over sound connections, past the gate. */
  readonly sound: Database;
}

/** @param exhaustive cuts at every message, instead of one in each statement and each answer */
export async function createCuts(database: TestDatabase, exhaustive: boolean): Promise<Cuts> {
  const eye = await openEye(database.superuserUrl);
  const wire = await createWire(database.url);
  const gate = createGate();
  const sound = database.open({ maxConnections: 1 });
  const bench: Bench = { eye, wire, gate, exhaustive, accounts: new Map(), sound };
  return {
    eye,
    makers: {
      openDatabase: (options) => behindGate(openDatabase(options), gate),
      createCommandRunner: (options) => createCutRunner(bench, options),
    },
    report: () => [...bench.accounts].map(([kind, account]) => ({ kind, ...account })),
    close: async () => {
      await wire.close();
      await eye.close();
    },
  };
}

/**
 * The first calls of each kind that change something go through the cuts, one for each ending, and
 * the first one at every place; all the others are carried out as usual.
 */
function createCutRunner(bench: Bench, options: CommandRunnerOptions): CommandRunner {
  const usual = createCommandRunner(options);
  const cut = createCommandRunner({ ...options, database: bench.wire.database });
  const sound = createCommandRunner({ ...options, database: bench.sound });
  return {
    define: (kind) => {
      const runners = {
        usual: usual.define(kind),
        cut: cut.define(kind),
        sound: sound.define(kind),
      };
      if (!bench.accounts.has(kind.name)) {
        bench.accounts.set(kind.name, { endings: [], cuts: 0, defects: [] });
      }
      return async (key, input) => {
        const done = bench.accounts.get(kind.name)?.endings.length;
        if (done === endings.length) return runners.usual(key, input);
        const outcome = await bench.gate.alone(() => put(bench, kind.name, runners, key, input));
        return outcome ?? runners.usual(key, input);
      };
    },
    close: async () => {
      await Promise.all([usual, cut, sound].map((runner) => runner.close()));
    },
  };
}

interface Runners<Input, Output> {
  readonly cut: Command<Input, Output>;
  readonly sound: Command<Input, Output>;
}

/** Puts a call through the cuts that its kind still misses; undefined when it misses none. */
async function put<Input, Output>(
  bench: Bench,
  kind: string,
  { cut, sound }: Runners<Input, Output>,
  key: string,
  input: Input,
) {
  const account = present(bench.accounts.get(kind), 'a kind that was defined');
  const ending = endings[account.endings.length];
  if (ending === undefined) return undefined;
  const turn = [...bench.accounts.keys()].indexOf(kind);
  const tried = await tryCall(bench, {
    ...{ kind, key, ending },
    places: (passed) => {
      if (account.endings.length > 0) return [];
      return bench.exhaustive ? everyPlace(passed) : somePlaces(passed, turn);
    },
    call: () => cut(key, input),
    repeat: () => sound(key, input),
  });
  if (tried === undefined) return undefined;
  bench.accounts.set(kind, {
    endings: [...account.endings, ending],
    cuts: account.cuts + tried.cuts,
    defects: [...account.defects, ...tried.defects],
  });
  return tried.outcome;
}
