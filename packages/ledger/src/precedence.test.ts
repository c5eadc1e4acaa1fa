import { maxAmount } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccountOpener,
  type AccountSpec,
  type Answer,
  type AnyRequest,
  createAccountOpener,
  type LedgerErrorCode,
  ledgerErrors,
  refusalStages,
  type TransferRequest,
} from './index.ts';
import { cutOff, openAdmin } from './test/parts.ts';
import { book, createWorld, item, otherBook, outside, type World } from './test/world.ts';

/**
 * The table of refusals, walked: requests are spoilt in one way, and in each two ways that can
 * come together, and the way that stands first in the table must be the answer.
 */

let world: World;
let opener: AccountOpener;
/** A journal whose transfers are detached, and one with two holds: posted and voided. */
let detached: string;
let detachedHolds: string;
beforeAll(async () => {
  world = await createWorld();
  opener = createAccountOpener(world);
  detached = await world.book({ kind: 'posted', debit: outside, credit: item('old'), amount: 1n });
  const hold = { kind: 'pending', debit: outside, credit: item('old'), amount: 1n } as const;
  detachedHolds = await world.book(hold, hold);
  await world.book({ kind: 'post_pending', hold: { journalId: detachedHolds, leg: 0 } });
  await world.book({ kind: 'void_pending', hold: { journalId: detachedHolds, leg: 1 } });
  const admin = openAdmin(world.testDatabase);
  await admin.detach(await cutOff(world.testDatabase, admin));
  await admin.close();
});
afterAll(async () => {
  await opener.close();
  expect(await world.end()).toEqual([]);
});

type Code = (typeof refusalStages)[keyof typeof refusalStages][number];
type Base = 'move' | 'resolve' | 'reverse';

/** On which requests a fault can be made, and which parts of one it needs for itself. */
interface Fault {
  readonly on: readonly Base[];
  readonly parts: readonly string[];
  /** Leaves no legs, or none that could have a fault of their own. */
  readonly hidesLegs?: true;
}

const every = ['move', 'resolve', 'reverse'] as const;
const faults: Readonly<Record<Code, Fault>> = {
  bulk_out_of_range: { on: every, parts: ['known'] },
  linked_ids_repeat: { on: every, parts: ['known'] },
  journal_id_invalid: { on: every, parts: ['id'] },
  cause_invalid: { on: every, parts: ['cause'] },
  journal_empty: { on: ['move', 'resolve'], parts: [] },
  amount_not_positive: { on: ['move', 'resolve'], parts: ['amount'] },
  amount_too_large: { on: ['move', 'resolve'], parts: ['amount'] },
  account_invalid: { on: ['move'], parts: ['accounts'], hidesLegs: true },
  accounts_equal: { on: ['move'], parts: ['credit'] },
  book_mismatch: { on: ['move'], parts: ['book'], hidesLegs: true },
  hold_reference_invalid: { on: ['resolve'], parts: ['hold'], hidesLegs: true },
  journal_conflict: { on: every, parts: ['id', 'known'] },
  journal_refused_before: { on: every, parts: ['id', 'known', 'form'] },
  linked_journal_refused: { on: every, parts: [] },
  book_unknown: { on: every, parts: ['book', 'form'], hidesLegs: true },
  reversed_journal_unknown: { on: ['reverse'], parts: ['original', 'book'], hidesLegs: true },
  reversal_of_other_book: { on: ['reverse'], parts: ['book'] },
  reversal_of_refused: { on: ['reverse'], parts: ['original'], hidesLegs: true },
  reversal_of_reversal: { on: ['reverse'], parts: ['original'], hidesLegs: true },
  reversal_of_detached: { on: ['reverse'], parts: ['original', 'book'], hidesLegs: true },
  reversal_of_hold: { on: ['reverse'], parts: ['original'], hidesLegs: true },
  already_reversed: { on: ['reverse'], parts: ['original'] },
  hold_expires_in_past: { on: ['move'], parts: ['time'] },
  hold_unknown: { on: ['resolve'], parts: ['hold'], hidesLegs: true },
  hold_of_other_book: { on: ['resolve'], parts: ['book'] },
  hold_already_posted: { on: ['resolve'], parts: ['resolution'] },
  hold_already_voided: { on: ['resolve'], parts: ['resolution'] },
  hold_expired: { on: ['resolve'], parts: ['time'] },
  hold_amount_exceeded: { on: ['resolve'], parts: ['amount'] },
  account_closed: { on: every, parts: [] },
  account_frozen: { on: every, parts: [] },
  balancing_amount_zero: { on: ['move'], parts: ['amount', 'credit', 'holds', 'left'] },
  account_has_holds: { on: ['move'], parts: ['holds'] },
  exceeds_credits: { on: ['move', 'reverse'], parts: ['amount'] },
  exceeds_debits: { on: ['move'], parts: ['credit'] },
  closing_leaves_balance: { on: ['move'], parts: ['left'] },
  counter_overflow: { on: ['move', 'reverse'], parts: ['credit'] },
};

