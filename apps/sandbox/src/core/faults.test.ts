import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FaultAdmin, openFaults } from './faults.ts';
import { openStore } from './store.ts';

let store: DatabaseSync;
let faults: FaultAdmin;

function open(): FaultAdmin {
  const opened = openFaults(store);
  opened.declare('bank.notify', { drop: {}, delay: { delay_ms: 100 } });
  opened.declare('bank.pay', { refuse: { reason: 'AC01' } });
  return opened;
}

const rule = (kind: string, times: number | null, match: Record<string, string> = {}) => ({
  ...{ point: 'bank.notify', kind, times, match },
  parameters: {},
});

beforeEach(() => {
  store = openStore(':memory:');
  faults = open();
});

describe('a fault', () => {
  it('hits as often as it was told to, and then no more', () => {
    faults.add(rule('drop', 2));
    const taken = [1, 2, 3].map(() => faults.take('bank.notify', {})?.kind);
    expect(taken).toEqual(['drop', 'drop', undefined]);
    expect(faults.list()).toEqual([]);
  });

  it('hits for ever when it has no number', () => {
    faults.add(rule('drop', null));
    for (let count = 0; count < 10; count += 1) {
      expect(faults.take('bank.notify', {})).toBeDefined();
    }
    expect(faults.list()).toHaveLength(1);
  });

  it('hits only its point and the subject it matches, field by field', () => {
    faults.add(rule('drop', null, { a: '1', b: '2' }));
    expect(faults.take('bank.pay', { a: '1', b: '2' })).toBeUndefined();
    expect(faults.take('bank.notify', { a: '1' })).toBeUndefined();
    expect(faults.take('bank.notify', { a: '1', b: '3' })).toBeUndefined();
    expect(faults.take('bank.notify', { a: '1', b: '2', c: '3' })?.kind).toBe('drop');
  });

  it('has the usual parameters unless it was given others', () => {
    faults.add(rule('delay', 1));
    faults.add({ ...rule('delay', 1), parameters: { delay_ms: 7 } });
    expect(faults.take('bank.notify', {})).toEqual({ kind: 'delay', delay_ms: 100 });
    expect(faults.take('bank.notify', {})).toEqual({ kind: 'delay', delay_ms: 7 });
  });

  it('may be looked for by kind', () => {
    faults.add(rule('drop', 1));
    faults.add(rule('delay', 1));
    expect(faults.take('bank.notify', {}, ['delay'])?.kind).toBe('delay');
    expect(faults.take('bank.notify', {}, ['delay'])).toBeUndefined();
    expect(faults.take('bank.notify', {})?.kind).toBe('drop');
  });

  it('is remembered, with what is left of it, after a restart', () => {
    faults.add(rule('drop', 3));
    faults.take('bank.notify', {});
    faults = open();
    expect(faults.list()).toMatchObject([{ kind: 'drop', times: 2 }]);
  });

  it('of an unknown point or kind is refused with those that exist', () => {
    expect(() => faults.add({ ...rule('drop', 1), point: 'bank.x' })).toThrow(
      'bank.notify, bank.pay',
    );
    expect(() => faults.add(rule('burn', 1))).toThrow('drop, delay');
    expect(() => faults.take('bank.x', {})).not.toThrow();
  });
});

describe('faults from a seed', () => {
  const draw = (count: number) =>
    Array.from({ length: count }, () => faults.take('bank.notify', {})?.kind);

  it('are the same for the same seed, and others for another', () => {
    faults.seed({ seed: 42, rate: 0.5, points: null });
    const first = draw(50);
    faults.seed({ seed: 42, rate: 0.5, points: null });
    expect(draw(50)).toEqual(first);
    faults.seed({ seed: 43, rate: 0.5, points: null });
    expect(draw(50)).not.toEqual(first);
  });

  it('go on after a restart where they were', () => {
    faults.seed({ seed: 42, rate: 0.5, points: null });
    const whole = draw(40);
    faults.seed({ seed: 42, rate: 0.5, points: null });
    const start = draw(20);
    faults = open();
    expect([...start, ...draw(20)]).toEqual(whole);
  });

  it('come about as often as the rate says, and only at the points named', () => {
    faults.seed({ seed: 7, rate: 0.2, points: ['bank.notify'] });
    const hits = draw(1_000).filter((kind) => kind !== undefined).length;
    expect(hits).toBeGreaterThan(130);
    expect(hits).toBeLessThan(270);
    expect(faults.take('bank.pay', {})).toBeUndefined();
    faults.seed({ seed: 7, rate: 0, points: null });
    expect(draw(100).every((kind) => kind === undefined)).toBe(true);
  });
});
