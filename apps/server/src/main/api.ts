import { readConfig } from '../platform/index.ts';
import { composePlatform } from './compose.ts';
import { createApi } from './http.ts';
import { runProcess } from './process.ts';

/** The process that answers: HTTP for integrators, banks, acquirers and people. */
await runProcess('api', async (env) => {
  const config = readConfig(env);
  const platform = await composePlatform(config, 'api');
  const app = await createApi(platform);
  await app.listen({ port: config.port, host: config.host });
  return {
    ready: { url: config.publicUrl },
    stop: async () => {
      await app.close();
      await platform.close();
    },
  };
});
