import { bankZone } from '@keyturn/kernel';
import type { BankCalendar } from './bank-calendar.ts';

/**
 * The states of a settlement window: what one merchant earned on one day at one channel. `open`
 * gathers; `settled` when its money was moved to the available account; `aborted` when nothing was
 * left to move. Closing, settling and failing have no duration of their own here: a window is moved
 * in one commit.
 */
export type WindowState = 'open' | 'settled' | 'aborted';

/** The transitions of a window; anything else is a bug of ours. */
const next: Readonly<Record<WindowState, readonly WindowState[]>> = {
  open: ['settled', 'aborted'],
  // What is earned later for a day that was settled or aborted opens its window again.
  settled: ['open'],
  aborted: ['open'],
};

export function mayBecome(from: WindowState, to: WindowState): boolean {
  return next[from].includes(to);
}

/**
 * At this time of the bank day a window of T+1 is settled: after the acquirers' nine o'clock run.
 */
const settlementTime = Temporal.PlainTime.from('10:00');

/** When what was traded on `day` becomes available: T+n bank days, 10:00 in the banks' zone. */
export function windowDueAt(
  day: Temporal.PlainDate,
  calendar: BankCalendar,
  n: number,
): Temporal.Instant {
  return calendar
    .bankDaysAfter(day, n)
    .toZonedDateTime({ timeZone: bankZone, plainTime: settlementTime })
    .toInstant();
}

export type WindowDecision =
  | {
      readonly kind: 'wait';
      readonly until: Temporal.Instant;
      readonly reason: 'not_due' | 'channel' | 'others';
    }
  | {
      readonly kind: 'move';
      readonly amount: bigint;
      /** What is moved later, when other windows no longer need it more. */
      readonly later: bigint;
      /** What is not there any more: a refund took it. */
      readonly missing: bigint;
    }
  | { readonly kind: 'abort' };

/** How long a window waits for its channel, or for what other windows leave. */
const lookAgain = { minutes: 10 } as const;

/**
 * What to do with a window now. Money becomes available only when the channel has paid its day;
 * settling earlier would be an advance of own funds, which is never silent. When refunds have left
 * less than all windows are to settle, none takes what belongs to a day that is not paid yet.
 *
 * @param window `amount` minor units; `cleared` whether its channel has paid the day (or money
 *   came by bank)
 * @param pending what the merchant's pending account can give, minor units
 * @param unready what the merchant's other windows will settle that cannot yet, minor units
 */
export function decideWindow(
  window: { readonly amount: bigint; readonly dueAt: Temporal.Instant; readonly cleared: boolean },
  pending: bigint,
  unready: bigint,
  now: Temporal.Instant,
): WindowDecision {
  if (window.amount <= 0n) return { kind: 'abort' };
  if (Temporal.Instant.compare(now, window.dueAt) < 0) {
    return { kind: 'wait', until: window.dueAt, reason: 'not_due' };
  }
  const until = now.add(lookAgain);
  if (!window.cleared) return { kind: 'wait', until, reason: 'channel' };
  const free = pending - unready;
  const amount = free < window.amount ? free : window.amount;
  const rest = window.amount - amount;
  if (amount > 0n) {
    const later = unready > 0n ? rest : 0n;
    return { kind: 'move', amount, later, missing: rest - later };
  }
  return unready > 0n ? { kind: 'wait', until, reason: 'others' } : { kind: 'abort' };
}
