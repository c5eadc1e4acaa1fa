import { ok } from '@keyturn/kernel';
import { type AccountSpec, listEntries, listOpenHolds } from '@keyturn/ledger';
import { Type } from 'typebox';
import { answer, answerCommand } from '../../http/request.ts';
import { PageQuerySchema } from '../../http/schemas.ts';
import type { HttpApp } from '../../http/server.ts';
import { readAccountDetail } from '../account-detail.ts';
import { accountsFor } from '../account-lists.ts';
import { pageRequest } from '../page-request.ts';
import {
  AccountDetailSchema,
  AccountQuerySchema,
  AccountSchema,
  AccountsQuerySchema,
  EntrySchema,
  FreezeSchema,
  HoldSchema,
  NewAccountSchema,
  pageOf,
  problems,
  UuidSchema,
} from '../schemas.ts';
import { accountDetailView, accountView, entryView, openHoldView } from '../views.ts';
import { keepers, type LedgerRoutesDeps, listOf, readers, tags } from './edge.ts';

const AccountParams = Type.Object({ id: UuidSchema('A ledger account') });

export function registerAccountRoutes(app: HttpApp, deps: LedgerRoutesDeps): void {
  registerOpening(app, deps);
  registerFreezing(app, deps);
  registerLists(app, deps);
  registerReading(app, deps);
  registerStatement(app, deps);
  registerOpenHolds(app, deps);
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
      return readAccountDetail(database, account, request.query);
    },
  );
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

function registerOpenHolds(app: HttpApp, deps: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/accounts/:id/holds',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'listOpenHolds',
        summary: 'The open holds on an account, the newest first',
        description:
          'The account’s entries are looked through, 500 for each page: a page may have few holds, or none, and yet a `next_cursor`.',
        params: AccountParams,
        querystring: PageQuerySchema,
        response: { 200: pageOf(HoldSchema), ...problems },
      },
    },
    async (request) => {
      const account = answer(await deps.ledger.account(deps.callerOf(request), request.params.id));
      const page = listOpenHolds(deps.database, account.id, pageRequest(request.query));
      const now = deps.clock.now();
      return listOf(page, (hold) => openHoldView(account.bookId, hold, now));
    },
  );
}
