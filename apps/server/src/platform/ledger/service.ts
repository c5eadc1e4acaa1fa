import { type Clock, ok, type Page, present, type Refusal, type Result } from '@keyturn/kernel';
import {
  type Account,
  type AnyRequest,
  createAccountOpener,
  type DetachedHold,
  type HoldRef,
  type HoldView,
  type JournalView,
  type KeptBook,
  listBooks,
  type OpenAccountRequest,
  type OpenedAccount,
  openBook,
  type PageRequest,
  type Regime,
  readAccounts,
  readBook,
  readDetachedHold,
  readHold,
  readJournal,
  type Submitted,
  type Submitter,
} from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import { refuse } from './errors.ts';
import { createFreezer, type FreezeFlags } from './freezer.ts';
import type { Names } from './journal-text.ts';
import { createAccountNames } from './names.ts';

/** Who asks. */
export interface LedgerCaller {
  /**
   * Who keeps books of their own, and sees and writes in those; null: somebody of the platform, who
   * sees all books and writes in none.
   */
  readonly keeper: string | null;
}

/** A journal that was booked, now or before, and what the accounts of its legs are called. */
export interface Booked {
  readonly receipt: Submitted;
  readonly names: readonly Names[];
}

export interface NewOwnBook {
  readonly legalEntity: string;
  readonly regime: Regime;
  /** ISO 4217. */
  readonly currency: string;
}

/**
 * The ledger for callers from outside: everybody in books of their own. What belongs to somebody
 * else is not found; the platform's own books refuse to be written in.
 */
export interface LedgerService {
  openBook(
    by: LedgerCaller & { readonly keeper: string },
    wanted: NewOwnBook,
  ): Promise<Result<{ readonly book: KeptBook; readonly replayed: boolean }, Refusal>>;
  book(by: LedgerCaller, id: string): Promise<Result<KeptBook, Refusal>>;
  books(by: LedgerCaller, page: PageRequest): Promise<Page<KeptBook>>;
  openAccount(
    by: LedgerCaller,
    request: OpenAccountRequest,
  ): Promise<Result<OpenedAccount, Refusal>>;
  account(by: LedgerCaller, id: string): Promise<Result<Account, Refusal>>;
  /** Sets both flags, to what they are after it. */
  freeze(by: LedgerCaller, id: string, flags: FreezeFlags): Promise<Result<Account, Refusal>>;
  journal(by: LedgerCaller, id: string): Promise<Result<JournalView, Refusal>>;
  hold(by: LedgerCaller, hold: HoldRef): Promise<Result<HoldView, Refusal>>;
  /** The book of a hold, also of one that was taken out of the ledger with its part. */
  bookOfHold(by: LedgerCaller, hold: HoldRef): Promise<Result<string, Refusal>>;
  /** As `Submitter.submit`, in a book that the caller keeps. */
  submit(by: LedgerCaller, request: AnyRequest): Promise<Result<Booked, Refusal>>;
  /**
   * As `Submitter.submitBulk`. What was refused before, and journals of books that the caller does
   * not keep, stand aside; each has its answer in its place.
   */
  submitBulk(
    by: LedgerCaller,
    requests: readonly Result<AnyRequest, Refusal>[],
  ): Promise<readonly Result<Booked, Refusal>[]>;
  /** As `Submitter.submitLinked`: the answers of all, or why none was booked, and which it was. */
  submitLinked(
    by: LedgerCaller,
    requests: readonly AnyRequest[],
  ): Promise<Result<readonly Booked[], LinkedRefusal>>;
  close(): Promise<void>;
}

/** Why linked journals were refused, and the place of the one that was the reason. */
export interface LinkedRefusal extends Refusal {
  readonly index: number;
}

export interface LedgerServiceDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly submitter: Submitter;
  /** What an integrator is called on the wire; the names of its books begin with it. */
  readonly keeperName: (keeper: string) => string;
}

