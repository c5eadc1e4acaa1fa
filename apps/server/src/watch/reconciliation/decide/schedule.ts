import { bankDate, bankZone } from '@keyturn/kernel';

/** When a bank day's files come, in the banks' zone, on the day after it. */
export const firstLook = '00:40';
export const billLook = '10:30';
/** From then on, a file that is not here is an exception. */
export const statementOverdue = '01:40';
export const billOverdue = '12:00';

/** How long a day is asked for that is not complete. */
const giveUpAfter = { days: 14 };

export function atNextDay(day: Temporal.PlainDate, time: string): Temporal.Instant {
  return day
    .add({ days: 1 })
    .toZonedDateTime({ timeZone: bankZone, plainTime: Temporal.PlainTime.from(time) })
    .toInstant();
}

export function isOver(day: Temporal.PlainDate, time: string, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(now, atNextDay(day, time)) >= 0;
}

/**
 * The days whose rows are to be made: from the day after the last one to today. A clock that
 * leaps brings all days in between, at most 400 at once; without a last one, today begins.
 */
export function daysToAdd(
  last: Temporal.PlainDate | null,
  now: Temporal.Instant,
): readonly { readonly day: Temporal.PlainDate; readonly dueAt: Temporal.Instant }[] {
  const today = bankDate(now);
  let day = last === null ? today : last.add({ days: 1 });
  const days = [];
  while (Temporal.PlainDate.compare(day, today) <= 0 && days.length < 400) {
    days.push({ day, dueAt: atNextDay(day, firstLook) });
    day = day.add({ days: 1 });
  }
  return days;
}

/** When a day that is not complete is looked at again; undefined to give up. */
export function nextLook(
  day: Temporal.PlainDate,
  now: Temporal.Instant,
  missing: { readonly statements: boolean },
): Temporal.Instant | undefined {
  const last = atNextDay(day, firstLook).toZonedDateTimeISO(bankZone).add(giveUpAfter).toInstant();
  if (Temporal.Instant.compare(now, last) >= 0) return undefined;
  // Only bills are missing, and it is not their time yet.
  if (!missing.statements && !isOver(day, billLook, now)) return atNextDay(day, billLook);
  return now.add({ minutes: isOver(day, billOverdue, now) ? 60 : 15 });
}
