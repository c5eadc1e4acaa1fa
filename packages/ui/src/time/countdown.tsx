import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText, durationParts } from './format-time.ts';
import type { ServerClock } from './server-clock.ts';

/**
 * The milliseconds left until `until`, drawn anew each second. Undefined before the time is known.
 */
export function useTimeLeft(clock: ServerClock, until: string): number | undefined {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return clock.until(until);
}

/**
 * Counts down to an instant by the server's clock. Not announced each second: a screen reader reads
 * it when it is asked.
 */
export function Countdown(props: { readonly clock: ServerClock; readonly until: string }) {
  const { t } = useTranslation('ui');
  const left = useTimeLeft(props.clock, props.until);
  if (left === undefined) return null;
  const { days } = durationParts(left);
  const clock = clockText(left);
  const time = days === 0 ? clock : t('time.days', { days, clock });
  return (
    <span className="kt-countdown" role="timer" aria-live="off">
      {t('time.remaining', { time })}
    </span>
  );
}
