import { setImmediate } from 'node:timers/promises';
import type { Refusal, Result } from '@keyturn/kernel';
import type { AnyRequest } from '@keyturn/ledger';
import { readJournalsOfObjects } from '@keyturn/ledger';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { RefusedError } from '../../http/refused.ts';
import { answer } from '../../http/request.ts';
import type { HttpApp } from '../../http/server.ts';
import { uuidOfAnyId } from '../any-id.ts';
import { journalViewText } from '../journal-text.ts';
import { pageRequest } from '../page-request.ts';
import { headOf, journalFrom, journalOf } from '../request.ts';
import {
  AnyBulkSchema,
  BulkResultSchema,
  BulkSchema,
  JournalListSchema,
  JournalSchema,
  JournalsQuerySchema,
  LinkedSchema,
  NewJournalSchema,
  NewReversalSchema,
  problems,
  UuidSchema,
} from '../schemas.ts';
import type { Booked, LedgerCaller } from '../service.ts';
import {
  bookedText,
  keepers,
  type LedgerRoutesDeps,
  pageFor,
  problemText,
  readers,
  sendBooked,
  sendText,
  tags,
} from './edge.ts';

const JournalParams = Type.Object({ id: UuidSchema('A journal') });

/** So many bytes of journals at once. */
const bulkBodyLimit = 4_194_304;

export function registerJournalRoutes(app: HttpApp, deps: LedgerRoutesDeps): void {
  registerOne(app, deps);
  registerBulk(app, deps);
  registerLinked(app, deps);
  registerReversal(app, deps);
  registerReading(app, deps);
  registerList(app, deps);
}

function registerOne(app: HttpApp, { ledger, callerOf }: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/journals',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'bookJournal',
        summary: 'Book a journal in a book of your own; its id makes it idempotent for ever',
        body: NewJournalSchema,
        response: { 201: JournalSchema, ...problems },
      },
    },
    async (request, reply) => {
      const journal = answer(journalOf(request.body));
      return sendBooked(reply, answer(await ledger.submit(callerOf(request), journal)));
    },
  );
}

