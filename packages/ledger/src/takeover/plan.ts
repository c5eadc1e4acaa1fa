import { ok, type Result } from '@keyturn/kernel';
import {
  type AccountCode,
  type AccountSpec,
  defaultLimit,
  isAccountCode,
  isCreditNormal,
} from '../account.ts';

/** An account of the ledger, without its book. */
export interface PlannedAccount {
  readonly code: AccountCode;
  readonly owner: string;
}

/** What a subject (科目) of the old ledger is here. */
export interface SubjectMapping {
  readonly subject: string;
  readonly code: AccountCode;
  /** How an account's number becomes an owner: a text with `{account}` in it. */
  readonly owner: string;
  /** What numbers begin with and owners do not; empty for nothing. */
  readonly dropPrefix: string;
  /** Whether a positive balance there is one on the normal side of the code. */
  readonly sign: 'same' | 'opposite';
  /** What one-sided movements are booked against; of a code without a limit. */
  readonly counter: PlannedAccount;
}

/** How an old ledger is moved here. Data: made by people, versioned, checked before it is used. */
export interface TakeoverPlan {
  readonly takeover: string;
  readonly book: string;
  /** Where the old ledger answers, who we are there, and the name of the file with the key. */
  readonly old: { readonly url: string; readonly client: string; readonly key: string };
  readonly subjects: readonly SubjectMapping[];
  readonly suspense: {
    /** A liability: what clients here had more than the old ledger has. */
    readonly excess: PlannedAccount;
    /** An asset without a limit: what clients here had less. */
    readonly shortfall: PlannedAccount;
  };
  /** Calendar days (Asia/Shanghai) without a difference that a subject needs to be switched. */
  readonly gateDays: number;
  /**
   * How many positions are read again behind the last one each time: for an old ledger that gives
   * a row its position before it shows it, so that rows may turn up behind those that were read.
   */
  readonly reread: number;
  /** For how long a row may be late before it counts as missing. */
  readonly lateAfter: Temporal.Duration;
  /** So often the two are compared by themselves. */
  readonly compareEvery: Temporal.Duration;
}

/** What is wrong in a plan, and where. */
export interface PlanFault {
  readonly path: string;
  readonly problem: string;
}

export const maxSubjects = 500;

/** Text that is a number of an account, a subject or an id in the old ledger. */
export const oldName = /^[\x21-\x7e]{1,64}$/;

type Fields = ReadonlyMap<string, unknown>;

/** Reads a plan as people write it (JSON), and says all that is wrong with it. */
export function readPlan(value: unknown): Result<TakeoverPlan, readonly PlanFault[]> {
  const faults: PlanFault[] = [];
  const read = reader(faults);
  const top = read.object(value, '', planKeys);
  const old = read.object(top.get('old'), 'old', ['url', 'client', 'key']);
  const suspense = read.object(top.get('suspense'), 'suspense', ['excess', 'shortfall']);
  const plan: TakeoverPlan = {
    takeover: read.text(top, 'takeover', '', /^[a-z0-9][a-z0-9-]{0,39}$/),
    book: read.text(top, 'book', '', /^.{1,100}$/),
    old: {
      url: read.text(old, 'url', 'old', /^https?:\/\/[^\s]{1,200}$/).replace(/\/$/, ''),
      client: read.text(old, 'client', 'old', oldName),
      key: read.text(old, 'key', 'old', /^[a-z0-9][a-z0-9-]{0,39}$/),
    },
    subjects: read
      .list(top.get('subjects'), 'subjects', maxSubjects)
      .map((one, index) => readSubject(read, one, `subjects[${index}]`)),
    suspense: {
      excess: read.account(suspense.get('excess'), 'suspense.excess'),
      shortfall: read.account(suspense.get('shortfall'), 'suspense.shortfall'),
    },
    gateDays: read.integer(top, 'gate_days', 1, 365),
    reread: top.has('reread') ? read.integer(top, 'reread', 0, 10_000) : 0,
    lateAfter: read.duration(top, 'late_after'),
    compareEvery: read.duration(top, 'compare_every'),
  };
  if (faults.length === 0) faults.push(...contradictions(plan));
  return faults.length === 0 ? ok(plan) : { ok: false, error: faults };
}

