import { decodeCursor } from '@keyturn/kernel';
import {
  type Account,
  balanceOf,
  type CheckOptions,
  checkLedger,
  isCreditNormal,
  type JournalView,
  type LedgerCheck,
  readAccountsOfOwners,
  readJournalsOfObjects,
} from '@keyturn/ledger';
import { type Database, openDatabase } from '@keyturn/pipeline';
import { Type } from 'typebox';
import { RefusedError } from '../http/refused.ts';
import { pageSize } from '../http/request.ts';
import {
  InstantSchema,
  moneyToWire,
  PageQuerySchema,
  ProblemSchema,
  SignedMoneySchema,
} from '../http/schemas.ts';
import type { HttpApp } from '../http/server.ts';
import { uuidOfAnyId } from './any-id.ts';

const AccountSchema = Type.Object(
  {
    id: Type.String(),
    book: Type.String(),
    code: Type.Integer({ description: 'Chart of accounts' }),
    owner: Type.String({ description: 'Whose money, or which contract or account' }),
    balance: SignedMoneySchema,
    available: SignedMoneySchema,
    frozen: Type.Object({ in: Type.Boolean(), out: Type.Boolean() }),
    closed: Type.Boolean(),
    version: Type.Integer(),
  },
  { title: 'LedgerAccount', description: 'A ledger account; balances grow on its normal side' },
);

const TransferSchema = Type.Object(
  {
    leg: Type.Integer(),
    kind: Type.String({ description: 'posted, pending, post_pending or void_pending' }),
    amount: SignedMoneySchema,
    debit: Type.Object({
      code: Type.Integer(),
      owner: Type.String(),
      balance_after: SignedMoneySchema,
    }),
    credit: Type.Object({
      code: Type.Integer(),
      owner: Type.String(),
      balance_after: SignedMoneySchema,
    }),
  },
  { title: 'LedgerTransfer' },
);

const JournalSchema = Type.Object(
  {
    id: Type.String(),
    book: Type.String(),
    module: Type.String(),
    object: Type.String(),
    command: Type.String(),
    effective_at: InstantSchema,
    recorded_at: InstantSchema,
    transfers: Type.Array(TransferSchema),
  },
  { title: 'Journal', description: 'Transfers that stand or fall together, with their cause' },
);

function currencyOf(book: string): string {
  return book.slice(book.lastIndexOf('/') + 1);
}

function accountView(account: Account) {
  const currency = currencyOf(account.bookId);
  const { posted, available } = balanceOf(account);
  return {
    id: account.id,
    book: account.bookId,
    code: account.code,
    owner: account.owner,
    balance: moneyToWire(posted, currency),
    available: moneyToWire(available, currency),
    frozen: { in: account.frozenIn, out: account.frozenOut },
    closed: account.closed,
    version: Number(account.version),
  };
}

function side(account: Account, debits: bigint, credits: bigint) {
  const balance = isCreditNormal(account.code) ? credits - debits : debits - credits;
  const { code, owner, bookId } = account;
  return { code, owner, balance_after: moneyToWire(balance, currencyOf(bookId)) };
}

function journalView(journal: JournalView) {
  const currency = currencyOf(journal.bookId);
  return {
    id: journal.id,
    book: journal.bookId,
    module: journal.causeModule,
    object: journal.causeObject,
    command: journal.causeCommand,
    effective_at: journal.effectiveAt.toString(),
    recorded_at: journal.recordedAt.toString(),
    transfers: journal.transfers.map((t) => ({
      leg: t.leg,
      kind: t.kind,
      amount: moneyToWire(t.amount, currency),
      debit: side(t.debit, t.debitDebitsPosted, t.debitCreditsPosted),
      credit: side(t.credit, t.creditDebitsPosted, t.creditCreditsPosted),
    })),
  };
}

