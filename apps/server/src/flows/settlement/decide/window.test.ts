import { describe, expect, it } from 'vitest';
import data from '../bank-days.json' with { type: 'json' };
import { createBankCalendar } from './bank-calendar.ts';
import { decideWindow, mayBecome, type WindowState, windowDueAt } from './window.ts';

const calendar = createBankCalendar(data);
const at = (text: string) => Temporal.Instant.from(text);

describe('a settlement window', () => {
  it('is due at ten o’clock of the next bank day', () => {
    const due = windowDueAt(Temporal.PlainDate.from('2026-11-20'), calendar, 1);
    expect(due.toString()).toBe('2026-11-23T02:00:00Z');
  });

  it('waits for its day, then for the channel, then moves what is there', () => {
    const dueAt = at('2026-11-23T02:00:00Z');
    const window = { amount: 100n, dueAt, cleared: false };
    const early = decideWindow(window, 100n, 0n, at('2026-11-23T01:59:59Z'));
    expect(early).toMatchObject({ reason: 'not_due' });
    expect(decideWindow(window, 100n, 0n, dueAt)).toMatchObject({
      kind: 'wait',
      reason: 'channel',
    });
    const cleared = { ...window, cleared: true };
    const all = { kind: 'move', amount: 100n, later: 0n, missing: 0n };
    expect(decideWindow(cleared, 100n, 0n, dueAt)).toEqual(all);
    expect(decideWindow(cleared, 250n, 150n, dueAt)).toEqual(all);
    const some = { ...all, amount: 60n, missing: 40n };
    expect(decideWindow(cleared, 60n, 0n, dueAt)).toEqual(some);
    expect(decideWindow(cleared, 0n, 0n, dueAt)).toEqual({ kind: 'abort' });
    expect(decideWindow({ ...cleared, amount: 0n }, 5n, 0n, dueAt)).toEqual({ kind: 'abort' });
  });

  it('leaves to other windows what their channels have not paid yet', () => {
    const dueAt = at('2026-11-23T02:00:00Z');
    const window = { amount: 100n, dueAt, cleared: true };
    expect(decideWindow(window, 150n, 90n, dueAt)).toEqual({
      kind: 'move',
      amount: 60n,
      later: 40n,
      missing: 0n,
    });
    const none = { kind: 'wait', reason: 'others' };
    expect(decideWindow(window, 90n, 90n, dueAt)).toMatchObject(none);
    expect(decideWindow(window, 50n, 90n, dueAt)).toMatchObject(none);
  });

  it('is opened again when something more is earned for its day', () => {
    const states: WindowState[] = ['open', 'settled', 'aborted'];
    const allowed = states.flatMap((from) =>
      states.filter((to) => mayBecome(from, to)).map((to) => `${from}>${to}`),
    );
    expect(allowed).toEqual(['open>settled', 'open>aborted', 'settled>open', 'aborted>open']);
  });
});
