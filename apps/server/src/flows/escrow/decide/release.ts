import {
  allocate,
  formatDecimal,
  isCurrency,
  ok,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import { availableOf, type Item, type Leg, receivedOf } from '../tables.ts';
import type { AgreementTerms, ReleaseTerms } from './agreement.ts';

/** One part of a release: how much of which item. */
export interface ReleasePart {
  readonly item: Item;
  readonly amount: bigint;
}

/** The conditions of a release that no evidence fulfils yet. */
export function openConditions(
  terms: AgreementTerms,
  release: ReleaseTerms,
  evidenceKinds: ReadonlySet<string>,
): readonly string[] {
  return release.when.filter((key) => {
    const condition = terms.conditions.find((candidate) => candidate.key === key);
    return condition === undefined || !evidenceKinds.has(condition.evidence);
  });
}

/**
 * What a release still gives of an item: its share of what was received, by the largest remainder
 * over all releases of the item so that the shares make up the whole, less what its legs took
 * before.
 */
export function entitledOf(
  terms: AgreementTerms,
  release: ReleaseTerms,
  item: Item,
  takenBefore: bigint,
): bigint {
  const shares = terms.releases.flatMap((candidate) =>
    candidate.items
      .filter((part) => part.item === item.key)
      .map((part) => ({ release: candidate.key, bps: BigInt(part.shareBps) })),
  );
  const parts = allocate(
    receivedOf(item),
    shares.map(({ bps }) => bps),
  );
  const index = shares.findIndex((share) => share.release === release.key);
  const whole = parts[index] ?? 0n;
  return whole > takenBefore ? whole - takenBefore : 0n;
}

/** What the legs of a release took of an item: paid, moving or waiting for approval. */
export function takenBy(
  legs: Iterable<Leg>,
  releaseIds: ReadonlySet<string>,
  itemId: string,
): bigint {
  let sum = 0n;
  for (const leg of legs) {
    const counts = leg.state === 'waiting' || leg.state === 'moving' || leg.state === 'paid';
    if (counts && leg.itemId === itemId && releaseIds.has(leg.releaseId ?? '')) {
      sum += leg.amountMinor;
    }
  }
  return sum;
}

export interface ReleaseQuestion {
  readonly terms: AgreementTerms;
  readonly release: ReleaseTerms;
  readonly items: readonly Item[];
  readonly evidenceKinds: ReadonlySet<string>;
  /** By item id: what earlier releases under the same key took. */
  readonly taken: ReadonlyMap<string, bigint>;
  readonly currency: string;
  /** Amounts by item key in minor units; everything that the release gives when undefined. */
  readonly asked: ReadonlyMap<string, bigint> | undefined;
}

/**
 * Decides how much a release takes of which item, or why it may not. Never more than what is there.
 */
export function decideRelease(question: ReleaseQuestion): Result<readonly ReleasePart[], Refusal> {
  const { terms, release, asked } = question;
  const open = openConditions(terms, release, question.evidenceKinds);
  if (open.length > 0) {
    const values = { release: release.key, conditions: open.join(', ') };
    return refuse('release_condition_open', { values });
  }
  const keys = release.items.map(({ item }) => item);
  for (const key of asked?.keys() ?? []) {
    if (!keys.includes(key)) {
      const values = { kind: 'item', key, known: keys.join(', ') };
      return refuse('deal_key_unknown', { values, param: 'items' });
    }
  }
  const parts: ReleasePart[] = [];
  for (const key of keys) {
    const item = question.items.find((candidate) => candidate.key === key);
    if (!item) continue;
    const part = partOf(question, item);
    if (!part.ok) return part;
    if (part.value > 0n) parts.push({ item, amount: part.value });
  }
  if (parts.length === 0) {
    return refuse('release_nothing_left', { values: { release: release.key } });
  }
  return ok(parts);
}

function partOf(question: ReleaseQuestion, item: Item): Result<bigint, Refusal> {
  const { terms, release, asked } = question;
  const available = availableOf(item);
  const left = entitledOf(terms, release, item, question.taken.get(item.id) ?? 0n);
  if (asked === undefined) return ok(left < available ? left : available);
  const amount = asked.get(item.key) ?? 0n;
  const show = (value: bigint) => amountText(value, question.currency);
  if (amount > available) {
    const values = { item: item.key, available: show(available), amount: show(amount) };
    return refuse('release_exceeds_held', { values });
  }
  if (amount > left) {
    const values = {
      release: release.key,
      item: item.key,
      left: show(left),
      amount: show(amount),
    };
    return refuse('release_exceeds_share', { values });
  }
  return ok(amount);
}

/** An amount for a sentence: `2999999.00 CNY`. */
export function amountText(amount: bigint, currency: string): string {
  return isCurrency(currency) ? `${formatDecimal(amount, currency)} ${currency}` : String(amount);
}
