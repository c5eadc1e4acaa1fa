import type { Logger } from 'pino';
import { createPoller, type Poller } from '../../platform/index.ts';
import type { ChannelsService } from './types.ts';

/** Hands over again what came in and could not be applied at once. */
export function channelsPollers(deps: {
  readonly logger: Logger;
  readonly channels: ChannelsService;
}): Poller[] {
  return [
    createPoller({
      name: 'channels.notifications',
      logger: deps.logger,
      work: deps.channels.retryNotifications,
    }),
  ];
}