/** Books that are kept in memory: whose a book is never changes. */
const maxKnownBooks = 10_000;

export function createLedgerService(deps: LedgerServiceDeps): LedgerService {
  const { database, submitter, keeperName } = deps;
  const shelf = createBookShelf(database);
  const { close, ...accounts } = createAccounts(deps, shelf);
  return {
    openBook: (by, { legalEntity, regime, currency }) => {
      // A dot is in no name of a legal entity of the platform's own.
      const name = `${keeperName(by.keeper)}.${legalEntity}`;
      return openBook(database, { legalEntity: name, regime, currency, keeper: by.keeper });
    },
    book: shelf.readable,
    books: (by, page) => listBooks(database, by.keeper === null ? {} : { keeper: by.keeper }, page),
    ...accounts,
    ...createReading(database, shelf),
    ...createBooking(deps, shelf),
    close: async () => {
      await Promise.all([submitter.close(), close()]);
    },
  };
}

function createAccounts(deps: LedgerServiceDeps, shelf: BookShelf) {
  const opener = createAccountOpener(deps);
  const freezer = createFreezer(deps);

  async function account(by: LedgerCaller, id: string): Promise<Result<Account, Refusal>> {
    const [found] = await readAccounts(deps.database, [id]);
    if (found !== undefined && (await shelf.readable(by, found.bookId)).ok) return ok(found);
    return refuse('ledger_account_not_found', { param: 'id', values: { account_id: id } });
  }

  return {
    account,
    openAccount: async (by, request) => {
      const book = await shelf.writable(by, request.account.book);
      return book.ok ? opener.openAccount(request) : book;
    },
    freeze: async (by, id, flags) => {
      const found = await account(by, id);
      if (!found.ok) return found;
      const book = await shelf.writable(by, found.value.bookId);
      return book.ok ? ok(await freezer.freeze(found.value, flags)) : book;
    },
    close: async () => {
      await Promise.all([opener.close(), freezer.close()]);
    },
  } satisfies Partial<LedgerService>;
}

function createReading(database: Database, shelf: BookShelf) {
  async function find(
    by: LedgerCaller,
    hold: HoldRef,
  ): Promise<Result<HoldView | DetachedHold, Refusal>> {
    const found = (await readHold(database, hold)) ?? (await readDetachedHold(database, hold));
    if (found === undefined || !(await shelf.readable(by, found.bookId)).ok) {
      return refuseHold('hold_unknown', hold);
    }
    return ok(found);
  }

  return {
    journal: async (by, id) => {
      const journal = await readJournal(database, id);
      if (journal !== undefined && (await shelf.readable(by, journal.bookId)).ok) {
        return ok(journal);
      }
      return refuse('journal_not_found', { param: 'id', values: { journal_id: id } });
    },
    hold: async (by, hold) => {
      const found = await find(by, hold);
      if (!found.ok) return found;
      if ('amount' in found.value) return ok(found.value);
      return refuseHold('hold_detached', hold, { resolution: found.value.resolvedBy });
    },
    bookOfHold: async (by, hold) => {
      const found = await find(by, hold);
      return found.ok ? ok(found.value.bookId) : found;
    },
  } satisfies Partial<LedgerService>;
}

function refuseHold(
  code: 'hold_unknown' | 'hold_detached',
  { journalId, leg }: HoldRef,
  more?: Readonly<Record<string, string>>,
): { readonly ok: false; readonly error: Refusal } {
  const values = { hold_journal: journalId, hold_leg: String(leg), ...more };
  return { ok: false, error: { code, values } };
}

