import { createRandom, type Finding } from '@keyturn/testkit';
import { brokenIn } from '../invariants/check.ts';
import { dealActions } from './actions/deals.ts';
import { moneyOutActions } from './actions/money-out.ts';
import { orderActions } from './actions/orders.ts';
import { proceedActions } from './actions/proceed.ts';
import { timeActions } from './actions/time.ts';
import { troubleActions } from './actions/trouble.ts';
import { gatherCast } from './cast.ts';
import { type Figures, finish } from './finish.ts';
import { type Action, createStage, type Stage } from './stage.ts';
import { type SimulatedWorld, startSimulatedWorld } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** How many actions at most. */
  readonly steps: number;
  /** Ends earlier, when so many deals were opened. */
  readonly deals?: number;
  /**
   * What must hold is asked after every so many steps. When it does not, the run is played again
   * and asked after each of those, to show the one that broke it.
   */
  readonly checkEvery: number;
  readonly say?: (line: string) => void;
}

/** What a run came through. */
export interface SimulationReport extends Figures {
  readonly steps: number;
}

/** A run that found something, with the way there: the seed plays it again. */
export class SimulationFailure extends Error {
  override name = 'SimulationFailure';
  /** The step after which it was found; the last one when it was found in the end. */
  readonly step: number;
  constructor(message: string, step: number) {
    super(message);
    this.step = step;
  }
}

const actions: readonly Action[] = [
  ...proceedActions,
  ...dealActions,
  ...orderActions,
  ...moneyOutActions,
  ...troubleActions,
  ...timeActions,
];

/**
 * Plays random deals with random troubles, one action at a time: what it leads to is done before
 * the next one, and what must hold is asked. Then all is brought to an end, and every day is
 * proven against the bank.
 *
 * @throws SimulationFailure with the log of the steps
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  try {
    return await play(options);
  } catch (error) {
    const asked = options.checkEvery > 1 && error instanceof SimulationFailure;
    if (!asked) throw error;
    // Asking more often changes nothing of the course: it breaks at the same step, or later.
    await play({ ...options, steps: error.step, checkEvery: 1 });
    throw error;
  }
}

async function play(options: SimulationOptions): Promise<SimulationReport> {
  const log: string[] = [];
  const note = (line: string) => {
    log.push(line);
    options.say?.(line);
  };
  let step = 0;
  const world = await startSimulatedWorld();
  try {
    const stage = createStage(world, createRandom(options.seed));
    await gatherCast(stage);
    const enough = () => stage.known.deals.length >= (options.deals ?? Number.POSITIVE_INFINITY);
    while (step < options.steps && !enough()) {
      step += 1;
      note(`${step}. ${await takeStep(stage)}`);
      if (step % options.checkEvery === 0) await mustBeSound(world);
    }
    note('the end');
    await mustBeSound(world);
    return { steps: step, ...(await finish(stage)) };
  } catch (error) {
    throw new SimulationFailure(story(options, log, error), step);
  } finally {
    await world.close();
  }
}

function story({ seed, steps }: SimulationOptions, log: readonly string[], error: unknown): string {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const replay = `npm run simulate -- --seed ${seed} --steps ${steps}`;
  return `Seed ${seed} failed after these steps (${replay}):\n${log.join('\n')}\n${said}`;
}

/** One action that can be done, and all that it leads to. */
async function takeStep(stage: Stage): Promise<string> {
  for (;;) {
    const action = stage.random.weighted(actions);
    const done = await action.act(stage);
    if (done === undefined) continue;
    await stage.world.rest();
    return `${action.name}: ${done}`;
  }
}

async function mustBeSound(world: SimulatedWorld): Promise<void> {
  const findings = await brokenIn(world.reader);
  if (findings.length > 0) throw new Error(findings.map(inWords).join('\n'));
}

export function inWords({ rule, subject, detail }: Finding): string {
  return `BROKEN: ${rule}: ${subject}: ${detail}`;
}