const planKeys = [
  ...['takeover', 'book', 'old', 'subjects', 'suspense'],
  ...['gate_days', 'reread', 'late_after', 'compare_every'],
];

function readSubject(read: Reader, value: unknown, path: string): SubjectMapping {
  const keys = ['subject', 'code', 'owner', 'drop_prefix', 'sign', 'counter'];
  const fields = read.object(value, path, keys);
  const sign = read.text(fields, 'sign', path, /^(same|opposite)$/);
  return {
    subject: read.text(fields, 'subject', path, oldName),
    code: read.code(fields, path),
    owner: read.text(fields, 'owner', path, /^[^{}]{0,60}\{account\}[^{}]{0,60}$/),
    dropPrefix: fields.has('drop_prefix') ? read.text(fields, 'drop_prefix', path, oldName) : '',
    sign: sign === 'opposite' ? 'opposite' : 'same',
    counter: read.account(fields.get('counter'), `${path}.counter`),
  };
}

/** What each part allows and the whole does not. */
function contradictions(plan: TakeoverPlan): readonly PlanFault[] {
  const faults: PlanFault[] = [];
  const { excess, shortfall } = plan.suspense;
  if (!isCreditNormal(excess.code)) {
    faults.push({ path: 'suspense.excess.code', problem: 'must be a liability, such as 2301' });
  }
  if (isCreditNormal(shortfall.code)) {
    faults.push({ path: 'suspense.shortfall.code', problem: 'must be an asset, such as 1201' });
  }
  for (const [index, mapping] of plan.subjects.entries()) {
    const path = `subjects[${index}]`;
    if (defaultLimit(mapping.counter.code) !== 'none') {
      const problem = `${mapping.counter.code} has a limit; take a code without one, such as 1101`;
      faults.push({ path: `${path}.counter.code`, problem });
    }
    for (const other of plan.subjects.slice(0, index)) {
      if (other.subject === mapping.subject) {
        faults.push({ path: `${path}.subject`, problem: `${mapping.subject} stands there twice` });
      } else if (meet(other, mapping)) {
        const problem = `owners of ${other.subject} and ${mapping.subject} cannot be told apart on code ${mapping.code}; begin them differently`;
        faults.push({ path: `${path}.owner`, problem });
      }
    }
    for (const fixed of [mapping.counter, excess, shortfall]) {
      const found = plan.subjects.find((one) => numberOf(one, fixed) !== undefined);
      if (found === undefined) continue;
      const problem = `the account ${fixed.code}/${fixed.owner} is also one of subject ${found.subject}; choose another owner`;
      faults.push({ path: `${path}.counter.owner`, problem });
    }
  }
  return faults;
}

/** Whether two subjects could give two accounts the same owner on the same code. */
function meet(one: SubjectMapping, other: SubjectMapping): boolean {
  if (one.code !== other.code) return false;
  const [a = ''] = one.owner.split('{account}');
  const [b = ''] = other.owner.split('{account}');
  return a.startsWith(b) || b.startsWith(a);
}

type Reader = ReturnType<typeof reader>;

