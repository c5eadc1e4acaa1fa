import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatherCast } from '../src/main/demo/cast.ts';
import { type Answer, call } from '../src/main/demo/client.ts';
import { until } from '../src/main/demo/world.ts';
import { startTestWorld, type TestWorld } from './world.ts';

let world: TestWorld;

beforeAll(async () => {
  world = await startTestWorld();
});
afterAll(() => world?.close());

it('leaves no notice behind when the clock leaps over the end of a day', async () => {
  const { finance, world: outside } = gatherCast(world, 'leap', () => undefined);
  // The bank has booked the opening balance and told of it before anybody listened.
  const opened = await outside.now();
  await outside.advanceTo(opened.add({ days: 1 }).with({ hour: 10, minute: 15 }));
  const { body } = await call(`${world.sandboxAdmin}/deliveries?state=delivered`);
  expect(body.deliveries).toHaveLength(1);
  const date = opened.toPlainDate().toString();
  let asked = 0;
  await until(`the statements of ${date} are matched`, async () => {
    asked += 1;
    const done = await finance.post('/v1/reconciliations', { date }, `leap-${asked}`);
    return done.statements.every((one: Answer) => one.status === 'matched') || undefined;
  });
  expect((await finance.get('/v1/exceptions')).items).toEqual([]);
});
