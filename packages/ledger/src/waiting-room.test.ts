import { UnavailableError } from '@keyturn/pipeline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.ts';

let room: WaitingRoom<string, string>;
let elsewhere = 0;

beforeEach(() => {
  vi.useFakeTimers();
  elsewhere = 0;
  room = createWaitingRoom({ name: 'door', maxWaiting: 10, elsewhere: () => elsewhere });
});
afterEach(() => {
  vi.useRealTimers();
});

const single = { bulk: false } as const;
const bulk = { bulk: true } as const;

function calls(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index}`);
}

/** What became of a call, to be looked at without waiting for it. */
function watch(entered: Promise<readonly string[]>): { seen: unknown } {
  const watched: { seen: unknown } = { seen: 'waits' };
  entered.then(
    (outcomes) => {
      watched.seen = outcomes;
    },
    (error) => {
      watched.seen = error instanceof UnavailableError ? error.reason : error;
    },
  );
  return watched;
}

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

function taken(size: number): string[] {
  return room.take(size).flatMap((party) => party.calls);
}

test('calls are taken in the order of coming, and no party is divided', () => {
  watch(room.enter(['a'], single));
  watch(room.enter(['b', 'c', 'd'], single));
  watch(room.enter(['e'], single));
  expect(room.waiting()).toBe(5);
  expect(taken(2)).toEqual(['a', 'b', 'c', 'd']);
  expect(taken(2)).toEqual(['e']);
  expect(taken(2)).toEqual([]);
  expect(room.waiting()).toBe(0);
});

test('those who bring one come in between those who bring many, who keep a part', () => {
  watch(room.enter(calls('many', 2), bulk));
  watch(room.enter(calls('more', 2), bulk));
  for (const call of calls('one', 6)) watch(room.enter([call], single));
  expect(taken(4)).toEqual(['one0', 'one1', 'one2', 'many0', 'many1']);
  expect(taken(4)).toEqual(['one3', 'one4', 'one5', 'more0', 'more1']);
  watch(room.enter(calls('rest', 3), bulk));
  expect(taken(4)).toEqual(['rest0', 'rest1', 'rest2']);
});

test('a full room says at once when to come again, and counts what waits behind it', async () => {
  watch(room.enter(calls('x', 10), bulk));
  const refused = await room.enter(['late'], single).catch((error: unknown) => error);
  expect(refused).toMatchObject({ reason: 'busy', retryAfterMs: expect.any(Number) });
  expect(taken(10)).toHaveLength(10);
  elsewhere = 10;
  await expect(room.enter(['later'], single)).rejects.toMatchObject({ reason: 'busy' });
  elsewhere = 9;
  watch(room.enter(['in'], single));
  expect(taken(1)).toEqual(['in']);
});

test('an empty room takes a party that is larger than it', () => {
  watch(room.enter(calls('x', 11), bulk));
  expect(room.waiting()).toBe(11);
});

test('who waited too long is told so and not taken, with a deadline of its own or without', async () => {
  const own = watch(room.enter(['own'], { ...single, deadlineMs: 100 }));
  const common = watch(room.enter(['common'], single));
  await vi.advanceTimersByTimeAsync(99);
  expect(own.seen).toBe('waits');
  await vi.advanceTimersByTimeAsync(1);
  expect(own.seen).toBe('expired');
  expect(room.waiting()).toBe(1);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(common.seen).toBe('waits');
  expect(taken(5)).toEqual([]);
  await settled();
  expect(common.seen).toBe('expired');
});

test('who gives up before it was begun leaves nothing, and afterwards does not know', async () => {
  const early = new AbortController();
  const late = new AbortController();
  const first = watch(room.enter(['first'], { ...single, signal: early.signal }));
  const second = watch(room.enter(['second'], { ...single, signal: late.signal }));
  early.abort();
  const parties = room.take(5);
  expect(parties.map((party) => party.calls)).toEqual([['second']]);
  late.abort();
  await settled();
  expect([first.seen, second.seen]).toEqual(['canceled', 'unknown']);
  const never = room.enter(['never'], { ...single, signal: AbortSignal.abort() });
  await expect(never).rejects.toMatchObject({ reason: 'canceled' });
  expect(room.waiting()).toBe(0);
});

test('a deadline that passes while it is written leaves the outcome unknown', async () => {
  const call = watch(room.enter(['call'], { ...single, deadlineMs: 100 }));
  room.take(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(call.seen).toBe('unknown');
});

test('who was answered is not told anything later', async () => {
  const controller = new AbortController();
  const options = { ...single, deadlineMs: 100, signal: controller.signal };
  const call = watch(room.enter(['call'], options));
  for (const party of room.take(1)) party.resolve(['done']);
  controller.abort();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(call.seen).toEqual(['done']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a closed room lets nobody in, and those who wait are still taken', async () => {
  watch(room.enter(['in'], single));
  room.close();
  await expect(room.enter(['out'], single)).rejects.toMatchObject({ reason: 'closed' });
  expect(taken(5)).toEqual(['in']);
});
