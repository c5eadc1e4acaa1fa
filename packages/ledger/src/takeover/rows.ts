import { namedId } from '@keyturn/kernel';
import type { AccountSpec } from '../account.ts';
import type { JournalRequest } from '../journal.ts';
import type { OldMovement } from './old-ledger.ts';
import { accountOf, type SubjectMapping, sideOf, type TakeoverPlan } from './plan.ts';
import type { Authority, Movement } from './tables.ts';

/** The cause of everything that is booked here because of another ledger. */
export const takeoverModule = 'ledger.takeover';

/** The journal of a row follows from the row's id, so that it can be booked only once, ever. */
export function journalIdOf(takeover: string, row: string): string {
  return namedId(`takeover/${takeover}/${row}`, takeover);
}

/** A row with what the plan makes of it. */
export interface Mapped {
  readonly mapping: SubjectMapping;
  readonly account: AccountSpec;
}

/** Undefined when the plan has no mapping that fits. */
export function mapRow(
  plan: TakeoverPlan,
  row: { readonly subject: string; readonly account: string },
): Mapped | undefined {
  const mapping = plan.subjects.find(({ subject }) => subject === row.subject);
  const account = mapping && accountOf(plan, mapping, row.account);
  return mapping && account ? { mapping, account } : undefined;
}

/** A row as a journal: its account against the subject's counter account. */
export function journalOf(
  plan: TakeoverPlan,
  row: Pick<Movement, 'id' | 'amount' | 'orderNo' | 'kind' | 'bookedAt'>,
  { mapping, account }: Mapped,
  now?: Temporal.Instant,
): JournalRequest {
  const counter = { book: plan.book, ...mapping.counter };
  const amount = row.amount < 0n ? -row.amount : row.amount;
  const sides =
    sideOf(mapping, row.amount) === 'debit'
      ? { debit: account, credit: counter }
      : { debit: counter, credit: account };
  const object = row.orderNo ?? row.id;
  const early = now !== undefined && Temporal.Instant.compare(row.bookedAt, now) < 0;
  return {
    id: journalIdOf(plan.takeover, row.id),
    book: plan.book,
    cause: { module: takeoverModule, object, command: `${plan.takeover}/${row.id}` },
    transfers: [{ kind: 'posted', ...sides, amount }],
    ...(early ? { effectiveAt: row.bookedAt } : {}),
  };
}

/** A row as it is written down, before anything became of it. */
export function movementOf(
  takeover: string,
  row: OldMovement,
  planVersion: number,
  seenAt: Temporal.Instant,
): Movement {
  const { order, ...rest } = row;
  return {
    ...rest,
    takeoverId: takeover,
    orderNo: order,
    origin: isJournalId(row.origin) ? row.origin : null,
    seenAt,
    planVersion,
    state: 'nothing',
    reason: null,
    piece: null,
    journalId: null,
  };
}

function isJournalId(origin: string | null): origin is string {
  return origin !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(origin);
}

/** Whether a row that came again says the same as before; its position may be another. */
export function isSameRow(one: Movement, other: OldMovement): boolean {
  return (
    one.amount === other.amount &&
    one.account === other.account &&
    one.subject === other.subject &&
    one.voucher === other.voucher &&
    one.orderNo === other.order &&
    one.kind === other.kind &&
    one.bookedAt.equals(other.bookedAt)
  );
}

/** Who led a subject at a moment of the old ledger's clock. */
export function leaderAt(
  history: readonly Authority[] | undefined,
  at: Temporal.Instant,
): 'old' | 'new' {
  const last = history?.findLast(({ since }) => Temporal.Instant.compare(since, at) <= 0);
  return last?.leads ?? 'old';
}

/** Who leads a subject now. */
export function leaderOf(history: readonly Authority[] | undefined): 'old' | 'new' {
  return history?.at(-1)?.leads ?? 'old';
}

/** The order in which rows are booked: by their times, then by their ids. */
export function byBooking(one: Movement, other: Movement): number {
  const order = Temporal.Instant.compare(one.bookedAt, other.bookedAt);
  if (order !== 0) return order;
  return one.id < other.id ? -1 : 1;
}
