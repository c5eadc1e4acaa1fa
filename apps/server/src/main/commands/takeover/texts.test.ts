import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  anna,
  createTakeoverWorld,
  type TakeoverWorld,
  takeover,
} from '../../../../../../packages/ledger/src/takeover/test/world.ts';
import {
  comparisonText,
  differencesText,
  gateText,
  importText,
  moved,
  shadowText,
  statusText,
} from './texts.ts';

/** What a person reads at each step of a real takeover. */

let world: TakeoverWorld;
beforeAll(async () => {
  world = await createTakeoverWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

const wallet = (account: string, amount: bigint) => ({ account, subject: '2201', amount });

async function said<T>(
  step: Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false }>,
  text: (value: T) => string,
): Promise<string> {
  const result = await step;
  if (!result.ok) throw new Error('refused');
  return text(result.value);
}

test('the history, in parts and whole', async () => {
  const { old, clock, service } = world;
  for (let row = 0; row < 1_001; row += 1) old.move(wallet('W1', 100n));
  clock.advance({ minutes: 1 });
  expect(await said(service.importHistory(takeover, 1), importText)).toBe(
    '1000 rows read, 1 pieces imported. Run it again to go on.',
  );
  const whole = await said(service.importHistory(takeover), importText);
  expect(whole).toContain('1 rows read, 2 pieces imported. The history is complete.');
  expect(whole).toContain('position 1001: no account differs.');
  expect(whole).toMatch(/^ *2201 +1 +0 +1,001\.00 +1,001\.00 +0\.00$/m);
});

test('new rows, what differs and why, and what is missing at the gate', async () => {
  const { old, clock, service } = world;
  old.move(wallet('W1', 50n));
  old.moveUnseen(wallet('W2', 70n));
  clock.advance({ minutes: 1 });
  expect(await said(service.shadow(takeover), shadowText)).toBe(
    '1 rows up to position 1002: 1 booked; 0 repeated, 0 with another content.',
  );
  expect(await said(service.compare(takeover), comparisonText)).toContain(
    '1 accounts differ or have open rows.',
  );
  const found = await said(service.differences(takeover), differencesText);
  expect(found).toMatch(/2201 +W2 +late_row +0\.70 +0\.00 +0\.00 +0\.70 +open/);
  expect(found).toMatch(/^late_row +The old balance moved and its row is not visible yet/m);
  expect(await said(service.gate(takeover), gateText)).toMatch(
    /^ *2201 +old +closed +0\/3 +1 accounts differed today; 0 of 3 days/m,
  );
  old.moveUnseen(wallet('W2', -70n));
  clock.advance({ hours: 24 });
  await service.compare(takeover);
  expect(await said(service.differences(takeover), differencesText)).toBe('No differences.');
});

test('the switch, and all of it together', async () => {
  const { clock, service } = world;
  const before = await said(service.status(takeover), statusText);
  expect(before).toContain('The old ledger leads every subject.');
  for (let day = 0; day < 4; day += 1) {
    await service.compare(takeover);
    clock.advance({ hours: 24 });
  }
  expect(await said(service.switchSubjects(takeover, ['2201'], anna), moved)).toMatch(
    /^The new ledger leads 2201 since 2026-\S+Z \(the old ledger's clock\)\.$/,
  );
  const status = await said(service.status(takeover), statusText);
  expect(status).toContain('plan version 1.');
  expect(status).toContain('Rows read up to position 1002, 0 of them not booked.');
  expect(status).toContain('0 differences open. Mirror: empty.');
  expect(status).toMatch(/^ *2201 +new +2026-\S+ +Anna +as planned$/m);
});
