import { type SteerableClock, steerableClock } from '@keyturn/kernel';
import { type Database, insertRows } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import {
  type Account,
  type AccountSpec,
  accountId,
  balanceOf,
  bookId,
  bookTable,
  checkLedger,
  createLedgerUnit,
  createSubmitter,
  type JournalRequest,
  readAccounts,
  type Submitter,
  type TransferRequest,
} from '../index.ts';

/** A ledger of its own for a test file, with two books, and short words for what tests do. */
export interface World {
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  readonly clock: SteerableClock;
  readonly submitter: Submitter;
  /** A new id; ids rise. */
  uuid(): string;
  journal(transfers: readonly TransferRequest[], id?: string, inBook?: string): JournalRequest;
  /** Money from outside on an item; throws when it is refused. */
  fund(owner: string, amount: bigint): Promise<JournalRequest>;
  /** Books transfers as one journal and returns its id; throws when it is refused. */
  book(...transfers: readonly TransferRequest[]): Promise<string>;
  freeze(spec: AccountSpec, flags: { in: boolean; out: boolean }): Promise<void>;
  account(spec: AccountSpec): Promise<Account>;
  balance(owner: string): Promise<{ posted: bigint; available: bigint }>;
  /** Ends it, and returns what the check of the ledger finds. */
  end(): Promise<readonly unknown[]>;
}

export const book = bookId('kt-test', 'escrow', 'CNY');
export const otherBook = bookId('kt-test', 'reserve', 'HKD');

/** Without limit: where money comes from. */
export const outside: AccountSpec = { book, code: 1101, owner: 'wx' };

/** May not be overdrawn. */
export function item(owner: string): AccountSpec {
  return { book, code: 2101, owner };
}

export async function createWorld(): Promise<World> {
  const testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  const clock = steerableClock('2026-11-20T02:00:00Z');
  const submitter = createSubmitter({ database, clock });
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-test', regime: 'escrow', currency: 'CNY', memo: false },
      { id: otherBook, legalEntity: 'kt-test', regime: 'reserve', currency: 'HKD', memo: false },
    ]),
  );
  let serial = 0;
  const uuid = () => {
    serial += 1;
    return `00000000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`;
  };
  const journal: World['journal'] = (transfers, id = uuid(), inBook = book) => {
    const cause = { module: 'test', object: id, command: `test:${id}` };
    return { id, book: inBook, cause, transfers };
  };
  async function accept(request: JournalRequest): Promise<JournalRequest> {
    const answer = await submitter.submit(request);
    if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.error)}`);
    return request;
  }
  async function account(spec: AccountSpec): Promise<Account> {
    const [found] = await readAccounts(database, [accountId(spec)]);
    if (!found) throw new Error(`no account ${spec.book}/${spec.code}/${spec.owner}`);
    return found;
  }
  return {
    testDatabase,
    database,
    clock,
    submitter,
    uuid,
    journal,
    account,
    fund: (owner, amount) =>
      accept(journal([{ kind: 'posted', debit: outside, credit: item(owner), amount }])),
    book: async (...transfers) => (await accept(journal(transfers))).id,
    freeze: (spec, flags) =>
      database.transaction(async (tx) => {
        const unit = createLedgerUnit();
        await unit.load(tx, { accounts: [spec] }, clock.now());
        unit.freeze(spec, flags);
        unit.flush(tx);
      }),
    balance: async (owner) => balanceOf(await account(item(owner))),
    end: async () => {
      await submitter.close();
      const check = await checkLedger(database);
      await testDatabase.drop();
      return check.findings;
    },
  };
}