/** The ledger for people who look: journals of objects, accounts of owners, and the check. */
export function registerLedgerRoutes(
  app: HttpApp,
  deps: { readonly database: Database; readonly checkUrl: string },
): void {
  registerJournals(app, deps.database);
  registerAccounts(app, deps.database);
  registerCheck(app, deps.checkUrl);
}

function registerJournals(app: HttpApp, database: Database): void {
  app.get(
    '/v1/ledger/journals',
    {
      config: { access: ['operator'] },
      schema: {
        tags: ['Ledger'],
        operationId: 'listJournals',
        summary: 'The journals that objects caused, oldest first',
        querystring: Type.Object({
          object_id: Type.Union(
            [
              Type.String({ minLength: 1, maxLength: 60 }),
              Type.Array(Type.String({ minLength: 1, maxLength: 60 }), {
                minItems: 1,
                maxItems: 50,
              }),
            ],
            { description: 'One id or several: orders, deals, items, pay-outs …' },
          ),
          ...PageQuerySchema.properties,
        }),
        response: {
          200: Type.Object({
            items: Type.Array(JournalSchema),
            next_cursor: Type.Optional(Type.String()),
          }),
          '4xx': ProblemSchema,
        },
      },
    },
    async (request) => {
      const { object_id, cursor, limit } = request.query;
      const ids = typeof object_id === 'string' ? [object_id] : object_id;
      const after = cursor === undefined ? undefined : decodeCursor(cursor, ['uuid'])?.[0];
      if (cursor !== undefined && after === undefined) {
        throw new RefusedError({ code: 'cursor_invalid', param: 'cursor' });
      }
      const objects = ids.map((id) => uuidOfAnyId(id, 'object_id'));
      const page = await readJournalsOfObjects(database, objects, after, pageSize(limit));
      return {
        items: page.items.map(journalView),
        ...(page.nextCursor === undefined ? {} : { next_cursor: page.nextCursor }),
      };
    },
  );
}

function registerAccounts(app: HttpApp, database: Database): void {
  app.get(
    '/v1/ledger/accounts',
    {
      config: { access: ['operator'] },
      schema: {
        tags: ['Ledger'],
        operationId: 'listAccounts',
        summary: 'The ledger accounts of an owner',
        querystring: Type.Object({ owner: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: { 200: Type.Object({ items: Type.Array(AccountSchema) }), '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const { owner } = request.query;
      const name = /^[a-z]+_[0-9a-z]{26}$/.test(owner) ? uuidOfAnyId(owner, 'owner') : owner;
      const accounts = await readAccountsOfOwners(database, [name]);
      return { items: accounts.map(accountView) };
    },
  );
}

function registerCheck(app: HttpApp, checkUrl: string): void {
  app.post(
    '/v1/ledger/checks',
    {
      config: { access: ['operator:finance'] },
      schema: {
        tags: ['Ledger'],
        operationId: 'checkLedger',
        summary: 'Replays every transfer and compares every balance with it',
        response: {
          200: Type.Object({
            balanced: Type.Boolean(),
            accounts: Type.Integer(),
            journals: Type.Integer(),
            transfers: Type.Integer(),
            findings: Type.Array(
              Type.Object({ rule: Type.String(), subject: Type.String(), detail: Type.String() }),
            ),
          }),
          '4xx': ProblemSchema,
        },
      },
    },
    async () => {
      const check = await checkWholeLedger(checkUrl);
      const { balanced, accounts, journals, transfers } = check;
      return {
        balanced,
        findings: [...check.findings],
        accounts: Number(accounts),
        journals: Number(journals),
        transfers: Number(transfers),
      };
    },
  );
}

/** The check reads everything, so it has a connection of its own without a time-out. */
export async function checkWholeLedger(
  url: string,
  options: CheckOptions = {},
): Promise<LedgerCheck> {
  const database = openDatabase({
    url,
    applicationName: 'keyturn ledger check',
    maxConnections: 1,
    statementTimeoutMs: 0,
  });
  try {
    return await checkLedger(database, options);
  } finally {
    await database.close();
  }
}
