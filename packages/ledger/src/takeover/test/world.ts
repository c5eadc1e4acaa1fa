import { type SteerableClock, steerableClock } from '@keyturn/kernel';
import { type Database, insertRows } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { accountId, balanceOf, bookId, bookTable, checkLedger, readAccounts } from '../../index.ts';
import { readPlan } from '../plan.ts';
import { createTakeoverService, type TakeoverService } from '../service.ts';
import { createOldLedgerModel, type OldLedgerModel } from './old-ledger-model.ts';

/** An old ledger with history, an empty book, and the takeover between them. */
export interface TakeoverWorld {
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  readonly clock: SteerableClock;
  readonly old: OldLedgerModel;
  readonly service: TakeoverService;
  /** The balance of an old account here, with the old ledger's sign; 0 before it is opened. */
  balance(subject: string, account: string): Promise<bigint>;
  /** Ends it, and returns what the check of the ledger finds. */
  end(): Promise<readonly unknown[]>;
}

export const takeover = 'wallets';
export const takeoverBook = bookId('kt-test', 'reserve', 'CNY');
export const anna = { by: 'Anna', why: 'as planned' };
export const ben = { by: 'Ben', why: 'checked' };

const counter = { code: 1101, owner: 'old ledger' };

/** Wallets and merchants have the sign of the old ledger; 1122 is kept with its sign turned. */
export const planContent = {
  takeover,
  book: takeoverBook,
  old: { url: 'http://127.0.0.1:1', client: 'keyturn', key: 'old-ledger' },
  subjects: [
    { subject: '2201', code: 2001, owner: '{account}', sign: 'same', counter },
    { subject: '2202', code: 2002, owner: 'm-{account}', sign: 'same', counter },
    { subject: '1122', code: 1201, owner: '{account}', sign: 'opposite', counter },
  ],
  suspense: {
    excess: { code: 2301, owner: 'takeover' },
    shortfall: { code: 1201, owner: 'takeover: shortfall' },
  },
  gate_days: 3,
  late_after: 'PT2H',
  compare_every: 'PT1H',
};

export async function createTakeoverWorld(content: unknown = planContent): Promise<TakeoverWorld> {
  const testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  const clock = steerableClock('2026-03-01T01:00:00Z');
  const old = createOldLedgerModel(clock);
  const service = createTakeoverService({ database, clock, connect: () => old });
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      {
        id: takeoverBook,
        legalEntity: 'kt-test',
        regime: 'reserve',
        currency: 'CNY',
        memo: false,
      },
    ]),
  );
  const stored = await service.plan(content, anna);
  if (!stored.ok) throw new Error(`the plan was refused: ${JSON.stringify(stored.error)}`);
  const plan = readPlan(content);
  if (!plan.ok) throw new Error('the plan cannot be read');
  return {
    testDatabase,
    database,
    clock,
    old,
    service,
    balance: async (subject, account) => {
      const mapping = plan.value.subjects.find((one) => one.subject === subject);
      if (!mapping) throw new Error(`no subject ${subject}`);
      const owner = mapping.owner.replace('{account}', account);
      const [found] = await readAccounts(database, [
        accountId({ book: takeoverBook, code: mapping.code, owner }),
      ]);
      const posted = found ? balanceOf(found).posted : 0n;
      return mapping.sign === 'same' ? posted : -posted;
    },
    end: async () => {
      await service.close();
      const check = await checkLedger(database);
      await testDatabase.drop();
      return check.findings;
    },
  };
}
