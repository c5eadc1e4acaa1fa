import { systemClock } from '@keyturn/kernel';
import { createSubmitter } from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';
import type { CallerLoad, CallerPlace } from './booked.ts';
import { specsOf } from './books.ts';
import { oneHot, uniform } from './choose.ts';
import { submitting } from './loads.ts';
import { obey } from './processes.ts';

/** One of several processes that book on one ledger. */
const place = JSON.parse(process.argv[2] ?? '') as CallerPlace;
const { wallets, hot } = specsOf(place.names);
const database = openDatabase({
  url: place.url,
  applicationName: 'bench caller',
  maxConnections: 4,
});
const submitter = createSubmitter({ database, clock: systemClock });

obey(
  async ({ load, callers, seconds }: CallerLoad) => {
    const choose = load === 'hot' ? oneHot(wallets, hot) : uniform(wallets);
    // As long as it is measured: others moved the accounts, and it takes some time to read them.
    const warmUp = await submitting(submitter, choose, { callers, seconds });
    const measured = await submitting(submitter, choose, { callers, seconds });
    const transfers = warmUp.transfers + measured.transfers;
    return { transfers, perSecond: measured.perSecond };
  },
  async () => {
    await submitter.close();
    await database.close();
  },
);
