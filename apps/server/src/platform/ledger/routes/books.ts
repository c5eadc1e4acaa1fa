import { assert, isCurrency, ok } from '@keyturn/kernel';
import { addAccountCode, readChart } from '@keyturn/ledger';
import { Type } from 'typebox';
import { RefusedError } from '../../http/refused.ts';
import { answer, answerCommand } from '../../http/request.ts';
import { PageQuerySchema } from '../../http/schemas.ts';
import type { HttpApp } from '../../http/server.ts';
import { pageRequest } from '../page-request.ts';
import {
  BookIdSchema,
  BookSchema,
  CodeLineSchema,
  NewBookSchema,
  NewCodeSchema,
  pageOf,
  problems,
} from '../schemas.ts';
import { bookView, codeView } from '../views.ts';
import { keepers, type LedgerRoutesDeps, listOf, readers, tags } from './edge.ts';

/** Books, and the chart of accounts that they share. */
export function registerBookRoutes(app: HttpApp, deps: LedgerRoutesDeps): void {
  registerOpening(app, deps);
  registerReading(app, deps);
  app.get(
    '/v1/ledger/codes',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'listLedgerCodes',
        summary: 'The chart of accounts',
        response: { 200: Type.Object({ items: Type.Array(CodeLineSchema) }), ...problems },
      },
    },
    async () => ({ items: (await readChart(deps.database)).map(codeView) }),
  );
  app.post(
    '/v1/ledger/codes',
    {
      config: { access: ['operator:admin'] },
      schema: {
        tags,
        operationId: 'addLedgerCode',
        summary: 'Add a code to the chart of accounts, for ever; adding it again changes nothing',
        body: NewCodeSchema,
        response: { 201: CodeLineSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { code, name, limit } = request.body;
      const line = { code, nameEn: name.en, nameZh: name.zh, limitKind: limit };
      const added = answer(await addAccountCode(deps.database, line));
      return reply.code(201).send(codeView(added));
    },
  );
}

function registerOpening(app: HttpApp, { ledger, callerOf, keeperName }: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/books',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'openLedgerBook',
        summary: 'Open a book of your own; opening it again changes nothing',
        body: NewBookSchema,
        response: { 201: BookSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { legal_entity: legalEntity, regime, currency } = request.body;
      if (!isCurrency(currency)) {
        const problem = { problem: 'not a currency that we keep', problem_zh: '不支持该币种' };
        const values = { field: 'currency', ...problem };
        throw new RefusedError({ code: 'request_invalid', param: 'currency', values });
      }
      const { keeper } = callerOf(request);
      assert(keeper !== null, 'who opens a book keeps it');
      const opened = await ledger.openBook({ keeper }, { legalEntity, regime, currency });
      const { book, replayed } = answer(opened);
      const view = answerCommand(reply, { ...ok(bookView(book, keeperName)), replayed });
      return reply.code(201).send(view);
    },
  );
}

function registerReading(app: HttpApp, { ledger, callerOf, keeperName }: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/books',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'listLedgerBooks',
        summary: 'Your books by id; for operators all',
        querystring: PageQuerySchema,
        response: { 200: pageOf(BookSchema), ...problems },
      },
    },
    async (request) => {
      const page = ledger.books(callerOf(request), pageRequest(request.query));
      return listOf(page, (book) => bookView(book, keeperName));
    },
  );
  app.get(
    '/v1/ledger/books/:id',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'getLedgerBook',
        summary: 'A book; the slashes of its id are written as %2F',
        params: Type.Object({ id: BookIdSchema }),
        response: { 200: BookSchema, ...problems },
      },
    },
    async (request) => {
      const book = answer(await ledger.book(callerOf(request), request.params.id));
      return bookView(book, keeperName);
    },
  );
}
