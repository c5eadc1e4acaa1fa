import { assert, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Logger } from 'pino';
import type { Adapter, Adapters } from './adapters.ts';
import type { Contracts } from './contracts.ts';
import { refuse } from './errors.ts';
import { readBankEntries } from './escrow-bank/entries.ts';
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
    const adapter = await adapterOf(contractId);
    return adapter.kind === 'wechat_pay_v3'
      ? applyAcquirer(handlers, adapter, body)
      : applyBank(handlers, contractId, body);
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
      const id = identify(adapter, body);
      if (!id.ok) {
        const values = { contract_id: contractId, problem: id.error };
        return refuse('notification_unreadable', { values });
      }
      await inbox.take(contractId, id.value, body, apply);
      return ok({ id: id.value });
    },
    retry: () => inbox.retry(apply),
  };
}

/** The sender's own id of a message: the same however often it is sent. */
function identify(adapter: Adapter, body: Uint8Array): Result<string, string> {
  if (adapter.kind === 'wechat_pay_v3') {
    const id = notificationIdOf(Buffer.from(body).toString('utf8'));
    return id === undefined ? { ok: false, error: 'it has another form' } : ok(id);
  }
  const accounts = readBankEntries(body, 'the notification');
  if (!accounts.ok) return accounts;
  return ok(present(accounts.value[0], 'the first statement of a file').messageId);
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

async function applyBank(handlers: Handlers, contractId: string, body: string): Promise<Applied> {
  const accounts = readBankEntries(Buffer.from(body), 'the notification');
  if (!accounts.ok) throw new UnreadableNotification(accounts.error);
  const handler = present(handlers.bank, 'a handler of bank notifications');
  for (const { messageId: notificationId, account, entries } of accounts.value) {
    await handler({ contractId, notificationId, account, entries });
  }
  const references = accounts.value.flatMap(({ entries }) =>
    entries.map((entry) => entry.endToEndId ?? entry.bankReference),
  );
  return { operation: 'notify.entries', references };
}
