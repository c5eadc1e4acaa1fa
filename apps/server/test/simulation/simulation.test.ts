import { expect, test } from 'vitest';
import { simulate } from './driver.ts';

/**
 * Random deals with random troubles. KEYTURN_SIMULATION_SEEDS=1,2,3 plays other seeds than the one
 * of every day, KEYTURN_SIMULATION_STEPS longer ones; a failure prints the steps that led to it.
 */
const seeds = (process.env['KEYTURN_SIMULATION_SEEDS'] ?? '1').split(',').map(Number);
const steps = Number(process.env['KEYTURN_SIMULATION_STEPS'] ?? '250');

test.each(seeds)(
  'whatever everybody does with seed %i, the books hold after each step and every day is proven',
  async (seed) => {
    const report = await simulate({ seed, steps, checkEvery: 1 });
    process.stdout.write(`simulation: ${JSON.stringify({ seed, ...report })}\n`);
    expect(report.steps).toBe(steps);
    expect(report.transfers).toBeGreaterThan(20);
  },
  3_600_000,
);
