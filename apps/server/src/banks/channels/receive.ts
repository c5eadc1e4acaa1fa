import { assert, err, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Logger } from 'pino';
import type { Adapter, Adapters } from './adapters.ts';
import type { Contracts } from './contracts.ts';
import { refuse } from './errors.ts';
import { type AccountEntries, readBankEntries } from './escrow-bank/entries.ts';
import type { Applied, Inbox } from './inbox.ts';
import type {
  AcquirerNotification,
  BankNotification,
  NotificationHandler,
  ReceivedNotification,
} from './types.ts';
import {
  notificationIdOf,
  readWechatPayNotification,
  UnreadableNotification,
} from './wechat-pay/notification.ts';

export interface Handlers {
  acquirer?: NotificationHandler<AcquirerNotification>;
  bank?: NotificationHandler<BankNotification>;
}

/** The way in: verified, stored, then applied through the handlers that main has registered. */
export interface Receiver {
  receive(notification: ReceivedNotification): Promise<Result<{ readonly id: string }, Refusal>>;
  retry(): Promise<number>;
}

export function createReceiver(deps: {
  readonly contracts: Contracts;
  readonly adapters: Adapters;
  readonly inbox: Inbox;
  readonly handlers: Handlers;
  readonly logger: Logger;
}): Receiver {
  const { contracts, adapters, inbox, handlers, logger } = deps;

  async function adapterOf(contractId: string): Promise<Adapter> {
    const contract = await contracts.find(contractId);
    assert(contract.ok, `contract ${contractId} is in force`);
    return adapters.of(contract.value);
  }

  async function apply(contractId: string, body: string): Promise<Applied> {
    const message = read(handlers, await adapterOf(contractId), Buffer.from(body));
    if (!message.ok) throw new UnreadableNotification(message.error);
    return message.value.apply();
  }

  return {
    receive: async ({ contractId, headers, body }) => {
      const contract = await contracts.find(contractId);
      if (!contract.ok) return contract;
      const adapter = await adapters.of(contract.value);
      const problem = await adapter.client.distrust(headers, body);
      if (problem !== undefined) {
        logger.warn({ contract: contractId, problem }, 'a notification was not taken');
        return refuse('notification_unverified', { values: { contract_id: contractId, problem } });
      }
      const message = read(handlers, adapter, body);
      if (!message.ok) {
        const values = { contract_id: contractId, problem: message.error };
        logger.error(values, 'a verified notification cannot be read');
        return refuse('notification_unreadable', { values });
      }
      const { id } = message.value;
      await inbox.take(contractId, id, body, message.value.apply);
      return ok({ id });
    },
    retry: () => inbox.retry(apply),
  };
}

/**
 * A message that was read: the sender's own id of it, the same at each sending, and what to do with
 * it.
 */
interface ReadMessage {
  readonly id: string;
  apply(): Promise<Applied>;
}

function read(handlers: Handlers, adapter: Adapter, body: Uint8Array): Result<ReadMessage, string> {
  if (adapter.kind === 'wechat_pay_v3') {
    const text = Buffer.from(body).toString('utf8');
    const id = notificationIdOf(text);
    if (id === undefined) return err('it has another form');
    return ok({ id, apply: () => applyAcquirer(handlers, adapter, text) });
  }
  const accounts = readBankEntries(body, 'the notification');
  if (!accounts.ok) return accounts;
  const first = present(accounts.value[0], 'the first statement of a file');
  return ok({
    id: first.messageId,
    apply: () => applyBank(handlers, adapter.contract.id, accounts.value),
  });
}

async function applyAcquirer(
  handlers: Handlers,
  adapter: Extract<Adapter, { kind: 'wechat_pay_v3' }>,
  body: string,
): Promise<Applied> {
  const notification = readWechatPayNotification(body, {
    contractId: adapter.contract.id,
    mchid: adapter.contract.config.mchid,
    apiV3Key: adapter.client.apiV3Key,
  });
  if (notification === undefined) return { operation: 'notify.ignored', references: [] };
  const handler = present(handlers.acquirer, 'a handler of acquirer notifications');
  await handler(notification);
  return { operation: `notify.${notification.kind}`, references: [notification.number] };
}

async function applyBank(
  handlers: Handlers,
  contractId: string,
  accounts: readonly AccountEntries[],
): Promise<Applied> {
  const handler = present(handlers.bank, 'a handler of bank notifications');
  for (const { messageId: notificationId, account, entries } of accounts) {
    await handler({ contractId, notificationId, account, entries });
  }
  const references = accounts.flatMap(({ entries }) =>
    entries.map((entry) => entry.endToEndId ?? entry.bankReference),
  );
  return { operation: 'notify.entries', references };
}
