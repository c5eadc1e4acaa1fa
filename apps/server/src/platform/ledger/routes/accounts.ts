import { bankZone, encodeCursor, ok, type Page } from '@keyturn/kernel';
import {
  type Account,
  type AccountSpec,
  accountCodes,
  accountId,
  findAccounts,
  listAccounts,
  listEntries,
  type PageRequest,
  readAccounts,
  readAccountsOfOwners,
  readCountersAt,
  readMetadata,
  readPostedAt,
} from '@keyturn/ledger';
import { type Static, Type } from 'typebox';
import { RefusedError } from '../../http/refused.ts';
import { answer, answerCommand } from '../../http/request.ts';
import { PageQuerySchema } from '../../http/schemas.ts';
import type { HttpApp } from '../../http/server.ts';
import { uuidOfAnyId } from '../any-id.ts';
import {
  AccountDetailSchema,
  AccountQuerySchema,
  AccountSchema,
  AccountsQuerySchema,
  EntrySchema,
  FreezeSchema,
  NewAccountSchema,
  pageOf,
  problems,
  UuidSchema,
} from '../schemas.ts';
import type { LedgerCaller } from '../service.ts';
import {
  accountDetailView,
  accountView,
  asRecordedView,
  byValueDateView,
  entryView,
} from '../views.ts';
import { keepers, type LedgerRoutesDeps, listOf, pageRequest, readers, tags } from './edge.ts';

const AccountParams = Type.Object({ id: UuidSchema('A ledger account') });

export function registerAccountRoutes(app: HttpApp, deps: LedgerRoutesDeps): void {
  registerOpening(app, deps);
  registerFreezing(app, deps);
  registerLists(app, deps);
  registerReading(app, deps);
  registerStatement(app, deps);
}

function registerOpening(app: HttpApp, { ledger, callerOf }: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/accounts',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'openLedgerAccount',
        summary: 'Open an account with terms of its own; again changes nothing',
        body: NewAccountSchema,
        response: { 201: AccountDetailSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { book, code, owner, limit, metadata } = request.body;
      const spec = { book, code: code as AccountSpec['code'], owner };
      const opened = await ledger.openAccount(callerOf(request), {
        account: spec,
        ...(limit === undefined ? {} : { limit }),
        ...(metadata === undefined ? {} : { metadata }),
      });
      const { account, metadata: kept, replayed } = answer(opened);
      const view = accountDetailView(account, kept);
      return reply.code(201).send(answerCommand(reply, { ...ok(view), replayed }));
    },
  );
}

function registerFreezing(app: HttpApp, deps: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/accounts/:id/freeze',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'freezeLedgerAccount',
        summary: 'Say what may come to an account and leave it, from now on',
        params: AccountParams,
        body: FreezeSchema,
        response: { 200: AccountSchema, ...problems },
      },
    },
    async (request) => {
      const by = deps.callerOf(request);
      return accountView(answer(await deps.ledger.freeze(by, request.params.id, request.body)));
    },
  );
}

function registerLists(app: HttpApp, deps: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/accounts',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'listAccounts',
        summary: 'The ledger accounts of a book or an owner, or with a value in their metadata',
        querystring: AccountsQuerySchema,
        response: { 200: pageOf(AccountSchema), ...problems },
      },
    },
    async (request) => {
      const by = deps.callerOf(request);
      const { book } = request.query;
      if (book !== undefined) answer(await deps.ledger.book(by, book));
      return listOf(accountsFor(deps, by, request.query), accountView);
    },
  );
}

type AccountsQuery = Static<typeof AccountsQuerySchema>;

/** Which list is meant, by the filters that are there. */
async function accountsFor(
  deps: LedgerRoutesDeps,
  by: LedgerCaller,
  query: AccountsQuery,
): Promise<Page<Account>> {
  const { book, owner, metadata_key: key, metadata_value: value } = query;
  const page = pageRequest(query);
  if (owner !== undefined) return ofOwner(deps, by, owner, book);
  if (key !== undefined && value !== undefined) {
    return withMetadata(deps, by, { key, value, book }, page);
  }
  if (book !== undefined) return listAccounts(deps.database, book, page);
  const filter = 'book, owner, or metadata_key and metadata_value';
  throw new RefusedError({ code: 'ledger_filter_missing', values: { filter } });
}

