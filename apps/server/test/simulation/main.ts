import { parseArgs } from 'node:util';
import setUp from '../global-setup.ts';
import { SimulationFailure, simulate } from './driver.ts';

const usage = `Usage: npm run simulate -- [--seed 1] [--seeds 20] [--deals 50 | --steps 500]
  [--check-every 1] [--quiet]

  --seed         the first seed
  --seeds        how many, one after the other
  --deals        goes on until so many deals were opened
  --steps        how many actions
  --check-every  asks what must hold after so many steps; finds the step when it does not`;

function whole(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number.parseInt(text, 10);
  throw new Error(`--${name} is a whole number from 1 on.\n${usage}`);
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    deals: { type: 'string' },
    steps: { type: 'string' },
    'check-every': { type: 'string', default: '1' },
    quiet: { type: 'boolean', default: false },
  },
});
const first = whole('seed', values.seed);
const deals = values.deals === undefined ? {} : { deals: whole('deals', values.deals) };
// A deal takes some forty actions of all kinds; the bound only keeps a mistake from being endless.
const bound = deals.deals === undefined ? 500 : deals.deals * 500;
const steps = values.steps === undefined ? bound : whole('steps', values.steps);
const checkEvery = whole('check-every', values['check-every']);
const say = (line: string) => process.stdout.write(`${line}\n`);

const tearDown = await setUp();
try {
  for (let seed = first; seed < first + whole('seeds', values.seeds); seed++) {
    const options = { seed, steps, checkEvery, ...deals, ...(values.quiet ? {} : { say }) };
    say(`seed ${seed}: ${JSON.stringify(await simulate(options))}`);
  }
} catch (error) {
  if (!(error instanceof SimulationFailure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await tearDown();
}
