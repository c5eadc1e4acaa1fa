import type { Language } from '../language/languages.ts';

/** The zone in which the banks' days are cut, and in which all times are shown. */
export const bankZone = 'Asia/Shanghai';

type Shape = 'date' | 'minute' | 'second' | 'clock';

const shapes: Readonly<Record<Shape, Intl.DateTimeFormatOptions>> = {
  date: { dateStyle: 'medium' },
  minute: { dateStyle: 'medium', timeStyle: 'short' },
  second: { dateStyle: 'medium', timeStyle: 'medium' },
  clock: { timeStyle: 'short' },
};
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: Language, shape: Shape): Intl.DateTimeFormat {
  const key = `${language} ${shape}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  // The British order of day and month, with a 24-hour clock: 20 Nov 2026, 10:00.
  const locale = language === 'en' ? 'en-GB' : language;
  const options = { ...shapes[shape], timeZone: bankZone, hourCycle: 'h23' } as const;
  const format = new Intl.DateTimeFormat(locale, options);
  formats.set(key, format);
  return format;
}

/**
 * An RFC 3339 instant as people in China read it, whatever the zone of their device. A text that is
 * no instant is shown as it is: an odd date must not take the page down.
 */
export function formatInstant(instant: string, language: Language, shape: Shape = 'minute') {
  const milliseconds = Date.parse(instant);
  if (Number.isNaN(milliseconds)) return instant;
  return formatOf(language, shape).format(milliseconds);
}

/** A calendar day such as `2026-11-20`, which has no zone. */
export function formatDate(date: string, language: Language): string {
  return formatInstant(`${date}T00:00:00+08:00`, language, 'date');
}

/** A duration in parts, for a countdown; never negative. */
export function durationParts(milliseconds: number) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return {
    days: Math.floor(seconds / 86_400),
    hours: Math.floor(seconds / 3600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  };
}

/** `05:09`, `01:05:09`; the days stand beside it. */
export function clockText(milliseconds: number): string {
  const { days, hours, minutes, seconds } = durationParts(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const short = `${two(minutes)}:${two(seconds)}`;
  return hours === 0 && days === 0 ? short : `${two(hours)}:${short}`;
}
