import type { Page } from '@keyturn/kernel';
import { listEntries, readSealHead, readSealLag, readSeals } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import type { Static } from 'typebox';
import { answer, pageSize } from '../http/request.ts';
import { readAccountDetail } from './account-detail.ts';
import { accountsFor } from './account-lists.ts';
import { journalText } from './journal-text.ts';
import { pageRequest } from './page-request.ts';
import { journalFrom } from './request.ts';
import type { AccountQuerySchema, AccountsQuerySchema } from './schemas.ts';
import type { LedgerService } from './service.ts';
import { accountView, bookView, entryView, sealView } from './views.ts';

interface Deps {
  readonly database: Database;
  readonly ledger: LedgerService;
  readonly keeperName: (keeper: string) => string;
}

/** Where a list goes on, as a person says it. */
export interface DeskPage {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Somebody of the platform: sees all. */
const person = { keeper: null };

/**
 * The ledger for a person at the command line of an installation, in the forms of the API.
 * Everything throws a RefusedError with the reason where the API would answer with a problem.
 */
export function createLedgerDesk({ database, ledger, keeperName }: Deps) {
  return {
    books: async (page: DeskPage) =>
      viewed(await ledger.books(person, pageRequest(page)), (book) => bookView(book, keeperName)),
    accounts: async (query: Static<typeof AccountsQuerySchema>) => {
      if (query.book !== undefined) answer(await ledger.book(person, query.book));
      return viewed(await accountsFor({ database, ledger }, person, query), accountView);
    },
    account: async (id: string, query: Static<typeof AccountQuerySchema>) =>
      readAccountDetail(database, answer(await ledger.account(person, id)), query),
    entries: async (id: string, page: DeskPage) => {
      const account = answer(await ledger.account(person, id));
      const entries = await listEntries(database, account.id, pageRequest(page));
      return viewed(entries, (entry) => entryView(account, entry));
    },
    /** The last seals, the newest first, and what is not sealed yet. */
    seals: async ({ limit }: Pick<DeskPage, 'limit'>) => {
      const last = (await readSealHead(database))?.number ?? 0n;
      const size = pageSize(limit);
      const from = last - BigInt(size);
      const seals = await readSeals(database, from < 0n ? 0n : from, size);
      const { journals, since } = await readSealLag(database);
      return {
        items: seals.toReversed().map(sealView),
        unsealed_journals: Number(journals),
        ...(since === null ? {} : { unsealed_since: since.toString() }),
      };
    },
    /** Books a journal in a book of that keeper; the text of the answer as the API gives it. */
    post: async (keeper: string, wire: unknown) => {
      const journal = answer(journalFrom(wire));
      const { receipt, names } = answer(await ledger.submit({ keeper }, journal));
      const text = journalText(receipt.journal, receipt.transfers, names);
      return { replayed: receipt.replayed, text };
    },
  };
}

function viewed<Row, View>({ items, nextCursor }: Page<Row>, view: (row: Row) => View) {
  return {
    items: items.map(view),
    ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
  };
}