/** Nothing waits here but for the ledger: names and books are mostly known. */
function createBooking({ database, submitter }: LedgerServiceDeps, shelf: BookShelf) {
  const names = createAccountNames(database);

  function booked(request: AnyRequest, receipt: Submitted) {
    const told = names.of(request, receipt);
    if (told instanceof Promise) return told.then((looked) => ok({ receipt, names: looked }));
    return ok({ receipt, names: told });
  }

  async function judge(by: LedgerCaller, requests: readonly Result<AnyRequest, Refusal>[]) {
    const judged: Result<AnyRequest, Refusal>[] = [];
    for (const request of requests) {
      const book = request.ok ? await shelf.writableNow(by, request.value.book) : request;
      judged.push(book.ok ? request : book);
    }
    return judged;
  }

  return {
    submit: async (by, request) => {
      const known = shelf.writableNow(by, request.book);
      const book = known instanceof Promise ? await known : known;
      if (!book.ok) return book;
      const answer = await submitter.submit(request);
      return answer.ok ? booked(request, answer.value) : answer;
    },
    submitBulk: async (by, requests) => {
      const judged = await judge(by, requests);
      const sound = judged.flatMap((request) => (request.ok ? [request.value] : []));
      const answers = sound.length === 0 ? [] : await submitter.submitBulk(sound);
      const given = answers.values();
      return Promise.all(
        judged.map((request) => {
          if (!request.ok) return request;
          const answer = present(given.next().value, 'the answer of a journal');
          return answer.ok ? booked(request.value, answer.value) : answer;
        }),
      );
    },
    submitLinked: async (by, requests) => {
      for (const [index, { book }] of requests.entries()) {
        const found = await shelf.writable(by, book);
        if (!found.ok) return { ok: false, error: { ...found.error, index } };
      }
      const answers = await submitter.submitLinked(requests);
      const all: Booked[] = [];
      for (const [index, answer] of answers.entries()) {
        if (!answer.ok) return { ok: false, error: culpritOf(answers) };
        const request = present(requests[index], 'a linked journal');
        all.push((await booked(request, answer.value)).value);
      }
      return ok(all);
    },
  } satisfies Partial<LedgerService>;
}

/** Of linked journals that were refused, the one that has a reason of its own. */
function culpritOf(answers: readonly Result<Submitted, Refusal>[]): LinkedRefusal {
  const refusals = answers.flatMap((answer, index) =>
    answer.ok ? [] : [{ ...answer.error, index }],
  );
  const own = refusals.find(({ code }) => code !== 'linked_journal_refused');
  return present(own ?? refusals[0], 'the reason of a refusal');
}

/** Whose books are, from memory where they were seen before. */
function createBookShelf(database: Database) {
  const seen = new Map<string, KeptBook>();

  async function find(id: string): Promise<KeptBook | undefined> {
    const book = seen.get(id) ?? (await readBook(database, id));
    if (book === undefined) return undefined;
    if (seen.size >= maxKnownBooks) seen.clear();
    seen.set(id, book);
    return book;
  }

  function judge({ keeper }: LedgerCaller, id: string, book: KeptBook | undefined) {
    if (book !== undefined && keeper !== null && book.keeper === keeper) return ok(book);
    if (book?.keeper === null) return refuse('book_of_platform', { values: { book: id } });
    return unknown(id);
  }

  type Verdict = Result<KeptBook, Refusal>;

  async function writable(by: LedgerCaller, id: string): Promise<Verdict> {
    return judge(by, id, await find(id));
  }

  return {
    writable,
    /** As `writable`, at once for a book that was seen before. */
    writableNow: (by: LedgerCaller, id: string): Verdict | Promise<Verdict> => {
      const book = seen.get(id);
      return book === undefined ? writable(by, id) : judge(by, id, book);
    },
    readable: async (by: LedgerCaller, id: string): Promise<Verdict> => {
      const book = await find(id);
      const mine = book !== undefined && (by.keeper === null || book.keeper === by.keeper);
      return mine ? ok(book) : unknown(id);
    },
  };
}

type BookShelf = ReturnType<typeof createBookShelf>;

function unknown(book: string): { readonly ok: false; readonly error: Refusal } {
  return { ok: false, error: { code: 'book_unknown', param: 'book', values: { book } } };
}
