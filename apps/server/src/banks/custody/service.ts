import {
  assert,
  type Clock,
  decodeCursor,
  encodeCursor,
  encodeId,
  ok,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { type Database, toJson } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Command, CommandRunner } from '../../platform/index.ts';
import { concealed } from '../../platform/secrets/concealed.ts';
import type { Sealer } from '../../platform/secrets/sealer.ts';
import { type BankEntry, type ChannelsService, maskName, maskNumber } from '../channels/index.ts';
import { kindOf, settlementMarks } from './decide/receipt-kind.ts';
import { refuse } from './errors.ts';
import { type RecordEntryInput, recordEntryKey, recordEntryKind } from './record-entry.ts';
import {
  readAccounts,
  readReceipt,
  readReceiptsInState,
  readVirtualAccountOf,
  seedAccount,
} from './store.ts';
import type {
  CustodyAccount,
  CustodyService,
  Receipt,
  ReceiptView,
  RecordedEntry,
} from './types.ts';
import { receiptView } from './views.ts';
import { createVirtualAccounts } from './virtual-accounts.ts';

export interface CustodyDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commands: CommandRunner;
  readonly channels: Pick<ChannelsService, 'bank' | 'contracts'>;
  /** Seals the other side's name and account. */
  readonly sealer: Sealer;
}

const CounterpartySchema = Type.Object({
  name: Type.Optional(Type.String()),
  account: Type.Optional(Type.String()),
});

export function createCustodyService(deps: CustodyDeps): CustodyService {
  const { database, channels, sealer } = deps;
  const directory = createDirectory(database);
  const recordEntry = deps.commands.define(recordEntryKind);
  const virtualAccounts = createVirtualAccounts(deps);

  async function recordEntries(
    accountId: string,
    source: Receipt['source'],
    entries: readonly BankEntry[],
  ): Promise<Result<readonly RecordedEntry[], Refusal>> {
    const account = await directory.find((each) => each.id === accountId, accountId);
    if (!account.ok) return account;
    const marks = settlementMarks(await channels.contracts(), accountId);
    const inputs = entries.map(
      (entry): RecordEntryInput => ({
        accountId,
        source,
        ...split(sealer, accountId, entry),
        ...kindOf(entry, marks),
      }),
    );
    return recordAll(recordEntry, inputs);
  }

  async function accountOf(id: string): Promise<CustodyAccount> {
    const account = await directory.find((each) => each.id === id, id);
    assert(account.ok, 'the account of a virtual account is there');
    return account.value;
  }

  return {
    seedAccounts: (accounts) => seedAccounts(database, accounts),
    accounts: () => readAccounts(database),
    account: (id) => directory.find((account) => account.id === id, id),
    accountOfBook: (book) => directory.find((account) => account.book === book, `of ${book}`),
    accountByNumber: (contractId, number) =>
      directory.find(
        (account) => account.contractId === contractId && account.number === number,
        `${maskNumber(number)} at ${contractId}`,
      ),
    recordEntries,
    handleBankNotification: async ({ contractId, account: number, entries }) => {
      const account = await directory.find(
        (each) => each.contractId === contractId && each.number === number,
        contractId,
      );
      assert(account.ok, `a notification over ${contractId} is about an account of ours`);
      const recorded = await recordEntries(account.value.id, 'notification', entries);
      assert(recorded.ok, 'the entries of a notification can be booked');
    },
    requestVirtualAccount: async (request) => {
      const { accountId: id } = request;
      const account = await directory.find((each) => each.id === id, id);
      return account.ok ? virtualAccounts.request(request, account.value) : account;
    },
    closeVirtualAccount: (id) => virtualAccounts.close(id, accountOf),
    virtualAccountOf: (ownerId) => readVirtualAccountOf(database, ownerId),
    balance: async (accountId) => {
      const account = await directory.find((each) => each.id === accountId, accountId);
      if (!account.ok) return account;
      const { contractId, number } = account.value;
      return ok(await channels.bank.balance({ contractId, account: number }));
    },
    receipt: (id) => findReceipt(database, id),
    counterparty: async (receiptId) => {
      const receipt = await findReceipt(database, receiptId);
      return receipt.ok ? ok(openCounterparty(sealer, receipt.value)) : receipt;
    },
    receipts: (query) => readPage(database, query),
    askAgain: () => virtualAccounts.askAgain(accountOf),
  };
}

/**
 * The accounts by memory: they never change, and one that is not known yet is looked for once more.
 */
