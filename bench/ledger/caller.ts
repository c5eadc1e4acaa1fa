import { systemClock } from '@keyturn/kernel';
import { createSubmitter } from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';
import type { Booked, CallerTask } from './booked.ts';
import { specsOf } from './books.ts';
import { oneHot, uniform } from './choose.ts';
import { submitting } from './loads.ts';

/** One of several processes that book on one ledger: prints its transfers a second. */
const task = JSON.parse(process.argv[2] ?? '') as CallerTask;
const { wallets, hot } = specsOf(task.names);
const database = openDatabase({
  url: task.url,
  applicationName: 'bench caller',
  maxConnections: 4,
});
const choose = task.load === 'hot' ? oneHot(wallets, hot) : uniform(wallets);
const { callers, seconds } = task;
const submitter = createSubmitter({ database, clock: systemClock });
const warmUp = await submitting(submitter, choose, { callers, seconds: 1 });
const measured = await submitting(submitter, choose, { callers, seconds });
const booked: Booked = {
  transfers: warmUp.transfers + measured.transfers,
  perSecond: measured.perSecond,
};
process.stdout.write(JSON.stringify(booked));
await submitter.close();
await database.close();
