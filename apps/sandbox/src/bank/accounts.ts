import type { DatabaseSync } from 'node:sqlite';
import { optionalText, type Row, text } from '../core/store.ts';
import { count, exact, fen, optionalCount } from './rows.ts';

export const accountKinds = ['escrow_master', 'reserve', 'own'] as const;

export type AccountKind = (typeof accountKinds)[number];

/** Clients' money is told apart by virtual accounts; a firm's own account has none. */
export function hasVirtualAccounts(kind: AccountKind): boolean {
  return kind !== 'own';
}

/** A corporate account of a client. Amounts in fen; `held` is reserved for accepted payments. */
export interface Account {
  account: string;
  clientId: string;
  name: string;
  kind: AccountKind;
  balance: bigint;
  held: bigint;
  /** The first day that has a statement. */
  openedOn: string;
  /** Nothing is booked before this: entries keep their order, and issued statements stay true. */
  notBeforeMs: number;
}

/** A sub-ledger of a master account. */
export interface VirtualAccount {
  number: string;
  account: string;
  name: string;
  reference: string;
  balance: bigint;
  held: bigint;
  openedMs: number;
  closedMs: number | undefined;
}

/** Where money for a number goes. */
export interface Destination {
  account: Account;
  virtualAccount: VirtualAccount | undefined;
  /** A number below a known master that cannot take money: unknown there, or closed. */
  unusable: string | undefined;
}

export const virtualDigits = 6;

function parseKind(row: Row): AccountKind {
  const kind = accountKinds.find((each) => each === row['kind']);
  if (kind === undefined) throw new Error(`account kind ${String(row['kind'])} is unknown`);
  return kind;
}

function parseAccount(row: Row): Account {
  return {
    account: text(row, 'account'),
    clientId: text(row, 'client_id'),
    name: text(row, 'name'),
    kind: parseKind(row),
    balance: fen(row, 'balance'),
    held: fen(row, 'held'),
    openedOn: text(row, 'opened_on'),
    notBeforeMs: count(row, 'not_before_ms'),
  };
}

function parseVirtual(row: Row): VirtualAccount {
  return {
    number: text(row, 'number'),
    account: text(row, 'account'),
    name: text(row, 'name'),
    reference: text(row, 'reference'),
    balance: fen(row, 'balance'),
    held: fen(row, 'held'),
    openedMs: count(row, 'opened_ms'),
    closedMs: optionalCount(row, 'closed_ms'),
  };
}

export interface Accounts {
  find(account: string): Account | undefined;
  insert(account: Pick<Account, 'account' | 'clientId' | 'name' | 'kind' | 'openedOn'>): void;
  update(account: string, name: string, kind: AccountKind): void;
  findVirtual(number: string): VirtualAccount | undefined;
  findVirtualByRequest(clientId: string, requestId: string): VirtualAccount | undefined;
  /** The highest virtual number that the master ever had. */
  lastVirtual(account: string): string | undefined;
  insertVirtual(virtual: VirtualAccount, clientId: string, requestId: string): void;
  closeVirtual(number: string, closedMs: number): void;
  /** What lies on the master's virtual accounts together, in fen. */
  virtualTotal(account: string): bigint;
  /** Finds where money for this number goes; undefined when the bank has no such number. */
  destination(number: string): Destination | undefined;
  /** Moves balance and held at once; the database refuses what would overdraw. */
  move(account: string, balanceBy: bigint, heldBy: bigint, virtual: string | undefined): void;
  notBefore(account: string, epochMs: number): void;
}

function prepareAccounts(store: DatabaseSync) {
  return {
    find: exact(store, 'select * from bank_account where account = ?'),
    insert: store.prepare(`insert into bank_account (account, client_id, name, kind, currency,
      balance, held, opened_on, not_before_ms) values (?, ?, ?, ?, 'CNY', 0, 0, ?, 0)`),
    update: store.prepare('update bank_account set name = ?, kind = ? where account = ?'),
    move: store.prepare(
      'update bank_account set balance = balance + ?, held = held + ? where account = ?',
    ),
    notBefore: store.prepare(
      'update bank_account set not_before_ms = max(not_before_ms, ?) where account = ?',
    ),
  };
}

function prepareVirtual(store: DatabaseSync) {
  return {
    find: exact(store, 'select * from bank_virtual_account where number = ?'),
    byRequest: exact(
      store,
      'select * from bank_virtual_account where client_id = ? and request_id = ?',
    ),
    last: store.prepare('select max(number) as last from bank_virtual_account where account = ?'),
    total: exact(
      store,
      'select coalesce(sum(balance), 0) as total from bank_virtual_account where account = ?',
    ),
    insert: store.prepare(`insert into bank_virtual_account (number, account, name, reference,
      client_id, request_id, balance, held, opened_ms, closed_ms)
      values (?, ?, ?, ?, ?, ?, 0, 0, ?, null)`),
    close: store.prepare('update bank_virtual_account set closed_ms = ? where number = ?'),
    move: store.prepare(`update bank_virtual_account set balance = balance + ?, held = held + ?
      where number = ? and closed_ms is null`),
  };
}

export function openAccounts(store: DatabaseSync): Accounts {
  const real = prepareAccounts(store);
  const virtual = prepareVirtual(store);
  const parsed = <T>(row: Row | undefined, parse: (row: Row) => T) =>
    row === undefined ? undefined : parse(row);
  const find = (account: string) => parsed(real.find.get(account), parseAccount);
  const findVirtual = (number: string) => parsed(virtual.find.get(number), parseVirtual);

  function destination(number: string): Destination | undefined {
    const own = find(number);
    if (own !== undefined) return { account: own, virtualAccount: undefined, unusable: undefined };
    const sub = findVirtual(number);
    const master = find(sub?.account ?? number.slice(0, -virtualDigits));
    if (master === undefined || !/^\d+$/.test(number)) return undefined;
    if (sub?.closedMs === undefined && sub !== undefined) {
      return { account: master, virtualAccount: sub, unusable: undefined };
    }
    if (!hasVirtualAccounts(master.kind)) return undefined;
    return { account: master, virtualAccount: undefined, unusable: number };
  }

  return {
    find,
    insert: ({ account, clientId, name, kind, openedOn }) => {
      real.insert.run(account, clientId, name, kind, openedOn);
    },
    update: (account, name, kind) => {
      real.update.run(name, kind, account);
    },
    findVirtual,
    findVirtualByRequest: (clientId, requestId) =>
      parsed(virtual.byRequest.get(clientId, requestId), parseVirtual),
    lastVirtual: (account) => optionalText(virtual.last.get(account) ?? {}, 'last'),
    insertVirtual: ({ number, account, name, reference, openedMs }, clientId, requestId) => {
      virtual.insert.run(number, account, name, reference, clientId, requestId, openedMs);
    },
    closeVirtual: (number, closedMs) => {
      virtual.close.run(closedMs, number);
    },
    virtualTotal: (account) => fen(virtual.total.get(account) ?? {}, 'total'),
    destination,
    move: (account, balanceBy, heldBy, number) => {
      real.move.run(balanceBy, heldBy, account);
      if (number === undefined) return;
      const { changes } = virtual.move.run(balanceBy, heldBy, number);
      if (Number(changes) !== 1) throw new Error(`virtual account ${number} is not open`);
    },
    notBefore: (account, epochMs) => {
      real.notBefore.run(epochMs, account);
    },
  };
}
