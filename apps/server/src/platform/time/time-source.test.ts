import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../telemetry/logger.ts';
import { type FollowedClock, followTime } from './time-source.ts';

let server: Server;
let said: string;
let clock: FollowedClock;

beforeEach(async () => {
  server = createServer((_request, response) => response.end(JSON.stringify({ now: said })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await clock.stop();
  server.close();
});

async function follow(now: string): Promise<FollowedClock> {
  said = now;
  const { port } = server.address() as AddressInfo;
  clock = await followTime(`http://127.0.0.1:${port}`, createLogger('test', 'silent'), 5);
  return clock;
}

const year = (of: FollowedClock) => of.now().toZonedDateTimeISO('UTC').year;

test.each(['2001-02-03T04:05:06Z', '2093-02-03T04:05:06Z'])(
  'a clock begins at %s if its source does',
  async (now) => {
    expect(year(await follow(now))).toBe(Temporal.PlainDate.from(now.slice(0, 10)).year);
  },
);

test('a clock follows its source forward and never back', async () => {
  const followed = await follow('2093-02-03T04:05:06Z');
  expect(year(followed)).toBe(2093);
  said = '2094-02-03T04:05:06Z';
  await expect.poll(() => year(followed)).toBe(2094);
  const offset = followed.offsetMs();
  said = '2092-02-03T04:05:06Z';
  await expect.poll(() => followed.offsetMs()).not.toBe(offset);
  expect(year(followed)).toBe(2094);
});
