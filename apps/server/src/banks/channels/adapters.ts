import type { Clock } from '@keyturn/kernel';
import type { Contract, EscrowBankContract, WechatPayContract } from './contract.ts';
import type { CredentialStore } from './credentials.ts';
import { createEscrowBank, type EscrowBank } from './escrow-bank/adapter.ts';
import { createEscrowBankClient, type EscrowBankClient } from './escrow-bank/client.ts';
import { createTransport, type Transport } from './transport.ts';
import { createWechatPay, type WechatPay } from './wechat-pay/adapter.ts';
import { createWechatPayClient, type WechatPayClient } from './wechat-pay/client.ts';

/** A contract brought to life: its keys read, its connections open. */
export type Adapter =
  | {
      readonly kind: 'wechat_pay_v3';
      readonly contract: WechatPayContract;
      readonly api: WechatPay;
      readonly client: WechatPayClient;
      readonly transport: Transport;
    }
  | {
      readonly kind: 'escrow_bank_v1';
      readonly contract: EscrowBankContract;
      readonly api: EscrowBank;
      readonly client: EscrowBankClient;
      readonly transport: Transport;
    };

export interface Adapters {
  /**
   * The adapter of a contract's version, made at its first use.
   *
   * @throws CredentialError when its key files are missing; the next call tries again
   */
  of(contract: Contract): Promise<Adapter>;
  callsUnderWay(contractId: string): number;
  close(): Promise<void>;
}

export function createAdapters(deps: {
  readonly credentials: CredentialStore;
  readonly clock: Clock;
}): Adapters {
  const made = new Map<string, { readonly version: number; readonly adapter: Promise<Adapter> }>();
  const ready = new Map<string, Adapter>();

  async function make(contract: Contract): Promise<Adapter> {
    const credentials = await deps.credentials.load(contract.secretRef);
    const transport = createTransport({
      baseUrl: contract.config.base_url,
      timeoutMs: contract.config.timeout_ms,
      maxConnections: contract.config.max_connections,
      ca: credentials.ca,
    });
    const adapter = assemble(contract, credentials, transport);
    ready.set(contract.id, adapter);
    return adapter;
  }

  function assemble(
    contract: Contract,
    credentials: Awaited<ReturnType<CredentialStore['load']>>,
    transport: Transport,
  ): Adapter {
    const parts = { credentials, transport, clock: deps.clock };
    if (contract.adapter === 'wechat_pay_v3') {
      const client = createWechatPayClient({ ...parts, contract });
      const api = createWechatPay(contract, client);
      return { kind: contract.adapter, contract, api, client, transport };
    }
    const client = createEscrowBankClient({ ...parts, contract });
    const api = createEscrowBank(contract, client);
    return { kind: contract.adapter, contract, api, client, transport };
  }

  /** Calls over the former version finish on its connections; then those are closed. */
  function retire(adapter: Promise<Adapter>): void {
    adapter.then(
      ({ transport }) => transport.close(),
      () => undefined, // It was never made: there is nothing to close.
    );
  }

  return {
    of: (contract) => {
      const before = made.get(contract.id);
      if (before !== undefined && before.version >= contract.version) return before.adapter;
      if (before !== undefined) retire(before.adapter);
      const adapter = make(contract);
      made.set(contract.id, { version: contract.version, adapter });
      adapter.catch(() => {
        // Whoever asked for it gets the error; the next one makes it anew.
        if (made.get(contract.id)?.adapter === adapter) made.delete(contract.id);
      });
      return adapter;
    },
    callsUnderWay: (contractId) => ready.get(contractId)?.transport.callsUnderWay() ?? 0,
    close: async () => {
      const adapters = await Promise.allSettled([...made.values()].map(({ adapter }) => adapter));
      made.clear();
      for (const settled of adapters) {
        if (settled.status === 'fulfilled') await settled.value.transport.close();
      }
    },
  };
}