const stages = Object.values(refusalStages);
const codes: readonly Code[] = stages.flat();
const legCodes: ReadonlySet<Code> = new Set(refusalStages.leg);
const formCodes: ReadonlySet<Code> = new Set(refusalStages.form);

function together(one: Code, other: Code, on: Base): boolean {
  const [a, b] = [faults[one], faults[other]];
  if (!a.on.includes(on) || !b.on.includes(on)) return false;
  if (a.parts.some((part) => b.parts.includes(part))) return false;
  // A malformed request is not stored, so that it was not refused before.
  if (a.parts.includes('form') && formCodes.has(other)) return false;
  if (b.parts.includes('form') && formCodes.has(one)) return false;
  return !(a.hidesLegs && legCodes.has(other)) && !(b.hidesLegs && legCodes.has(one));
}

interface Pair {
  readonly first: Code;
  readonly second: Code;
  readonly on: Base;
}

const pairs: readonly Pair[] = codes.flatMap((first, index) =>
  codes.slice(index).flatMap((second) => {
    // A code alone is a pair with itself.
    const bases = every.filter((on) =>
      first === second ? faults[first].on.includes(on) : together(first, second, on),
    );
    return bases.map((on) => ({ first, second, on }));
  }),
);

let serial = 0;

/** What a pair of faults makes of the request and of the state. */
class Case {
  readonly has: (code: Code) => boolean;
  readonly x: AccountSpec;
  readonly y: AccountSpec;
  readonly rest: AccountSpec;
  /** The hold that was resolved lies in a part that is detached. */
  readonly detached: boolean;
  constructor({ first, second, on }: Pair, detached = false) {
    serial += 1;
    this.detached = detached;
    const has = (code: Code) => first === code || second === code;
    this.has = has;
    const otherwhere =
      (has('book_mismatch') && on === 'move') ||
      has('hold_of_other_book') ||
      has('reversal_of_other_book');
    const nowhere = has('book_unknown') && on === 'move';
    const home = nowhere ? 'kt-nobody/escrow/CNY' : otherwhere ? otherBook : book;
    const named = (owner: string) => ({ book: home, code: 2101, owner }) as const;
    this.x = named(has('account_invalid') ? '' : `x ${serial}`);
    const limited = { book: home, code: 1201, owner: `y ${serial}` } as const;
    const y = has('exceeds_debits') ? limited : named(`y ${serial}`);
    this.y = has('accounts_equal') ? this.x : y;
    this.rest = named(`rest ${serial}`);
  }
}

async function accept(home: string, ...transfers: readonly TransferRequest[]): Promise<string> {
  const request = world.journal(transfers, world.uuid(), home);
  const answer = await world.submitter.submit(request);
  if (!answer.ok) throw new Error(`the arrangement was refused: ${answer.error.code}`);
  return request.id;
}

async function pour(into: AccountSpec, amount: bigint): Promise<void> {
  const debit = { book: into.book, code: 1101, owner: `source of ${into.owner}` } as const;
  await accept(into.book, { kind: 'posted', debit, credit: into, amount });
}

async function shut(one: Case): Promise<void> {
  const { y, rest } = one;
  if (one.has('account_closed')) {
    const closing: TransferRequest = one.has('exceeds_debits')
      ? { kind: 'pending', debit: rest, credit: y, amount: 0n, closing: 'credit' }
      : {
          kind: 'pending',
          debit: y,
          credit: rest,
          amount: maxAmount,
          balancing: 'debit',
          closing: 'debit',
        };
    await accept(y.book, closing);
  }
  if (one.has('account_frozen')) await world.freeze(y, { in: true, out: true });
}