function registerBulk(app: HttpApp, deps: LedgerRoutesDeps): void {
  const { ledger, callerOf } = deps;
  app.post(
    '/v1/ledger/journals/bulk',
    {
      config: keepers,
      bodyLimit: bulkBodyLimit,
      attachValidation: true,
      schema: {
        tags,
        operationId: 'bookJournals',
        summary: 'Book journals in order, each on its own, with a result for each',
        description:
          'Answered with 200 also when journals were refused: look at each result. A journal whose form is wrong is refused with 400 in its own place, like any other. A body that is no list of 1 to 1,000 journals is refused as a whole. When no answer comes, send the same again: what was booked is replayed.',
        body: BulkSchema,
        response: { 200: BulkResultSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { body, validationError } = request;
      const journals =
        validationError === undefined
          ? body.journals.map(journalOf)
          : await readEach(body, validationError);
      const results = await ledger.submitBulk(callerOf(request), journals);
      const items = results.map((result) => resultText(deps, request, result));
      return sendText(reply, 200, `{"items":[${items.join(',')}]}`);
    },
  );
}

const anyBulk = Compile(AnyBulkSchema);

/** The journals of a bulk of which some have a wrong form. @throws the fault when it is no bulk */
async function readEach(body: unknown, fault: Error): Promise<ReturnType<typeof journalFrom>[]> {
  if (!anyBulk.Check(body)) throw fault;
  const read: ReturnType<typeof journalFrom>[] = [];
  for (const wire of body.journals) {
    const journal = journalFrom(wire);
    // What is wrong with a form takes long to tell: other requests come in between.
    if (!journal.ok) await setImmediate();
    read.push(journal);
  }
  return read;
}

function resultText(
  { errors }: LedgerRoutesDeps,
  request: FastifyRequest,
  result: Result<Booked, Refusal>,
): string {
  if (result.ok) {
    const { replayed } = result.value.receipt;
    return `{"status":201,"replayed":${replayed},"journal":${bookedText(result.value)}}`;
  }
  const { status, text } = problemText(errors, request, result.error);
  return `{"status":${status},"problem":${text}}`;
}

function registerLinked(app: HttpApp, { ledger, callerOf }: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/journals/linked',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'bookLinkedJournals',
        summary: 'Book journals that stand or fall together, also of several currencies',
        description:
          'When one cannot be booked, none is: the problem is its own, and `param` says which it was.',
        body: LinkedSchema,
        response: {
          201: Type.Object({ items: Type.Array(JournalSchema) }, { title: 'LinkedJournalsBooked' }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const journals = request.body.journals.map((wire) => answer(journalOf(wire)));
      const result = await ledger.submitLinked(callerOf(request), journals);
      if (!result.ok) {
        const { index, ...refusal } = result.error;
        throw new RefusedError({ ...refusal, param: `journals.${index}` });
      }
      const booked = result.value;
      if (booked.some(({ receipt }) => receipt.replayed)) {
        reply.header('idempotent-replayed', 'true');
      }
      return sendText(reply, 201, `{"items":[${booked.map(bookedText).join(',')}]}`);
    },
  );
}

function registerReversal(app: HttpApp, { ledger, callerOf }: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/journals/:id/reversal',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'reverseJournal',
        summary: 'Book the mirror of a journal; once per journal',
        params: JournalParams,
        body: NewReversalSchema,
        response: { 201: JournalSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = callerOf(request);
      const { bookId: book, id: reverses } = answer(await ledger.journal(by, request.params.id));
      const reversal: AnyRequest = { ...headOf(request.body), book, reverses };
      return sendBooked(reply, answer(await ledger.submit(by, reversal)));
    },
  );
}

function registerReading(app: HttpApp, { ledger, callerOf }: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/journals/:id',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'getJournal',
        summary: 'A journal with the balances after each of its transfers',
        params: JournalParams,
        response: { 200: JournalSchema, ...problems },
      },
    },
    async (request, reply) => {
      const journal = answer(await ledger.journal(callerOf(request), request.params.id));
      return sendText(reply, 200, journalViewText(journal));
    },
  );
}

function registerList(app: HttpApp, { database, ledger, callerOf }: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/journals',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'listJournals',
        summary:
          'The journals that objects caused, the oldest first; of one book, or of the platform’s own',
        querystring: JournalsQuerySchema,
        response: { 200: JournalListSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { book } = request.query;
      const by = callerOf(request);
      if (book !== undefined) answer(await ledger.book(by, book));
      const objects = objectsOf(request.query, by);
      const page = await pageFor(
        readJournalsOfObjects(database, objects, pageRequest(request.query), book),
      );
      const items = `"items":[${page.items.map(journalViewText).join(',')}]`;
      const next = page.nextCursor === undefined ? '' : `,"next_cursor":"${page.nextCursor}"`;
      return sendText(reply, 200, `{${items}${next}}`);
    },
  );
}

type JournalsQuery = Static<typeof JournalsQuerySchema>;

/** In the platform's own books objects are named by their ids, in others as their keepers like. */
function objectsOf({ object_id, book }: JournalsQuery, by: LedgerCaller): readonly string[] {
  const ids = typeof object_id === 'string' ? [object_id] : object_id;
  if (book === undefined) {
    if (by.keeper === null) return ids.map((id) => uuidOfAnyId(id, 'object_id'));
    const values = { filter: 'book beside object_id' };
    throw new RefusedError({ code: 'ledger_filter_missing', param: 'book', values });
  }
  const isOurs = (id: string) => by.keeper === null && /^[a-z]+_[0-9a-z]{26}$/.test(id);
  return ids.flatMap((id) => (isOurs(id) ? [id, uuidOfAnyId(id, 'object_id')] : [id]));
}
