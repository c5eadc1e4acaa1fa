import fc from 'fast-check';
import type { AccountSpec, AnyRequest, TransferRequest } from '../index.ts';

/** What a history does, in numbers: accounts by their place, earlier journals by theirs. */
export type Step =
  | { readonly do: 'book'; readonly legs: readonly LegStep[] }
  | { readonly do: 'resolve'; readonly of: number; readonly part: bigint | undefined }
  | { readonly do: 'void'; readonly of: number }
  | { readonly do: 'reverse'; readonly of: number }
  | { readonly do: 'repeat'; readonly of: number; readonly changed: boolean }
  | { readonly do: 'link'; readonly chain: readonly Step[] }
  | { readonly do: 'freeze'; readonly account: number; readonly in: boolean; readonly out: boolean }
  | { readonly do: 'wait'; readonly seconds: number };

interface LegStep {
  readonly from: number;
  /** How many places further the other account is; 0 is the same one. */
  readonly step: number;
  readonly amount: bigint;
  readonly held: boolean;
  readonly balancing: 'debit' | 'credit' | undefined;
  readonly closing: 'debit' | 'credit' | undefined;
  readonly seconds: number | undefined;
}

/** The outside (0), items that may not be overdrawn (1 to 3), and a debtor with a limit (4). */
export const accountCount = 5;

const account = fc.nat({ max: accountCount - 1 });
const side = fc.constantFrom('debit' as const, 'credit' as const);
/** Seven times out of eight nothing. */
const seldom = <T>(what: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: what });
const of = fc.nat({ max: 12 });

const step = fc.oneof(
  { weight: 19, arbitrary: fc.integer({ min: 1, max: accountCount - 1 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);

const leg: fc.Arbitrary<LegStep> = fc.record({
  from: account,
  step,
  amount: fc.oneof(
    { weight: 9, arbitrary: fc.bigInt({ min: 1n, max: 30n }) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 50n, 1_000n) },
  ),
  held: fc.boolean(),
  balancing: seldom(side),
  closing: seldom(side),
  seconds: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
});

const single: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('book' as const),
      legs: fc.oneof(fc.tuple(leg), fc.array(leg, { minLength: 2, maxLength: 3 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('resolve' as const),
      of,
      part: fc.option(fc.bigInt({ min: 1n, max: 40n }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('void' as const), of }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reverse' as const), of }) },
);

const repeated: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('repeat' as const),
  of,
  changed: fc.boolean(),
});

const chained: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('link' as const),
  chain: fc.array(single, { minLength: 2, maxLength: 3 }),
});

const frozen: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('freeze' as const),
  account,
  in: fc.boolean(),
  out: fc.boolean(),
});

const waited: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('wait' as const),
  seconds: fc.integer({ min: 1, max: 40 }),
});

const submitted = [
  { weight: 8, arbitrary: single },
  { weight: 1, arbitrary: repeated },
  { weight: 1, arbitrary: chained },
];

/** Histories of one caller, with freezes and time that goes by. */
export const histories = fc.array(
  fc.oneof(...submitted, { weight: 1, arbitrary: frozen }, { weight: 1, arbitrary: waited }),
  { minLength: 1, maxLength: 30, size: 'max' },
);

/** Histories whose steps may be done in any order. */
export const unordered = fc.array(fc.oneof(...submitted), {
  minLength: 5,
  maxLength: 40,
  size: 'max',
});

function isHold(request: AnyRequest): boolean {
  return !('reverses' in request) && request.transfers[0]?.kind === 'pending';
}

/** Makes the requests of a run: journals are numbered in the order of their making. */
export function createRequests(run: number, book: string) {
  const made: AnyRequest[] = [];

  function spec(place: number): AccountSpec {
    const code = place === 0 ? 1101 : place === accountCount - 1 ? 1201 : 2101;
    return { book, code, owner: `run ${run}: ${place}` };
  }

  function idOf(serial: number): string {
    const tail = serial.toString(16).padStart(12, '0');
    return `${run.toString(16).padStart(8, '0')}-0000-7000-8000-${tail}`;
  }

  function transferOf(step: LegStep, now: Temporal.Instant): TransferRequest {
    const { amount, balancing, closing, seconds } = step;
    const movement = {
      debit: spec(step.from),
      credit: spec((step.from + step.step) % accountCount),
      amount,
      ...(balancing === undefined ? {} : { balancing }),
    };
    if (!step.held) return { kind: 'posted', ...movement };
    return {
      kind: 'pending',
      ...movement,
      ...(closing === undefined ? {} : { closing }),
      ...(seconds === undefined ? {} : { expiresAt: now.add({ seconds }) }),
    };
  }

  /** An earlier journal that fits, mostly; else one that there is not, or not yet. */
  function targetOf(place: number, fits: (request: AnyRequest) => boolean): string {
    const found = made.filter(fits);
    return found[place % Math.max(found.length + 1, 3)]?.id ?? idOf(place);
  }

  function requestOf(step: Step, now: Temporal.Instant): AnyRequest {
    const id = idOf(made.length);
    const head = { id, book, cause: { module: 'model', object: id, command: id } };
    const hold = { journalId: 'of' in step ? targetOf(step.of, isHold) : id, leg: 0 };
    switch (step.do) {
      case 'book':
        return { ...head, transfers: step.legs.map((one) => transferOf(one, now)) };
      case 'resolve': {
        const part = step.part === undefined ? {} : { amount: step.part };
        return { ...head, transfers: [{ kind: 'post_pending', hold, ...part }] };
      }
      case 'reverse':
        return { ...head, reverses: targetOf(step.of, () => true) };
      default:
        return { ...head, transfers: [{ kind: 'void_pending', hold }] };
    }
  }

  function make(step: Step, now: Temporal.Instant): AnyRequest {
    const before = step.do === 'repeat' ? made[step.of] : undefined;
    if (step.do === 'repeat' && before) {
      const cause = { ...before.cause, module: 'other' };
      return step.changed ? { ...before, cause } : before;
    }
    const request = requestOf(step, now);
    made.push(request);
    return request;
  }

  return {
    spec,
    /** The journals of a step, which stand or fall together. */
    chainOf: (step: Step, now: Temporal.Instant): readonly AnyRequest[] =>
      step.do === 'link' ? step.chain.map((one) => make(one, now)) : [make(step, now)],
  };
}