async function moveRequest(one: Case): Promise<readonly TransferRequest[]> {
  const { has, x, y, rest } = one;
  const arranged = !has('account_invalid') && !has('book_unknown') && !has('book_mismatch');
  if (arranged) {
    if (has('exceeds_debits')) {
      const limit = 'credits_must_not_exceed_debits';
      expect((await opener.openAccount({ account: y, limit })).ok).toBe(true);
    }
    if (!has('balancing_amount_zero')) await pour(x, 100n);
    if (has('account_has_holds')) {
      await accept(book, { kind: 'pending', debit: x, credit: rest, amount: 1n });
    }
    if (has('counter_overflow')) await pour(y, maxAmount - 5n);
    await shut(one);
  }
  let amount = has('exceeds_credits') ? 1000n : 10n;
  if (has('amount_not_positive')) amount = -1n;
  if (has('amount_too_large')) amount = maxAmount + 1n;
  const closes = has('account_has_holds') || has('closing_leaves_balance');
  const transfer: TransferRequest = {
    kind: 'pending',
    debit: x,
    credit: y,
    amount,
    ...(closes ? { closing: 'debit' } : {}),
    ...(has('balancing_amount_zero') ? { balancing: 'debit' } : {}),
    ...(has('hold_expires_in_past') ? { expiresAt: world.clock.now() } : {}),
  };
  return [transfer];
}

/** Posts a hold of nothing, which closes an account that is empty: no other leaves one to close. */
async function resolveRequest(one: Case): Promise<readonly TransferRequest[]> {
  const { has, x, y } = one;
  const expiresAt = world.clock.now().add({ hours: 1 });
  const journalId = await accept(x.book, {
    kind: 'pending',
    debit: x,
    credit: y,
    amount: 0n,
    closing: 'debit',
    ...(has('hold_expired') ? { expiresAt } : {}),
  });
  const hold = { journalId, leg: 0 };
  if (has('hold_already_posted')) await accept(x.book, { kind: 'post_pending', hold });
  if (has('hold_already_voided')) await accept(x.book, { kind: 'void_pending', hold });
  await shut(one);
  if (has('hold_expired')) world.clock.advance({ hours: 1 });
  let named = hold;
  if (one.detached && has('hold_already_posted')) named = { journalId: detachedHolds, leg: 0 };
  if (one.detached && has('hold_already_voided')) named = { journalId: detachedHolds, leg: 1 };
  if (has('hold_unknown')) named = { journalId: world.uuid(), leg: 0 };
  if (has('hold_reference_invalid')) named = { journalId, leg: -1 };
  const amounts: readonly [Code, bigint][] = [
    ['hold_amount_exceeded', 1n],
    ['amount_not_positive', 0n],
    ['amount_too_large', maxAmount + 1n],
  ];
  const amount = amounts.find(([code]) => has(code))?.[1];
  return [{ kind: 'post_pending', hold: named, ...(amount === undefined ? {} : { amount }) }];
}

async function originalOf(one: Case): Promise<string> {
  const { has, x, y, rest } = one;
  if (has('reversed_journal_unknown')) return world.uuid();
  if (has('reversal_of_detached')) return detached;
  await pour(x, 100n);
  if (has('reversal_of_hold')) {
    return accept(x.book, { kind: 'pending', debit: x, credit: y, amount: 10n });
  }
  const amount = has('reversal_of_refused') ? 101n : 10n;
  const move = world.journal(
    [{ kind: 'posted', debit: x, credit: y, amount }],
    world.uuid(),
    x.book,
  );
  await world.submitter.submit(move);
  const reverse = { ...move, id: world.uuid(), reverses: move.id };
  if (has('already_reversed') || has('reversal_of_reversal')) {
    expect((await world.submitter.submit(reversalOf(reverse, move.id))).ok).toBe(true);
  } else if (has('exceeds_credits') && !has('account_closed')) {
    await accept(x.book, { kind: 'posted', debit: y, credit: rest, amount: 10n });
  }
  if (has('counter_overflow')) await pour(x, maxAmount - (has('already_reversed') ? 115n : 105n));
  await shut(one);
  return has('reversal_of_reversal') ? reverse.id : move.id;
}

function reversalOf({ id, book, cause }: AnyRequest, reverses: string): AnyRequest {
  return { id, book, cause, reverses };
}

