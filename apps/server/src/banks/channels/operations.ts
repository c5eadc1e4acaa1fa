import { assert, present } from '@keyturn/kernel';
import type { Logger } from 'pino';
import type { Adapter, Adapters } from './adapters.ts';
import { type ChannelAnswer, refused, unknown } from './answer.ts';
import type { CallResult, CarryOut } from './calls.ts';
import type { Contracts } from './contracts.ts';
import type { HealthBook } from './health.ts';
import type { Acquirer, Bank, Operation } from './types.ts';

export interface OperationDeps {
  readonly contracts: Contracts;
  readonly adapters: Adapters;
  readonly carryOut: CarryOut;
  readonly health: HealthBook;
  readonly logger: Logger;
}

type AdapterOf<K extends Adapter['kind']> = Extract<Adapter, { kind: K }>;

/**
 * Finds the adapter of a contract and carries one call out over it. A contract whose keys cannot be
 * read sends nothing: that is unknown to the caller, who asks again later.
 */
function createCall<K extends Adapter['kind']>(deps: OperationDeps, kind: K) {
  return async <T>(
    operation: Operation,
    contractId: string,
    reference: string,
    call: (adapter: AdapterOf<K>) => Promise<CallResult<T>>,
  ): Promise<ChannelAnswer<T>> => {
    const contract = await deps.contracts.find(contractId);
    // The id stands in a stored row, which named a contract that was there.
    assert(contract.ok, `contract ${contractId} is in force`);
    assert(contract.value.adapter === kind, `contract ${contractId} is a ${kind}`);
    let adapter: Adapter;
    try {
      adapter = await deps.adapters.of(contract.value);
    } catch (error) {
      deps.logger.error({ err: error, contract: contractId }, 'a contract cannot be used');
      return unknown('the contract cannot be used now; nothing was sent');
    }
    const found = present(isKind(adapter, kind) ? adapter : undefined, 'an adapter of the kind');
    return deps.carryOut({ contractId, operation, reference }, () => call(found));
  };
}

function isKind<K extends Adapter['kind']>(adapter: Adapter, kind: K): adapter is AdapterOf<K> {
  return adapter.kind === kind;
}

export function createAcquirer(deps: OperationDeps): Acquirer {
  const call = createCall(deps, 'wechat_pay_v3');

  /** New money may be refused here at once; what is about money on its way always goes out. */
  async function closedToNewMoney(contractId: string) {
    const contract = await deps.contracts.find(contractId);
    if (contract.ok && contract.value.state === 'disabled') {
      return refused('CONTRACT_DISABLED', 'the contract is disabled', 'Use another way to pay.');
    }
    if (deps.health.admits(contractId)) return undefined;
    const message = 'the channel does not answer; nothing was sent';
    return refused('CHANNEL_DOWN', message, 'Use another way to pay, or try again in a moment.');
  }

  return {
    prepay: async (request) =>
      (await closedToNewMoney(request.contractId)) ??
      call('prepay', request.contractId, request.number, ({ api }) => api.prepay(request)),
    query: ({ contractId, number }) =>
      call('query', contractId, number, ({ api }) => api.query(number)),
    close: ({ contractId, number }) =>
      call('close', contractId, number, ({ api }) => api.close(number)),
    refund: (request) =>
      call('refund', request.contractId, request.number, ({ api }) => api.refund(request)),
    queryRefund: ({ contractId, number }) =>
      call('query_refund', contractId, number, ({ api }) => api.queryRefund(number)),
    bill: (request) =>
      call('bill', request.contractId, `${request.kind} ${request.date}`, ({ api }) =>
        api.bill(request),
      ),
  };
}

export function createBank(deps: OperationDeps): Bank {
  const call = createCall(deps, 'escrow_bank_v1');
  return {
    openVirtualAccount: (request) =>
      call('open_virtual_account', request.contractId, request.requestId, ({ api }) =>
        api.openVirtualAccount(request),
      ),
    closeVirtualAccount: ({ contractId, account, number }) =>
      call('close_virtual_account', contractId, number, ({ api }) =>
        api.closeVirtualAccount(account, number),
      ),
    virtualAccount: ({ contractId, account, number }) =>
      call('virtual_account', contractId, number, ({ api }) => api.virtualAccount(account, number)),
    balance: ({ contractId, account }) =>
      call('balance', contractId, account, ({ api }) => api.balance(account)),
    pay: (request) =>
      call('pay', request.contractId, request.endToEndId, ({ api }) => api.pay(request)),
    paymentStatus: ({ contractId, endToEndId }) =>
      call('payment_status', contractId, endToEndId, ({ api }) => api.paymentStatus(endToEndId)),
    statement: ({ contractId, account, date }) =>
      call('statement', contractId, `${account} ${date}`, ({ api }) =>
        api.statement(account, date),
      ),
  };
}
