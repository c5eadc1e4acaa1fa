import { steerableClock } from '@keyturn/kernel';
import { expect, test } from 'vitest';
import { createHealthBook } from './health.ts';

function setUp() {
  let elapsed = 0;
  const clock = steerableClock('2026-11-20T02:00:00Z');
  const health = createHealthBook(clock, () => elapsed);
  return {
    health,
    pass: (milliseconds: number) => {
      elapsed += milliseconds;
    },
  };
}

test('a channel that breaks twenty times in a row is left alone, then tried by one call', () => {
  const { health, pass } = setUp();
  for (let call = 0; call < 19; call++) health.broken('wx');
  expect(health.admits('wx')).toBe(true);
  health.broken('wx');
  expect(health.show('wx', 0).circuit).toBe('open');
  expect(health.admits('wx')).toBe(false);
  pass(5_000);
  expect(health.admits('wx')).toBe(true);
  expect(health.admits('wx')).toBe(false);
  expect(health.show('wx', 0).circuit).toBe('half_open');
});

test('any answer closes the circuit, and a failed trial opens it again', () => {
  const { health, pass } = setUp();
  for (let call = 0; call < 20; call++) health.broken('wx');
  pass(5_000);
  health.admits('wx');
  health.broken('wx');
  expect(health.admits('wx')).toBe(false);
  health.answered('wx');
  expect(health.admits('wx')).toBe(true);
  expect(health.show('wx', 3)).toMatchObject({ circuit: 'closed', callsUnderWay: 3 });
});

test('channels do not share a circuit', () => {
  const { health } = setUp();
  for (let call = 0; call < 20; call++) health.broken('wx');
  expect(health.admits('bank')).toBe(true);
});
