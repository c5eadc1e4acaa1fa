import { accountId } from '../account.ts';
import {
  type AnyRequest,
  isReversal,
  type Journal,
  type Transfer,
  type TransferRequest,
} from '../journal.ts';

/** One thing in which a request differs from what stands under its id. */
interface Difference {
  readonly en: string;
  readonly zh: string;
}

const mostNamed = 10;

/**
 * Names in what a request differs from the journal that has its id, for a person: the values of
 * `journal_conflict`. At most ten things are named.
 */
export function differencesOf(
  request: AnyRequest,
  link: string | null,
  journal: Journal,
  transfers: readonly Transfer[],
): Readonly<Record<string, string>> {
  const found = [...headDifferences(request, link, journal)];
  if (!isReversal(request) && journal.reverses === null) {
    // Of a journal that was refused, or whose transfers are detached, there is nothing to compare.
    if (transfers.length > 0) found.push(...legDifferences(request.transfers, transfers));
    else if (found.length === 0) found.push({ en: 'transfers', zh: '转账内容' });
  }
  // What is stored says the same: only how the request says it can be another.
  if (found.length === 0) found.push({ en: 'how it is written', zh: '表述方式' });
  const named = found.slice(0, mostNamed);
  return {
    journal_id: journal.id,
    differs: named.map(({ en }) => en).join(', '),
    differs_zh: named.map(({ zh }) => zh).join('、'),
  };
}

function* headDifferences(
  request: AnyRequest,
  link: string | null,
  journal: Journal,
): Generator<Difference> {
  if (request.book !== journal.bookId) yield { en: 'book', zh: '账簿' };
  const { module, object, command } = request.cause;
  if (
    module !== journal.causeModule ||
    object !== journal.causeObject ||
    command !== journal.causeCommand
  ) {
    yield { en: 'cause', zh: '起因' };
  }
  if (!sameTime(request.effectiveAt ?? journal.recordedAt, journal.effectiveAt)) {
    yield { en: 'effective time', zh: '生效时间' };
  }
  if (link !== journal.link) yield { en: 'linked journals', zh: '关联分录' };
  const reverses = isReversal(request) ? request.reverses : null;
  // What was refused does not say any more what it was to reverse.
  if (reverses !== journal.reverses && (journal.refusal === null || reverses === null)) {
    yield { en: 'reversed journal', zh: '被冲正分录' };
  }
}

function* legDifferences(
  requested: readonly TransferRequest[],
  stored: readonly Transfer[],
): Generator<Difference> {
  if (requested.length !== stored.length) yield { en: 'number of legs', zh: '转账条数' };
  for (const [index, request] of requested.entries()) {
    const transfer = stored[index];
    if (!transfer) return;
    for (const { en, zh } of partsOf(request, transfer)) {
      yield { en: `leg ${index}: ${en}`, zh: `第 ${index} 条：${zh}` };
    }
  }
}

function* partsOf(request: TransferRequest, stored: Transfer): Generator<Difference> {
  if (request.kind !== stored.kind) return yield { en: 'kind', zh: '类型' };
  if ('hold' in request) {
    const { journalId, leg } = request.hold;
    if (journalId !== stored.holdJournal || leg !== stored.holdLeg) {
      yield { en: 'hold', zh: '冻结引用' };
    }
    const amount = request.kind === 'post_pending' ? request.amount : undefined;
    if (amount !== undefined && amount !== stored.amount) yield { en: 'amount', zh: '金额' };
    return;
  }
  if (accountId(request.debit) !== stored.debitAccount) {
    yield { en: 'debit account', zh: '借方账户' };
  }
  if (accountId(request.credit) !== stored.creditAccount) {
    yield { en: 'credit account', zh: '贷方账户' };
  }
  if (request.amount !== (stored.atMost ?? stored.amount)) yield { en: 'amount', zh: '金额' };
  if ((request.balancing ?? null) !== stored.balancing) yield { en: 'balancing', zh: '按余额划转' };
  if (request.kind !== 'pending') return;
  if ((request.closing ?? null) !== stored.closing) yield { en: 'closing', zh: '销户' };
  const { expiresAt } = request;
  if (!sameTime(expiresAt ?? null, stored.expiresAt)) yield { en: 'time-out', zh: '到期时间' };
}

/** PostgreSQL keeps microseconds. */
function sameTime(one: Temporal.Instant | null, other: Temporal.Instant | null): boolean {
  if (one === null || other === null) return one === other;
  return one.round('microsecond').equals(other.round('microsecond'));
}
