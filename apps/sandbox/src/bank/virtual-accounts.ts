import type { DatabaseSync } from 'node:sqlite';
import type { WorldClock } from '../core/clock.ts';
import { wireTime } from '../core/clock.ts';
import { transact } from '../core/store.ts';
import {
  type Account,
  type Accounts,
  hasVirtualAccounts,
  type VirtualAccount,
  virtualDigits,
} from './accounts.ts';
import { formatYuan } from './fen.ts';
import { BankRefusal } from './refusals.ts';

const maxPerMaster = 10 ** virtualDigits - 1;

export interface OpeningRequest {
  request_id: string;
  name: string;
  reference: string;
}

/** A virtual account on the wire. */
export function presentVirtual(virtual: VirtualAccount) {
  return {
    virtual_account: virtual.number,
    name: virtual.name,
    reference: virtual.reference,
    state: virtual.closedMs === undefined ? 'open' : 'closed',
    opened_at: wireTime(virtual.openedMs),
    ...(virtual.closedMs === undefined ? {} : { closed_at: wireTime(virtual.closedMs) }),
  };
}

export interface VirtualAccounts {
  /** Opens one under the master; the same request again gives the same account. */
  open(master: Account, request: OpeningRequest): VirtualAccount;
  /** Finds one of the master's, or throws a BankRefusal. */
  find(master: Account, number: string): VirtualAccount;
  /** Closes it when nothing is left on it; closing it again changes nothing. */
  close(master: Account, number: string): VirtualAccount;
}

function findVirtual(accounts: Accounts, master: Account, number: string): VirtualAccount {
  const virtual = accounts.findVirtual(number);
  if (virtual === undefined || virtual.account !== master.account) {
    throw new BankRefusal(
      'VIRTUAL_ACCOUNT_UNKNOWN',
      `account ${master.account} has no virtual account ${number}: check the number`,
    );
  }
  return virtual;
}

/** What the same request opened before; a BankRefusal when its id opened something else. */
function findEarlier(accounts: Accounts, master: Account, request: OpeningRequest) {
  const earlier = accounts.findVirtualByRequest(master.clientId, request.request_id);
  if (earlier === undefined) return undefined;
  const { account, name, reference } = earlier;
  if (account === master.account && name === request.name && reference === request.reference) {
    return earlier;
  }
  throw new BankRefusal(
    'REQUEST_ID_REUSED',
    `request_id ${request.request_id} opened another virtual account: use a new request_id`,
  );
}

function nextNumber(accounts: Accounts, master: Account): string {
  if (!hasVirtualAccounts(master.kind)) {
    throw new BankRefusal(
      'ACCOUNT_KIND_UNFIT',
      `account ${master.account} is ${master.kind}, without virtual accounts: name a client account`,
    );
  }
  const last = accounts.lastVirtual(master.account);
  const sequence = last === undefined ? 1 : Number.parseInt(last.slice(-virtualDigits), 10) + 1;
  if (sequence > maxPerMaster) {
    throw new BankRefusal(
      'VIRTUAL_ACCOUNTS_EXHAUSTED',
      `account ${master.account} has no virtual number left: use another master account`,
    );
  }
  return master.account + String(sequence).padStart(virtualDigits, '0');
}

export function createVirtualAccounts(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  accounts: Accounts;
}): VirtualAccounts {
  const { store, clock, accounts } = deps;

  function open(master: Account, request: OpeningRequest): VirtualAccount {
    const earlier = findEarlier(accounts, master, request);
    if (earlier !== undefined) return earlier;
    const virtual: VirtualAccount = {
      number: nextNumber(accounts, master),
      account: master.account,
      name: request.name,
      reference: request.reference,
      balance: 0n,
      held: 0n,
      openedMs: clock.nowMs(),
      closedMs: undefined,
    };
    accounts.insertVirtual(virtual, master.clientId, request.request_id);
    return virtual;
  }

  function close(master: Account, number: string): VirtualAccount {
    const virtual = findVirtual(accounts, master, number);
    if (virtual.closedMs !== undefined) return virtual;
    if (virtual.balance !== 0n) {
      throw new BankRefusal(
        'VIRTUAL_ACCOUNT_NOT_EMPTY',
        `${formatYuan(virtual.balance)} CNY lie on virtual account ${number}: pay them out first`,
      );
    }
    accounts.closeVirtual(number, clock.nowMs());
    return findVirtual(accounts, master, number);
  }

  return {
    open: (master, request) => transact(store, () => open(master, request)),
    find: (master, number) => findVirtual(accounts, master, number),
    close: (master, number) => transact(store, () => close(master, number)),
  };
}
