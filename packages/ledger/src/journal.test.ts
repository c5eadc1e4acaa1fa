import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AccountSpec, accountId } from './account.ts';
import { type AnyRequest, fingerprintOf, type TransferRequest } from './journal.ts';

const words = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
const account: fc.Arbitrary<AccountSpec> = fc.record({
  book: words,
  code: fc.constantFrom(1101 as const, 2101 as const),
  owner: words,
});
const side = fc.constantFrom('debit' as const, 'credit' as const, undefined);
const moment = fc.constantFrom(undefined, Temporal.Instant.from('2026-11-20T02:00:00.5Z'));
const amount = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const hold = fc.record({ journalId: words, leg: fc.nat(999) });

const transfer = fc.oneof(
  fc.record({ kind: fc.constant('posted' as const), debit: account, credit: account, amount }),
  fc.record({
    kind: fc.constant('pending' as const),
    debit: account,
    credit: account,
    amount,
    balancing: side,
    closing: side,
    expiresAt: moment,
  }),
  fc.record({
    kind: fc.constant('post_pending' as const),
    hold,
    amount: fc.option(amount, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('void_pending' as const), hold }),
) as fc.Arbitrary<TransferRequest>;
const cause = fc.record({ module: words, object: words, command: words });
const head = { id: fc.uuid(), book: words, cause, effectiveAt: moment };
const request = fc.oneof(
  fc.record({ ...head, transfers: fc.array(transfer, { minLength: 1, maxLength: 4 }) }),
  fc.record({ ...head, reverses: words }),
) as fc.Arbitrary<AnyRequest>;

/** What a fingerprint stands for, spelled out. Stored ones are compared for ever. */
function contentOf(request: AnyRequest, link: string | undefined): unknown[] {
  const { module, object, command } = request.cause;
  const legs =
    'reverses' in request ? ['reverses', request.reverses] : request.transfers.map(legOf);
  const effectiveAt = request.effectiveAt?.toString() ?? '';
  const content = [request.book, { module, object, command }, legs, effectiveAt];
  return link === undefined ? content : [...content, link];
}

function legOf(transfer: TransferRequest): string[] {
  if (transfer.kind === 'post_pending' || transfer.kind === 'void_pending') {
    const part = transfer.kind === 'post_pending' ? (transfer.amount?.toString() ?? '') : '';
    return [transfer.kind, `${transfer.hold.journalId}/${transfer.hold.leg}`, part];
  }
  const closing = transfer.kind === 'pending' ? transfer.closing : undefined;
  const expiresAt = transfer.kind === 'pending' ? transfer.expiresAt : undefined;
  const { kind, debit, credit, balancing } = transfer;
  const amount = transfer.amount.toString();
  const leg = [kind, accountId(debit), accountId(credit), amount, expiresAt?.toString() ?? ''];
  if (balancing === undefined && closing === undefined) return leg;
  return [...leg, balancing ?? '', closing ?? ''];
}

test('a fingerprint is of the JSON of what is asked for, whatever the texts hold', () => {
  fc.assert(
    fc.property(request, fc.option(words, { nil: undefined }), (asked, link) => {
      const bits = hash('sha256', JSON.stringify(contentOf(asked, link))).slice(0, 32);
      expect(fingerprintOf(asked, link).replaceAll('-', '')).toBe(bits);
    }),
    { numRuns: 1_000 },
  );
});
