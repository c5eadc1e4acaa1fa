import { edgeAmounts, type Random } from '@keyturn/testkit';
import type { Answer } from '../../src/main/demo/client.ts';
import type { AgreementDraft } from './agreements.ts';
import type { Person, Reply } from './people.ts';
import type { SimulatedWorld } from './world.ts';

/** Somebody who takes part in deals, with accounts of every fate: good, refused, sent back. */
export interface Party {
  readonly id: string;
  readonly name: string;
  readonly accounts: readonly string[];
}

export interface KnownAgreement {
  readonly id: string;
  readonly terms: AgreementDraft;
}

export interface KnownDeal {
  readonly id: string;
  readonly name: string;
  readonly terms: AgreementDraft;
}

export interface KnownOrder {
  readonly id: string;
  readonly name: string;
  readonly methods: readonly string[];
}

/** What the driver remembers. Names are short, and the same in every run of a seed. */
export interface Known {
  readonly persons: Party[];
  readonly merchants: Party[];
  readonly agreements: KnownAgreement[];
  readonly deals: KnownDeal[];
  readonly orders: KnownOrder[];
}

/** A call that was made, to be made again. */
export interface MadeCall {
  readonly name: string;
  readonly person: Person;
  readonly path: string;
  readonly body: unknown;
  readonly key: string;
  readonly reply: Reply;
}

/** Where actions happen: the world, chance, what is known, and how somebody calls the platform. */
export interface Stage {
  readonly world: SimulatedWorld;
  readonly random: Random;
  readonly known: Known;
  readonly made: MadeCall[];
  /** Calls with a new key, and remembers it. */
  call(person: Person, name: string, path: string, body?: unknown): Promise<Reply>;
  /** The items of a list. */
  list(path: string): Promise<readonly Answer[]>;
}

/** How many calls are remembered. */
const memory = 30;

export function createStage(world: SimulatedWorld, random: Random): Stage {
  const made: MadeCall[] = [];
  let keys = 0;
  return {
    world,
    random,
    known: { persons: [], merchants: [], agreements: [], deals: [], orders: [] },
    made,
    call: async (person, name, path, body = {}) => {
      keys += 1;
      const key = `simulation-${keys}`;
      const reply = await person.post(path, body, key);
      made.push({ name, person, path, body, key, reply });
      if (made.length > memory) made.shift();
      return reply;
    },
    list: async (path) => {
      const { body } = await world.people.finance.get(path);
      return body.items ?? [];
    },
  };
}

/** What an action did, in a few words: what was answered. */
export function said({ status, body }: Reply): string {
  return status < 400 ? `${status} ${body?.state ?? ''}`.trim() : `${status} ${body?.code ?? ''}`;
}

/** Something that somebody does. Says what it did and what was answered; nothing when it cannot. */
export interface Action {
  readonly name: string;
  readonly weight: number;
  act(stage: Stage): Promise<string | undefined>;
}

/** The borders as JSON has them: they are small enough to be exact. */
const edges = edgeAmounts.map((amount) => Number.parseInt(amount.toString(), 10));

/** Fen: now and then at a border that something depends on. */
export function anyAmount({ random }: Pick<Stage, 'random'>): number {
  return random.chance(0.3) ? random.oneOf(edges) : random.integer(1, 20_000_000);
}

/** A part of a whole, mostly less, now and then all of it, and sometimes too much. */
export function anyPart({ random }: Pick<Stage, 'random'>, whole: number): number {
  if (random.chance(0.4)) return whole;
  if (random.chance(0.1)) return whole + random.integer(1, 1_000);
  return random.integer(1, Math.max(whole, 1));
}

export const cny = (amount: number) => ({ amount, currency: 'CNY' });