async function requestOf(one: Case, on: Base): Promise<AnyRequest> {
  const id = one.has('journal_id_invalid') ? `no uuid ${serial}` : world.uuid();
  const home = one.has('book_unknown') ? 'kt-nobody/escrow/CNY' : book;
  const object = one.has('cause_invalid') ? '' : id;
  const head = { id, book: home, cause: { module: 'test', object, command: id } };
  if (on === 'reverse') return { ...head, reverses: await originalOf(one) };
  const legs = on === 'move' ? await moveRequest(one) : await resolveRequest(one);
  const copies = one.has('journal_empty') ? 1001 : 1;
  return { ...head, transfers: Array.from({ length: copies }, () => legs).flat() };
}

async function answerTo(one: Case, request: AnyRequest): Promise<Answer | undefined> {
  const { submit, submitLinked } = world.submitter;
  if (one.has('journal_conflict')) {
    await submit(
      world.journal(
        [{ kind: 'void_pending', hold: { journalId: request.id, leg: 0 } }],
        request.id,
      ),
    );
  }
  if (one.has('bulk_out_of_range')) {
    const ids = one.has('linked_ids_repeat') ? [request.id] : [request.id, '2', '3'];
    const chain = Array.from({ length: 101 }, (_, n) => ({
      ...request,
      id: ids[n] ?? request.id + n,
    }));
    return (await submitLinked(chain))[0];
  }
  if (one.has('linked_ids_repeat')) return (await submitLinked([request, request]))[0];
  if (!one.has('linked_journal_refused')) {
    if (one.has('journal_refused_before')) await submit(request);
    return submit(request);
  }
  const over = { kind: 'posted', debit: item('empty'), credit: item('none'), amount: 1n } as const;
  const chain = [world.journal([over]), request];
  if (one.has('journal_refused_before')) await submitLinked(chain);
  return (await submitLinked(chain))[1];
}

/** A request that was refused before needs a reason for it; alone, it is any. */
function reasoned(pair: Pair): Pair {
  const alone = pair.first === 'journal_refused_before' && pair.second === pair.first;
  return alone ? { ...pair, second: 'account_frozen' } : pair;
}

test('the table of refusals stands in the order of the registry', () => {
  expect(codes).toEqual(Object.keys(ledgerErrors).filter((code) => codes.includes(code as Code)));
});

test('every code of a journal is reached alone, and of two that apply at once the first wins', async () => {
  const seen = new Map<string, LedgerErrorCode | 'ok'>();
  const wrong: string[] = [];
  for (const pair of pairs) {
    const one = new Case(reasoned(pair));
    const answer = await answerTo(one, await requestOf(one, pair.on));
    const code = answer && !answer.ok ? answer.error.code : 'ok';
    if (code !== pair.first) wrong.push(`${pair.on}: ${pair.first} + ${pair.second} = ${code}`);
    seen.set(`${pair.first}/${pair.second}`, pair.first);
  }
  expect(wrong).toEqual([]);
  for (const code of codes) expect(seen.has(`${code}/${code}`), code).toBe(true);
  expect(seen.size).toBeGreaterThan(200);
});

test('a hold that was resolved and detached is refused in the same order', async () => {
  const wrong: string[] = [];
  const asked = pairs.filter(({ first, second, on }) => {
    const resolved = [first, second].filter((code) => /hold_already/.test(code));
    // The book of a detached hold is that of this file: it is asked for from another one below.
    return on === 'resolve' && resolved.length > 0 && first !== 'hold_of_other_book';
  });
  for (const pair of asked) {
    const one = new Case(pair, true);
    const answer = await answerTo(one, await requestOf(one, 'resolve'));
    const code = answer && !answer.ok ? answer.error.code : 'ok';
    if (code !== pair.first) wrong.push(`${pair.first} + ${pair.second} = ${code}`);
  }
  expect(wrong).toEqual([]);
  expect(asked.length).toBeGreaterThan(15);
  for (const [leg, home, code] of [
    [0, otherBook, 'hold_of_other_book'],
    [2, book, 'hold_unknown'],
  ] as const) {
    const hold = { journalId: detachedHolds, leg };
    const request = world.journal([{ kind: 'post_pending', hold }], world.uuid(), home);
    expect(await world.submitter.submit(request)).toMatchObject({ error: { code } });
  }
});
