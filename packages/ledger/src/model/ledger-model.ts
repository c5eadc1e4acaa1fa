import type { AnyRequest, HoldRef, LimitKind, Side, TransferRequest } from '../index.ts';

/**
 * The ledger in plain words: no batches, no SQL, one request after the other, and a copy of
 * everything to go back to. It shares no rule with the ledger that it judges.
 */

export interface ModelAccount {
  readonly name: string;
  readonly limit: LimitKind;
  debits: bigint;
  credits: bigint;
  debitsHeld: bigint;
  creditsHeld: bigint;
  closed: boolean;
  frozenIn: boolean;
  frozenOut: boolean;
  version: bigint;
}

interface ModelLeg {
  readonly kind: TransferRequest['kind'];
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly closing?: Side | undefined;
  readonly expiresAt?: Temporal.Instant | undefined;
  resolved?: 'posted' | 'voided';
}

interface ModelJournal {
  readonly content: string;
  readonly book: string;
  readonly reverses?: string;
  readonly refusal?: string;
  readonly legs: ModelLeg[];
  /** In which part its transfers lie. */
  readonly part: number;
  reversed?: true;
}

/** `ok`, `replayed` or the code of a refusal, and what each leg moved. */
export interface ModelAnswer {
  readonly code: string;
  readonly amounts: readonly bigint[];
}

class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

function refuseIf(condition: boolean, code: string): void {
  if (condition) throw new Refused(code);
}

const growsByCredits = (name: string) => /\/[24]\d\d\d\//.test(name);

