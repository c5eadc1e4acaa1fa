import type { Logger } from 'pino';
import { createPoller, type Poller } from '../../platform/index.ts';
import type { AccessService } from './types.ts';

/** Removes throttles of log-ins that nothing depends on any more. */
export function accessPollers(deps: {
  readonly access: AccessService;
  readonly logger: Logger;
}): Poller[] {
  return [
    createPoller({
      name: 'access.sweep',
      logger: deps.logger,
      work: deps.access.sweep,
      intervalMs: 60_000,
    }),
  ];
}
