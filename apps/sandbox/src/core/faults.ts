import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from './refusal.ts';
import { integer, openSettings, optionalInteger, text } from './store.ts';

/** A fault that shall happen now. The parameters are those of the kind. */
export interface Fault {
  kind: string;
  delay_ms?: number;
  [parameter: string]: unknown;
}

/** The kinds of a point, each with the parameters it has when none are given. */
export type FaultKinds = Record<string, Record<string, unknown>>;

export interface FaultRule {
  id: string;
  point: string;
  kind: string;
  match: Record<string, string>;
  /** How often it still happens; null for ever. */
  times: number | null;
  parameters: Record<string, unknown>;
}

export interface FaultSeed {
  seed: number;
  /** Share of the opportunities at which a fault happens, 0..1. */
  rate: number;
  points: string[] | null;
}

export interface Faults {
  /** Makes a point known with its kinds. Once per point, at start. */
  declare(point: string, kinds: FaultKinds): void;
  /**
   * The fault that hits this subject at this point now, if one does; counts it as used. With
   * `only`, just rules of these kinds are looked at, and none come from the seed: for points that
   * are passed twice.
   */
  take(point: string, subject: Record<string, string>, only?: readonly string[]): Fault | undefined;
}

export interface FaultAdmin extends Faults {
  points(): Record<string, FaultKinds>;
  add(rule: Omit<FaultRule, 'id'>): FaultRule;
  list(): FaultRule[];
  /** Whether there was such a rule. */
  remove(id: string): boolean;
  clear(): void;
  seed(seed: FaultSeed): void;
  currentSeed(): FaultSeed;
}

const noSeed: FaultSeed = { seed: 0, rate: 0, points: null };

function matches(rule: FaultRule, subject: Record<string, string>): boolean {
  return Object.entries(rule.match).every(([name, value]) => subject[name] === value);
}

/** A fraction in [0, 1) and a choice, both from the seed, the point and how often it was passed. */
function draw(seed: number, point: string, count: number): { fraction: number; choice: number } {
  const digest = createHash('sha256').update(`${seed}/${point}/${count}`).digest();
  return { fraction: digest.readUInt32BE(0) / 2 ** 32, choice: digest.readUInt32BE(4) };
}

function openRules(store: DatabaseSync) {
  store.exec(`create table if not exists core_fault (
    id integer primary key autoincrement, point text not null, kind text not null,
    match text not null, times integer, parameters text not null) strict`);
  const select = store.prepare('select * from core_fault order by id');
  const insert = store.prepare(
    'insert into core_fault (point, kind, match, times, parameters) values (?, ?, ?, ?, ?)',
  );
  const update = store.prepare('update core_fault set times = ? where id = ?');
  const remove = store.prepare('delete from core_fault where id = ?');
  return {
    read: (): FaultRule[] =>
      select.all().map((row) => ({
        id: String(integer(row, 'id')),
        point: text(row, 'point'),
        kind: text(row, 'kind'),
        match: JSON.parse(text(row, 'match')),
        times: optionalInteger(row, 'times') ?? null,
        parameters: JSON.parse(text(row, 'parameters')),
      })),
    insert: (rule: Omit<FaultRule, 'id'>): string => {
      const { point, kind, match, times, parameters } = rule;
      const json = JSON.stringify(parameters);
      return String(insert.run(point, kind, JSON.stringify(match), times, json).lastInsertRowid);
    },
    setTimes: (id: string, times: number) => update.run(times, id),
    remove: (id: string) => remove.run(id),
    clear: () => store.exec('delete from core_fault'),
  };
}

/** The pseudo-random part: reproducible as long as each point is passed in the same order. */
function openSeed(store: DatabaseSync) {
  const settings = openSettings(store);
  const stored = settings.read('fault_seed');
  let current: FaultSeed = stored === undefined ? noSeed : JSON.parse(stored);
  const counts = new Map<string, number>();
  return {
    current: () => current,
    set: (seed: FaultSeed) => {
      current = seed;
      settings.write('fault_seed', JSON.stringify(seed));
      for (const point of counts.keys()) settings.write(`fault_count ${point}`, '0');
      counts.clear();
    },
    take: (point: string, kinds: FaultKinds): Fault | undefined => {
      if (current.rate === 0) return undefined;
      if (current.points !== null && !current.points.includes(point)) return undefined;
      const name = `fault_count ${point}`;
      const count = counts.get(point) ?? Number.parseInt(settings.read(name) ?? '0', 10);
      counts.set(point, count + 1);
      settings.write(name, String(count + 1));
      const { fraction, choice } = draw(current.seed, point, count);
      if (fraction >= current.rate) return undefined;
      const names = Object.keys(kinds);
      const kind = names[choice % names.length];
      return kind === undefined ? undefined : { ...kinds[kind], kind };
    },
  };
}

/** Throws a Refusal with a list of those that exist. */
function refuseUnknown(declared: Map<string, FaultKinds>, point: string, kind?: string): void {
  const kinds = declared.get(point);
  if (kinds === undefined) {
    const known = [...declared.keys()].join(', ');
    throw new Refusal(400, `there is no fault point "${point}": use one of ${known}`);
  }
  if (kind !== undefined && !Object.hasOwn(kinds, kind)) {
    const known = Object.keys(kinds).join(', ');
    throw new Refusal(400, `point ${point} has no fault kind "${kind}": use one of ${known}`);
  }
}

export function openFaults(store: DatabaseSync): FaultAdmin {
  const table = openRules(store);
  const seed = openSeed(store);
  const declared = new Map<string, FaultKinds>();
  let rules = table.read();

  function use(rule: FaultRule): void {
    if (rule.times === null) return;
    rule.times -= 1;
    if (rule.times > 0) table.setTimes(rule.id, rule.times);
    else {
      table.remove(rule.id);
      rules = rules.filter((other) => other.id !== rule.id);
    }
  }

  function take(
    point: string,
    subject: Record<string, string>,
    only?: readonly string[],
  ): Fault | undefined {
    if (rules.length === 0 && seed.current().rate === 0) return undefined;
    const kinds = declared.get(point);
    if (kinds === undefined) throw new Error(`fault point ${point} was not declared`);
    const rule = rules.find(
      (each) =>
        each.point === point &&
        (only === undefined || only.includes(each.kind)) &&
        matches(each, subject),
    );
    if (rule === undefined) return only === undefined ? seed.take(point, kinds) : undefined;
    use(rule);
    return { ...kinds[rule.kind], ...rule.parameters, kind: rule.kind };
  }

  return {
    declare: (point, kinds) => {
      if (declared.has(point)) throw new Error(`fault point ${point} is declared already`);
      declared.set(point, kinds);
    },
    take,
    points: () => Object.fromEntries(declared),
    add: (rule) => {
      refuseUnknown(declared, rule.point, rule.kind);
      const added = { ...rule, id: table.insert(rule) };
      rules.push(added);
      return added;
    },
    list: () => rules,
    remove: (id) => {
      const before = rules.length;
      rules = rules.filter((rule) => rule.id !== id);
      table.remove(id);
      return rules.length < before;
    },
    clear: () => {
      rules = [];
      table.clear();
    },
    seed: (next) => {
      for (const point of next.points ?? []) refuseUnknown(declared, point);
      seed.set(next);
    },
    currentSeed: seed.current,
  };
}