/** Without a book: the accounts of the platform's own, for its people. */
async function ofOwner(
  { database }: LedgerRoutesDeps,
  by: LedgerCaller,
  owner: string,
  book: string | undefined,
): Promise<Page<Account>> {
  if (book === undefined) {
    if (by.keeper !== null) {
      const values = { filter: 'book beside owner' };
      throw new RefusedError({ code: 'ledger_filter_missing', param: 'book', values });
    }
    const name = /^[a-z]+_[0-9a-z]{26}$/.test(owner) ? uuidOfAnyId(owner, 'owner') : owner;
    return { items: await readAccountsOfOwners(database, [name]), nextCursor: undefined };
  }
  // The id of an account follows from its book, code and owner: one for each code.
  const ids = Object.values(accountCodes).map((code) => accountId({ book, code, owner }));
  const found = await readAccounts(database, ids);
  return { items: found.toSorted((a, b) => a.code - b.code), nextCursor: undefined };
}

/** Accounts of others are passed over, so many at most for one page. */
const pagesPassedOver = 10;

/** Accounts with a value in their metadata, of the books that the caller sees. */
async function withMetadata(
  { database, ledger }: LedgerRoutesDeps,
  by: LedgerCaller,
  filter: { readonly key: string; readonly value: string; readonly book: string | undefined },
  { limit = 1, cursor }: PageRequest,
): Promise<Page<Account>> {
  const items: Account[] = [];
  let position = cursor;
  for (let pages = 0; pages < pagesPassedOver; pages++) {
    const page = await findAccounts(database, filter, {
      ...(position === undefined ? {} : { cursor: position }),
    });
    for (const account of page.items) {
      if (filter.book !== undefined && account.bookId !== filter.book) continue;
      if (!(await ledger.book(by, account.bookId)).ok) continue;
      if (items.length === limit) {
        const last = items.at(-1);
        return { items, nextCursor: last && encodeCursor([last.id]) };
      }
      items.push(account);
    }
    position = page.nextCursor;
    if (position === undefined) break;
  }
  return { items, nextCursor: position };
}

function registerReading(app: HttpApp, { database, ledger, callerOf }: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/accounts/:id',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'getLedgerAccount',
        summary: 'An account now, as recorded at a moment, and by value date',
        description:
          'With `at`, also as it stood after all that was recorded until then. With `value_date`, also what was posted with value dates up to the end of that bank day; with both, as far as it was recorded until `at`.',
        params: AccountParams,
        querystring: AccountQuerySchema,
        response: { 200: AccountDetailSchema, ...problems },
      },
    },
    async (request) => {
      const account = answer(await ledger.account(callerOf(request), request.params.id));
      const metadata = (await readMetadata(database, [account.id])).get(account.id) ?? {};
      const { at, value_date } = request.query;
      const moment = at === undefined ? undefined : Temporal.Instant.from(at);
      const asRecorded =
        moment &&
        asRecordedView(account, await readCountersAt(database, account.id, moment), moment);
      const effectiveAt = value_date === undefined ? undefined : endOf(value_date);
      const recordedAt = moment === undefined ? {} : { recordedAt: moment };
      const posted =
        effectiveAt && (await readPostedAt(database, account.id, { effectiveAt, ...recordedAt }));
      const asked = {
        value_date: value_date ?? '',
        ...(moment === undefined ? {} : { known_at: moment.toString() }),
      };
      return {
        ...accountDetailView(account, metadata),
        ...(asRecorded === undefined ? {} : { as_recorded: asRecorded }),
        ...(posted === undefined ? {} : { by_value_date: byValueDateView(account, posted, asked) }),
      };
    },
  );
}

/** The last moment of a bank day. */
function endOf(day: string): Temporal.Instant {
  const next = Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(bankZone);
  return next.toInstant().subtract({ microseconds: 1 });
}

function registerStatement(app: HttpApp, { database, ledger, callerOf }: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/accounts/:id/entries',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'listLedgerEntries',
        summary: 'An account’s statement: its entries as booked, with the balances after each',
        params: AccountParams,
        querystring: PageQuerySchema,
        response: { 200: pageOf(EntrySchema), ...problems },
      },
    },
    async (request) => {
      const account = answer(await ledger.account(callerOf(request), request.params.id));
      const page = listEntries(database, account.id, pageRequest(request.query));
      return listOf(page, (entry) => entryView(account, entry));
    },
  );
}
