import { readConfig } from '../platform/index.ts';
import { composePlatform } from './compose.ts';
import { runProcess } from './process.ts';

/** The process that works by itself: reads the outbox, does what is due, takes slow jobs. */
await runProcess('worker', async (env) => {
  const config = readConfig(env);
  const platform = await composePlatform(config, 'worker');
  const consumers = platform.consumers();
  const pollers = platform.pollers();
  for (const consumer of consumers) consumer.start();
  for (const poller of pollers) poller.start();
  platform.bell.listen(() => {
    for (const consumer of consumers) consumer.wake();
  });
  await platform.jobs.start(platform.reconciliation.jobKinds);
  return {
    ready: { consumers: consumers.length, pollers: pollers.length },
    stop: async () => {
      await Promise.all([...consumers, ...pollers].map((one) => one.stop()));
      await platform.close();
    },
  };
});
