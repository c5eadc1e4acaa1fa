import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PartitionAdmin } from '../index.ts';
import { openAdmin, sealUpTo } from '../test/parts.ts';
import { begin, type Counts, carryOut, compareAccounts, type Model } from '../test/play.ts';
import { createWorld, type World } from '../test/world.ts';
import { histories } from './histories.ts';

/** Random histories over parts that end, are packed, taken out and put back in between. */

const moves = fc.constantFrom('cut', 'cut', 'pack', 'detach', 'detach', 'detach', 'attach');
/** Before which step of a history something is done with a part. */
const arrangements = fc.array(fc.tuple(fc.nat({ max: 29 }), moves), {
  minLength: 8,
  maxLength: 16,
  size: 'max',
});

/** What was done with parts, in the ledger and in the model. */
function createParts(world: World, model: Model, admin: PartitionAdmin, counts: Counts) {
  let cut = 0;
  let out = 0;

  async function move(what: string): Promise<string> {
    if (what === 'cut') {
      const begun = await admin.begin();
      if (!begun.ok) return begun.error.code;
      cut += 1;
      await sealUpTo(world.testDatabase, cut);
      model.cut();
      return 'cut';
    }
    const wanted = what === 'attach' ? out : what === 'detach' ? out + 1 : cut;
    const done = await admin[what as 'attach' | 'detach' | 'pack'](wanted);
    const code = done.ok ? what : done.error.code;
    expect(code).toBe(expected(what, wanted));
    if (code === 'attach') out -= 1;
    if (code === 'detach') out += 1;
    model.takeOut(out);
    return code;
  }

  function expected(what: string, wanted: number): string {
    if (what === 'attach') return wanted === 0 ? 'partition_out_of_order' : what;
    if (wanted === 0 || wanted > cut) return 'partition_not_cut';
    if (what === 'detach' && model.holdsOpenIn(wanted)) return 'partition_holds_open';
    // A table that is taken out can be packed as well.
    return what;
  }

  return async (what: string) => {
    const code = await move(what);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  };
}

test('random histories over several parts answer and end as the model says', async () => {
  const counts: Counts = new Map();
  await fc.assert(
    fc.asyncProperty(histories, arrangements, async (steps, arranged) => {
      const world = await createWorld();
      const admin = openAdmin(world.testDatabase);
      const { model, requests } = await begin(world);
      const arrange = createParts(world, model, admin, counts);
      for (const [place, step] of steps.entries()) {
        for (const [before, what] of arranged)
          if (before % steps.length === place) await arrange(what);
        await carryOut(world, model, requests, step, counts);
        await compareAccounts(world, model, requests);
      }
      await admin.close();
      expect(await world.end()).toEqual([]);
    }),
    { numRuns: 30 },
  );
  for (const code of ['ok', 'cut', 'pack', 'detach', 'attach']) {
    expect(counts.get(code), code).toBeGreaterThan(0);
  }
}, 240_000);
