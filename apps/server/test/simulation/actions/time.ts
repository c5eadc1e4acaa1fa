import type { Action, Stage } from '../stage.ts';

function pass(name: string, weight: number, much: (stage: Stage) => Temporal.DurationLike): Action {
  return {
    name,
    weight,
    act: async (stage) => {
      await stage.world.advance(much(stage));
      return stage.world.now().toPlainDateTime().toString().slice(0, 19);
    },
  };
}

/** To a time of the next day, when files and settlements have come. */
async function sleep({ random, world }: Stage): Promise<string> {
  const now = world.now();
  const hour = random.oneOf([8, 9, 10, 11]);
  const morning = now.add({ days: 1 }).with({ hour, minute: random.integer(0, 59), second: 0 });
  await world.advance(now.until(morning));
  return world.now().toPlainDateTime().toString().slice(0, 16);
}

export const timeActions: readonly Action[] = [
  pass('seconds', 12, ({ random }) => ({ seconds: random.integer(2, 20) })),
  pass('minutes', 5, ({ random }) => ({ minutes: random.integer(1, 30) })),
  pass('hours', 2, ({ random }) => ({ hours: random.integer(1, 5) })),
  { name: 'sleep', weight: 4, act: sleep },
];
