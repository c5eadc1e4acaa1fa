import type { Logger } from 'pino';
import { createPoller, type Poller } from '../../platform/index.ts';
import type { CustodyService } from './types.ts';

/** Asks the bank again about openings and closings whose answer is not known. */
export function custodyPollers(deps: {
  readonly logger: Logger;
  readonly custody: CustodyService;
}): Poller[] {
  return [
    createPoller({
      name: 'custody.virtual_accounts',
      logger: deps.logger,
      work: deps.custody.askAgain,
    }),
  ];
}
