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
    expect(decideWindow(window, 100n, at('2026-11-23T01:59:59Z'))).toMatchObject({
      reason: 'not_due',
    });
    expect(decideWindow(window, 100n, dueAt)).toMatchObject({ kind: 'wait', reason: 'channel' });
    const cleared = { ...window, cleared: true };
    expect(decideWindow(cleared, 100n, dueAt)).toEqual({ kind: 'move', amount: 100n, missing: 0n });
    expect(decideWindow(cleared, 250n, dueAt)).toEqual({ kind: 'move', amount: 100n, missing: 0n });
    expect(decideWindow(cleared, 60n, dueAt)).toEqual({ kind: 'move', amount: 60n, missing: 40n });
    expect(decideWindow(cleared, 0n, dueAt)).toEqual({ kind: 'abort' });
    expect(decideWindow({ ...cleared, amount: 0n }, 5n, dueAt)).toEqual({ kind: 'abort' });
  });

  it('is opened again when something more is earned for its day', () => {
    const states: WindowState[] = ['open', 'settled', 'aborted'];
    const allowed = states.flatMap((from) =>
      states.filter((to) => mayBecome(from, to)).map((to) => `${from}>${to}`),
    );
    expect(allowed).toEqual(['open>settled', 'open>aborted', 'settled>open', 'aborted>open']);
  });
});
