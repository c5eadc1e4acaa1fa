import type { ActorOf } from '../../../who/access/index.ts';
import type { SplitView } from '../../settlement/index.ts';
import type { AgreementTerms, Bilingual, ItemTerms } from '../decide/agreement.ts';
import type { DealChildren } from '../store.ts';
import type { Agreement, Deal, Item, Line } from '../tables.ts';

/** Everything that is shown of a deal's money, read at one moment. */
export interface DealFacts extends DealChildren {
  readonly deal: Deal;
  readonly agreement: Agreement;
  readonly lines: readonly Line[];
  /** The splits of merchants' items, by order (wire id). */
  readonly splits: readonly SplitView[];
  /** Names of parties as they may be shown, by uuid. */
  readonly names: ReadonlyMap<string, string>;
  /** Names those who asked for releases and decided them. */
  readonly who: ActorOf;
  readonly now: Temporal.Instant;
}

/** Whose eyes: a party's role, or undefined for operators and the deal's integrator. */
export type Viewer = string | undefined;

export function termsOfItem(facts: Pick<DealFacts, 'agreement'>, item: Item): ItemTerms {
  const terms = facts.agreement.terms.items.find(({ key }) => key === item.key);
  if (!terms) throw new Error(`the item ${item.key} stands in its agreement`);
  return terms;
}

export function roleName(terms: AgreementTerms, role: string): Bilingual {
  return terms.roles.find(({ key }) => key === role)?.name ?? { zh: role, en: role };
}

export function itemName(terms: AgreementTerms, key: string): Bilingual {
  return terms.items.find((item) => item.key === key)?.name ?? { zh: key, en: key };
}

/**
 * The items that a viewer may see: all for the operator; for a party those that it pays, gets,
 * shares or that are converted into such.
 */
export function visibleItems(terms: AgreementTerms, viewer: Viewer): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const item of terms.items) {
    const releases = terms.releases.filter(({ items }) => items.some((p) => p.item === item.key));
    const sides = [
      item.payer,
      item.beneficiary,
      ...releases.map(({ to }) => to),
      ...(item.split?.receivers ?? []).map(({ role }) => role),
    ];
    if (viewer === undefined || sides.includes(viewer)) seen.add(item.key);
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const { from, to } of terms.conversions) {
      if (seen.has(to) && !seen.has(from)) {
        seen.add(from);
        grown = true;
      }
    }
  }
  return seen;
}