function createDirectory(database: Database) {
  let known: readonly CustodyAccount[] = [];
  return {
    find: async (
      isWanted: (account: CustodyAccount) => boolean,
      name: string,
    ): Promise<Result<CustodyAccount, Refusal>> => {
      let found = known.find(isWanted);
      if (found === undefined) {
        known = await readAccounts(database);
        found = known.find(isWanted);
      }
      if (found !== undefined) return ok(found);
      return refuse('custody_account_unknown', { values: { account: name } });
    },
  };
}

async function seedAccounts(
  database: Database,
  accounts: readonly CustodyAccount[],
): Promise<Result<undefined, Refusal>> {
  await database.transaction(async (tx) => {
    for (const account of [...accounts].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      await seedAccount(tx, account);
    }
  });
  const there = new Map((await readAccounts(database)).map((account) => [account.id, account]));
  for (const account of accounts) {
    const kept = there.get(account.id);
    const isSame = kept !== undefined && sameAccount(kept, account);
    if (!isSame) return refuse('custody_account_conflict', { values: { account: account.id } });
  }
  return ok(undefined);
}

function sameAccount(a: CustodyAccount, b: CustodyAccount): boolean {
  const terms = (of: CustodyAccount) =>
    [of.book, of.contractId, of.number, of.ledgerCode, of.bankCode, of.currency].join('/');
  return terms(a) === terms(b);
}

/** One command per entry: they coalesce with those of other notifications. */
async function recordAll(
  recordEntry: Command<RecordEntryInput, RecordedEntry>,
  inputs: readonly RecordEntryInput[],
): Promise<Result<readonly RecordedEntry[], Refusal>> {
  const outcomes = await Promise.all(
    inputs.map((input) => recordEntry(recordEntryKey(input), input)),
  );
  const recorded: RecordedEntry[] = [];
  for (const outcome of outcomes) {
    if (!outcome.ok) return outcome;
    recorded.push(outcome.replayed ? { ...outcome.value, recorded: false } : outcome.value);
  }
  return ok(recorded);
}

/**
 * Takes the other side out of an entry: sealed for the table, a blind index for the fingerprint.
 */
function split(
  sealer: Sealer,
  accountId: string,
  entry: BankEntry,
): Pick<RecordEntryInput, 'entry' | 'counterparty'> {
  const { counterpartyName: name, counterpartyAccount: account, ...rest } = entry;
  if (name === undefined && account === undefined) return { entry: rest, counterparty: null };
  const text = toJson({ name, account });
  const value = {
    sealed: sealer.seal(text, counterpartyContext({ ...entry, accountId })),
    masked: [name && maskName(name), account && maskNumber(account)].filter(Boolean).join(' '),
  };
  const standIn = sealer.blindIndex(`custody.counterparty:${text}`);
  return { entry: rest, counterparty: concealed(value, standIn) };
}

function counterpartyContext(
  of: Pick<Receipt, 'accountId' | 'bankReference' | 'direction'>,
): string {
  return `custody.receipt.counterparty:${of.accountId}/${of.bankReference}/${of.direction}`;
}

function openCounterparty(
  sealer: Sealer,
  receipt: Receipt,
): { readonly name?: string; readonly account?: string } {
  if (receipt.counterpartySealed === null) return {};
  const text = sealer.open(receipt.counterpartySealed, counterpartyContext(receipt));
  const value: unknown = JSON.parse(text);
  assert(Value.Check(CounterpartySchema, value), 'a sealed counterparty has its form');
  return value;
}

async function findReceipt(database: Database, id: string): Promise<Result<Receipt, Refusal>> {
  const receipt = await readReceipt(database, id);
  if (receipt !== undefined) return ok(receipt);
  return refuse('receipt_unknown', { values: { receipt: encodeId('rcp', id) } });
}

async function readPage(
  database: Database,
  query: Parameters<CustodyService['receipts']>[0],
): Promise<
  Result<{ readonly items: readonly ReceiptView[]; readonly next_cursor?: string }, Refusal>
> {
  const start = ['9999-12-31T00:00:00Z', 'ffffffff-ffff-ffff-ffff-ffffffffffff'] as const;
  const { state, limit, cursor } = query;
  const position = cursor === undefined ? start : decodeCursor(cursor, ['instant', 'uuid']);
  if (position === undefined) {
    return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
  }
  const [beforeAt, beforeId] = position;
  const rows = await readReceiptsInState(database, {
    ...{ state, beforeAt, beforeId },
    limit: limit + 1,
  });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return ok({
    items: items.map(receiptView),
    ...(more ? { next_cursor: encodeCursor([last.recordedAt.toString(), last.id]) } : {}),
  });
}