function reader(faults: PlanFault[]) {
  const fault = (path: string, problem: string) => faults.push({ path, problem });
  const at = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

  function object(value: unknown, path: string, keys: readonly string[]): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      fault(path === '' ? 'the plan' : path, 'must be an object');
      return new Map();
    }
    const fields = new Map<string, unknown>(Object.entries(value));
    for (const key of fields.keys()) {
      if (!keys.includes(key)) fault(at(path, key), `is not known; known are ${keys.join(', ')}`);
    }
    return fields;
  }
  function text(fields: Fields, key: string, path: string, form: RegExp): string {
    const value = fields.get(key);
    if (typeof value === 'string' && form.test(value)) return value;
    fault(at(path, key), `must be a text that fits ${form.source}`);
    return '';
  }
  function code(fields: Fields, path: string): AccountCode {
    const value = fields.get('code');
    if (typeof value === 'number' && isAccountCode(value)) return value;
    fault(at(path, 'code'), 'must be a code of the chart of accounts, such as 2001');
    return 2001;
  }
  return {
    object,
    text,
    code,
    account: (value: unknown, path: string): PlannedAccount => {
      const fields = object(value, path, ['code', 'owner']);
      return { code: code(fields, path), owner: text(fields, 'owner', path, /^[^{}]{1,200}$/) };
    },
    list: (value: unknown, path: string, most: number): readonly unknown[] => {
      if (Array.isArray(value) && value.length > 0 && value.length <= most) return value;
      fault(path, `must be a list of 1 to ${most}`);
      return [];
    },
    integer: (fields: Fields, key: string, least: number, most: number): number => {
      const value = fields.get(key);
      const fits = typeof value === 'number' && Number.isInteger(value);
      if (fits && value >= least && value <= most) return value;
      fault(key, `must be a whole number from ${least} to ${most}`);
      return least;
    },
    duration: (fields: Fields, key: string): Temporal.Duration => {
      const value = fields.get(key);
      const problem = 'must be a duration in days, hours or minutes, such as PT2H';
      try {
        const duration = Temporal.Duration.from(typeof value === 'string' ? value : '');
        // Weeks and months have no length of their own.
        if (duration.sign > 0 && duration.total('seconds') > 0) return duration;
      } catch {
        // Not a duration: said below, with what one looks like.
      }
      fault(key, problem);
      return Temporal.Duration.from({ hours: 1 });
    },
  };
}

/** The account of a number; undefined when the number does not fit the mapping. */
export function accountOf(
  plan: TakeoverPlan,
  mapping: SubjectMapping,
  number: string,
): AccountSpec | undefined {
  if (!number.startsWith(mapping.dropPrefix)) return undefined;
  const rest = number.slice(mapping.dropPrefix.length);
  if (rest === '') return undefined;
  const owner = mapping.owner.replace('{account}', () => rest);
  return { book: plan.book, code: mapping.code, owner };
}

/** The number in the old ledger of an account of a subject; undefined when it is none of its. */
export function numberOf(mapping: SubjectMapping, account: PlannedAccount): string | undefined {
  const [before = '', after = ''] = mapping.owner.split('{account}');
  const { owner } = account;
  if (account.code !== mapping.code || owner.length <= before.length + after.length) {
    return undefined;
  }
  if (!owner.startsWith(before) || !owner.endsWith(after)) return undefined;
  const rest = owner.slice(before.length, owner.length - after.length);
  const number = mapping.dropPrefix + rest;
  return oldName.test(number) ? number : undefined;
}

/** Which subject an account belongs to, and under which number. */
export function findNumber(
  plan: TakeoverPlan,
  account: PlannedAccount,
): { readonly mapping: SubjectMapping; readonly number: string } | undefined {
  for (const mapping of plan.subjects) {
    const number = numberOf(mapping, account);
    if (number !== undefined) return { mapping, number };
  }
  return undefined;
}

/** The side of an account on which an amount with the old ledger's sign is booked. */
export function sideOf(mapping: SubjectMapping, amount: bigint): 'debit' | 'credit' {
  const grows = amount > 0n === (mapping.sign === 'same');
  return grows === isCreditNormal(mapping.code) ? 'credit' : 'debit';
}

/** What debits less credits of an account are with the old ledger's sign. */
export function withOldSign(mapping: SubjectMapping, debitsLessCredits: bigint): bigint {
  const normal = isCreditNormal(mapping.code) ? -debitsLessCredits : debitsLessCredits;
  return mapping.sign === 'same' ? normal : -normal;
}
