import { bankZone } from '@keyturn/kernel';
import { type Account, readCountersAt, readMetadata, readPostedAt } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import type { Static } from 'typebox';
import type { AccountQuerySchema } from './schemas.ts';
import { accountDetailView, asRecordedView, byValueDateView } from './views.ts';

/** An account now, and as the query asks: as recorded at a moment, and by value date. */
export async function readAccountDetail(
  database: Database,
  account: Account,
  { at, value_date }: Static<typeof AccountQuerySchema>,
) {
  const metadata = (await readMetadata(database, [account.id])).get(account.id) ?? {};
  const moment = at === undefined ? undefined : Temporal.Instant.from(at);
  const recorded = moment && (await readCountersAt(database, account.id, moment));
  const recordedAt = moment === undefined ? {} : { recordedAt: moment };
  const known = moment === undefined ? {} : { known_at: moment.toString() };
  const day = value_date === undefined ? undefined : { effectiveAt: endOf(value_date) };
  const posted = day && (await readPostedAt(database, account.id, { ...day, ...recordedAt }));
  return {
    ...accountDetailView(account, metadata),
    ...(moment && recorded ? { as_recorded: asRecordedView(account, recorded, moment) } : {}),
    ...(posted === undefined || value_date === undefined
      ? {}
      : { by_value_date: byValueDateView(account, posted, { value_date, ...known }) }),
  };
}

/** The last moment of a bank day. */
function endOf(day: string): Temporal.Instant {
  const next = Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(bankZone);
  return next.toInstant().subtract({ microseconds: 1 });
}