export function createModel(limitOf: (name: string) => LimitKind) {
  let accounts = new Map<string, ModelAccount>();
  let journals = new Map<string, ModelJournal>();
  /** The part that is filled, and how many are taken out. */
  let part = 1;
  let detached = 0;

  function account(name: string): ModelAccount {
    const zero = { debits: 0n, credits: 0n, debitsHeld: 0n, creditsHeld: 0n, version: 0n };
    const flags = { closed: false, frozenIn: false, frozenOut: false };
    const found = accounts.get(name) ?? { name, limit: limitOf(name), ...zero, ...flags };
    accounts.set(name, found);
    return found;
  }

  /** Books one leg on its two accounts, in the order of the table of refusals. */
  function apply(leg: ModelLeg, hold?: ModelLeg, balancing?: Side): ModelLeg {
    const debit = account(leg.debit);
    const credit = account(leg.credit);
    const back = leg.kind === 'void_pending';
    if (!(back && leg.closing)) {
      const own = hold ? leg.closing : undefined;
      refuseIf(debit.closed && own !== 'debit', 'account_closed');
      refuseIf(credit.closed && own !== 'credit', 'account_closed');
      if (!back) {
        const out = growsByCredits(debit.name) ? debit.frozenOut : debit.frozenIn;
        const into = growsByCredits(credit.name) ? credit.frozenIn : credit.frozenOut;
        refuseIf(out || into, 'account_frozen');
      }
    }
    let { amount } = leg;
    const left = { debit: debit.credits - debit.debits - debit.debitsHeld, credit: 0n };
    left.credit = credit.debits - credit.credits - credit.creditsHeld;
    if (balancing) {
      amount = [amount, left[balancing]].reduce((a, b) => (a < b ? a : b));
      if (amount < 0n) amount = 0n;
      refuseIf(amount === 0n && !leg.closing, 'balancing_amount_zero');
    }
    const closes = leg.closing === 'debit' ? debit : credit;
    if (leg.closing && leg.kind === 'pending') {
      refuseIf(closes.debitsHeld + closes.creditsHeld > 0n, 'account_has_holds');
    }
    if (!hold) {
      const overdrawn = debit.limit === 'debits_must_not_exceed_credits' && amount > left.debit;
      refuseIf(overdrawn, 'exceeds_credits');
      const overfilled = credit.limit === 'credits_must_not_exceed_debits' && amount > left.credit;
      refuseIf(overfilled, 'exceeds_debits');
    }
    const whole = leg.closing && (hold ? amount === hold.amount : amount === left[leg.closing]);
    refuseIf(!back && leg.closing !== undefined && !whole, 'closing_leaves_balance');
    const held = leg.kind === 'pending' ? amount : -(hold?.amount ?? 0n);
    const moved = leg.kind === 'pending' ? 0n : amount;
    debit.debits += moved;
    credit.credits += moved;
    debit.debitsHeld += held;
    credit.creditsHeld += held;
    debit.version += 1n;
    credit.version += 1n;
    if (leg.closing) closes.closed = !back;
    return { ...leg, amount };
  }

  function findHold(ref: HoldRef, book: string): ModelLeg {
    const journal = journals.get(ref.journalId);
    const hold = journal?.legs[ref.leg];
    if (!journal || !hold || hold.kind !== 'pending') throw new Refused('hold_unknown');
    refuseIf(journal.book !== book, 'hold_of_other_book');
    refuseIf(hold.resolved === 'posted', 'hold_already_posted');
    refuseIf(hold.resolved === 'voided', 'hold_already_voided');
    return hold;
  }

  function bookLeg(transfer: TransferRequest, book: string, now: Temporal.Instant): ModelLeg {
    if ('hold' in transfer) {
      const hold = findHold(transfer.hold, book);
      const { debit, credit, closing, expiresAt } = hold;
      if (transfer.kind === 'void_pending') {
        const leg = apply({ kind: transfer.kind, debit, credit, closing, amount: 0n }, hold);
        hold.resolved = 'voided';
        return leg;
      }
      const over = expiresAt !== undefined && Temporal.Instant.compare(expiresAt, now) <= 0;
      refuseIf(over, 'hold_expired');
      const amount = transfer.amount ?? hold.amount;
      refuseIf(amount > hold.amount, 'hold_amount_exceeded');
      const leg = apply({ kind: transfer.kind, debit, credit, closing, amount }, hold);
      hold.resolved = 'posted';
      return leg;
    }
    const { kind, amount } = transfer;
    const names = { debit: nameOf(transfer.debit), credit: nameOf(transfer.credit) };
    const terms: Partial<Pick<ModelLeg, 'closing' | 'expiresAt'>> =
      transfer.kind === 'pending' ? transfer : {};
    const { expiresAt } = terms;
    const past = expiresAt !== undefined && Temporal.Instant.compare(expiresAt, now) <= 0;
    refuseIf(past, 'hold_expires_in_past');
    const leg = { kind, amount, ...names, closing: terms.closing, expiresAt };
    return apply(leg, undefined, transfer.balancing);
  }

  function bookMirror(reverses: string, book: string): ModelLeg[] {
    const original = journals.get(reverses);
    if (!original) throw new Refused('reversed_journal_unknown');
    refuseIf(original.book !== book, 'reversal_of_other_book');
    refuseIf(original.refusal !== undefined, 'reversal_of_refused');
    refuseIf(original.reverses !== undefined, 'reversal_of_reversal');
    refuseIf(original.part <= detached, 'reversal_of_detached');
    refuseIf(
      original.legs.some(({ kind }) => kind !== 'posted'),
      'reversal_of_hold',
    );
    refuseIf(original.reversed === true, 'already_reversed');
    original.reversed = true;
    return original.legs.map(({ debit, credit, amount }) =>
      apply({ kind: 'posted', debit: credit, credit: debit, amount }),
    );
  }

  function book(request: AnyRequest, content: string, now: Temporal.Instant): ModelAnswer {
    const reversal = 'reverses' in request;
    const legs = reversal
      ? bookMirror(request.reverses, request.book)
      : request.transfers.map((transfer) => bookLeg(transfer, request.book, now));
    const reverses = reversal ? { reverses: request.reverses } : {};
    journals.set(request.id, { content, book: request.book, legs, part, ...reverses });
    return { code: 'ok', amounts: legs.map(({ amount }) => amount) };
  }

  function repeat(before: ModelJournal, content: string): ModelAnswer {
    if (before.content !== content) return { code: 'journal_conflict', amounts: [] };
    if (before.refusal !== undefined) return { code: 'journal_refused_before', amounts: [] };
    const legs = before.part <= detached ? [] : before.legs;
    return { code: 'replayed', amounts: legs.map(({ amount }) => amount) };
  }

  /** Journals that stand or fall together; one alone is a chain of one. */
  function submit(chain: readonly AnyRequest[], now: Temporal.Instant): readonly ModelAnswer[] {
    const others = { code: 'linked_journal_refused', amounts: [] };
    const faults = chain.map(faultOf);
    if (faults.some((fault) => fault !== undefined)) {
      return faults.map((fault) => (fault ? { code: fault, amounts: [] } : others));
    }
    const whole = chain.length > 1 ? written(chain) : '';
    const contents = chain.map((request) => written(request) + whole);
    const known = chain.map((request, index) => {
      const before = journals.get(request.id);
      return before && repeat(before, contents[index] ?? '');
    });
    if (known.some((answer) => answer !== undefined)) {
      const replayed = known.every((answer) => answer?.code === 'replayed');
      return known.map((answer) =>
        answer && (replayed || answer.code !== 'replayed') ? answer : others,
      );
    }
    const saved = { accounts: structuredClone(accounts), journals: copyOf(journals) };
    const answers: ModelAnswer[] = [];
    try {
      for (const [index, request] of chain.entries()) {
        answers.push(book(request, contents[index] ?? '', now));
      }
      return answers;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      ({ accounts, journals } = saved);
      const culprit = { code: error.code, amounts: [] };
      const refused = chain.map((_, index) => (index === answers.length ? culprit : others));
      for (const [index, { id, book }] of chain.entries()) {
        const refusal = refused[index]?.code ?? '';
        journals.set(id, { content: contents[index] ?? '', book, refusal, legs: [], part });
      }
      return refused;
    }
  }

  /** Voids what is over, and says how many that were. */
  function expire(now: Temporal.Instant): number {
    const due = [...journals.values()].flatMap(({ legs }) =>
      legs.filter(({ kind, resolved, expiresAt }) => {
        const over = expiresAt && Temporal.Instant.compare(expiresAt, now) <= 0;
        return kind === 'pending' && !resolved && over;
      }),
    );
    for (const hold of due) {
      apply({ ...hold, kind: 'void_pending', amount: 0n }, hold);
      hold.resolved = 'voided';
    }
    return due.length;
  }

  return {
    submit,
    expire,
    account,
    /** The part that is filled ends. */
    cut: () => {
      part += 1;
    },
    /** So many parts are taken out from now on. */
    takeOut: (parts: number) => {
      detached = parts;
    },
    holdsOpenIn: (number: number) =>
      [...journals.values()].some(
        (journal) =>
          journal.part === number &&
          journal.legs.some(({ kind, resolved }) => kind === 'pending' && !resolved),
      ),
    freeze: (name: string, flags: { readonly in: boolean; readonly out: boolean }) => {
      account(name).frozenIn = flags.in;
      account(name).frozenOut = flags.out;
    },
  };
}

export function nameOf({ book, code, owner }: { book: string; code: number; owner: string }) {
  return `${book}/${code}/${owner}`;
}

/** What is wrong with a request alone, as far as histories make such ones. */
function faultOf(request: AnyRequest): string | undefined {
  if ('reverses' in request) return undefined;
  const found = request.transfers.flatMap((transfer) => {
    const closes = transfer.kind === 'pending' && transfer.closing !== undefined;
    const amount = 'amount' in transfer ? transfer.amount : undefined;
    if (amount !== undefined && amount < (closes ? 0n : 1n)) return ['amount_not_positive'];
    if ('hold' in transfer) return [];
    return nameOf(transfer.debit) === nameOf(transfer.credit) ? ['accounts_equal'] : [];
  });
  return found.sort((a, b) => (a === b ? 0 : a === 'amount_not_positive' ? -1 : 1))[0];
}

function written(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

function copyOf(journals: ReadonlyMap<string, ModelJournal>): Map<string, ModelJournal> {
  return new Map(
    [...journals].map(([id, one]) => [id, { ...one, legs: one.legs.map((leg) => ({ ...leg })) }]),
  );
}
