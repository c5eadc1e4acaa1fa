import {
  type Clock,
  decodeCursor,
  encodeCursor,
  ok,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import type { Metrics } from '../../platform/index.ts';
import type { Sealer } from '../../platform/secrets/sealer.ts';
import { createAdapters } from './adapters.ts';
import { createCarryOut } from './calls.ts';
import { createContracts } from './contracts.ts';
import type { CredentialStore } from './credentials.ts';
import { proofRuleOf } from './decide/proof-rules.ts';
import { createHealthBook } from './health.ts';
import { createInbox } from './inbox.ts';
import { createMessageLog } from './message-log.ts';
import { createAcquirer, createBank } from './operations.ts';
import { createReceiver, type Handlers } from './receive.ts';
import { countWaiting, readMessages } from './store.ts';
import type { ChannelsService, MessageView } from './types.ts';
import { messageView } from './views.ts';

export interface ChannelsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Seals the raw notifications at rest. */
  readonly sealer: Sealer;
  readonly credentials: CredentialStore;
}

/** The access to acquirers and banks: one service per process, closed at its end. */
export function createChannelsService(deps: ChannelsDeps): ChannelsService {
  const { database, clock, logger, metrics, sealer, credentials } = deps;
  const contracts = createContracts({ database, clock });
  const adapters = createAdapters({ credentials, clock });
  const health = createHealthBook(clock);
  const log = createMessageLog({ database, logger });
  const carryOut = createCarryOut({ clock, metrics, health, log });
  const inbox = createInbox({ database, clock, logger, metrics, sealer, log });
  const handlers: Handlers = {};
  const receiver = createReceiver({ contracts, adapters, inbox, handlers, logger });
  const operations = { contracts, adapters, carryOut, health, logger };
  metrics.gauge(
    'keyturn_channel_notifications_waiting',
    'Notifications stored and not applied yet',
    () => countWaiting(database),
  );
  metrics.gauge('keyturn_channel_log_dropped', 'Rows that the raw log lost', () => log.dropped());

  return {
    acquirer: createAcquirer(operations),
    bank: createBank(operations),
    onAcquirerNotification: (handler) => {
      handlers.acquirer = handler;
    },
    onBankNotification: (handler) => {
      handlers.bank = handler;
    },
    contracts: contracts.all,
    contract: contracts.find,
    upsertContract: contracts.upsert,
    health: async () =>
      (await contracts.all()).map(({ id }) => health.show(id, adapters.callsUnderWay(id))),
    proofRule: async (contractId, operation) => {
      const contract = await contracts.find(contractId);
      return contract.ok ? ok(proofRuleOf(contract.value, operation)) : contract;
    },
    receive: receiver.receive,
    messages: (query) => readLog(database, contracts.find, query),
    retryNotifications: receiver.retry,
    close: async () => {
      await adapters.close();
      await inbox.close();
      await log.close();
    },
  };
}

async function readLog(
  database: Database,
  find: ReturnType<typeof createContracts>['find'],
  query: Parameters<ChannelsService['messages']>[0],
): Promise<
  Result<{ readonly items: readonly MessageView[]; readonly next_cursor?: string }, Refusal>
> {
  const contract = await find(query.contractId);
  if (!contract.ok) return contract;
  const start = ['9999-12-31T00:00:00Z', 'ffffffff-ffff-ffff-ffff-ffffffffffff'] as const;
  const { cursor } = query;
  const position = cursor === undefined ? start : decodeCursor(cursor, ['instant', 'uuid']);
  if (position === undefined) {
    return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
  }
  const [beforeAt, beforeId] = position;
  const { contractId, reference, limit } = query;
  const rows = await readMessages(database, {
    ...{ contractId, reference, beforeAt, beforeId },
    limit: limit + 1,
  });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return ok({
    items: items.map(messageView),
    ...(more ? { next_cursor: encodeCursor([last.at.toString(), last.id]) } : {}),
  });
}
