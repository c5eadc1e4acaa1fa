import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec, AnyRequest, JournalRequest, TransferRequest } from '@keyturn/ledger';
import type { Static } from 'typebox';
import { invalidRequest } from '../http/reasons.ts';
import { validatorCompiler } from '../http/validate.ts';
import { refuse } from './errors.ts';
import { NewJournalSchema, type NewReversalSchema, type NewTransferSchema } from './schemas.ts';

type WireJournal = Static<typeof NewJournalSchema>;
type WireTransfer = Static<typeof NewTransferSchema>;
type WireMovement = Extract<WireTransfer, { readonly debit: unknown }>;
type WireHead = Static<typeof NewReversalSchema>;

/** The currency of a book stands at the end of its id. */
export function currencyOf(book: string): string {
  return book.slice(book.lastIndexOf('/') + 1);
}

let lastBook = '';

/** The journals of a bulk mostly name the same book: one text for all is looked up faster. */
function oneText(book: string): string {
  if (book !== lastBook) lastBook = book;
  return lastBook;
}

/** A journal from the wire, whose form its schema has checked, in the currency of its book. */
export function journalOf(wire: WireJournal): Result<JournalRequest, Refusal> {
  const book = oneText(wire.book);
  const expected = currencyOf(book);
  const transfers: TransferRequest[] = [];
  for (const transfer of wire.transfers) {
    if ('amount' in transfer && transfer.amount && transfer.amount.currency !== expected) {
      const leg = String(transfers.length);
      const values = { leg, currency: transfer.amount.currency, book, expected };
      return refuse('currency_of_other_book', { param: `transfers.${leg}.amount`, values });
    }
    transfers.push(transferOf(book, transfer));
  }
  const { id, cause, effectiveAt } = headOf(wire);
  if (effectiveAt === undefined) return ok({ id, cause, book, transfers });
  return ok({ id, cause, effectiveAt, book, transfers });
}

const check = validatorCompiler({
  schema: NewJournalSchema,
  method: 'POST',
  url: '/v1/ledger/journals',
  httpPart: 'body',
});

/** As `journalOf`, of what nobody has checked. */
export function journalFrom(wire: unknown): Result<JournalRequest, Refusal> {
  const result: unknown = check(wire);
  if (typeof result !== 'object' || result === null) throw new TypeError('A check has a result.');
  if ('value' in result) return journalOf(result.value as WireJournal);
  const failures = 'error' in result && Array.isArray(result.error) ? result.error : [];
  return { ok: false, error: invalidRequest(failures) };
}

/** What names a journal, whatever it does. */
export function headOf(wire: WireHead): Omit<AnyRequest, 'book' | 'transfers' | 'reverses'> {
  const { id, module, object, command, effective_at } = wire;
  const cause = { module, object, command };
  if (effective_at === undefined) return { id, cause };
  return { id, cause, effectiveAt: Temporal.Instant.from(effective_at) };
}

function transferOf(book: string, transfer: WireTransfer): TransferRequest {
  switch (transfer.kind) {
    case 'void_pending':
      return { kind: 'void_pending', hold: holdOf(transfer.hold) };
    case 'post_pending': {
      const hold = holdOf(transfer.hold);
      if (transfer.amount === undefined) return { kind: 'post_pending', hold };
      return { kind: 'post_pending', hold, amount: BigInt(transfer.amount.amount) };
    }
    case 'posted':
      return { kind: 'posted', ...movementOf(book, transfer) };
    case 'pending': {
      const { expires_at, closing } = transfer;
      return {
        kind: 'pending',
        ...movementOf(book, transfer),
        ...(expires_at === undefined ? {} : { expiresAt: Temporal.Instant.from(expires_at) }),
        ...(closing === undefined ? {} : { closing }),
      };
    }
  }
}

function movementOf(book: string, { debit, credit, amount, balancing }: WireMovement) {
  const movement = {
    debit: specOf(book, debit),
    credit: specOf(book, credit),
    amount: BigInt(amount.amount),
  };
  return balancing === undefined ? movement : { ...movement, balancing };
}

/** The ledger says of a code that it is none of the chart's. */
function specOf(book: string, side: WireMovement['debit']): AccountSpec {
  const code = side.code as AccountSpec['code'];
  return { book: side.book ?? book, code, owner: side.owner };
}

function holdOf({ journal, leg }: { readonly journal: string; readonly leg: number }) {
  return { journalId: journal, leg };
}
