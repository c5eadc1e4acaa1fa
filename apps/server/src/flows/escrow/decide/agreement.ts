/**
 * An agreement: the money terms of a kind of deal, as data. It says what is paid by whom, what has
 * to be shown before money moves, who gets what when, and what happens when the deal fails.
 */

export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

export interface RoleTerms {
  readonly key: string;
  readonly name: Bilingual;
  readonly kind: 'person' | 'merchant';
}

export type PaymentMethod = 'wechat_native' | 'wechat_h5' | 'bank_transfer';

export interface SplitTerms {
  readonly fee?: { readonly product: string; readonly bps: number; readonly vatBps: number };
  readonly receivers: readonly { readonly role: string; readonly weight: number }[];
}

export interface ItemTerms {
  readonly key: string;
  readonly name: Bilingual;
  /** The role that pays it. */
  readonly payer: string;
  /** The role that it is for. A merchant when the money goes to `merchant`. */
  readonly beneficiary: string;
  /** Which custody keeps it. */
  readonly regime: 'escrow' | 'reserve';
  /** `escrowed`: kept until released; `merchant`: the merchant's at once, pending settlement. */
  readonly destination: 'escrowed' | 'merchant';
  readonly refundable: boolean;
  /** Whether the deal counts as funded only when this is paid. */
  readonly required: boolean;
  readonly methods: readonly PaymentMethod[];
  /** Only for `merchant`: how the beneficiary shares it. */
  readonly split?: SplitTerms;
}

export interface ConditionTerms {
  readonly key: string;
  readonly name: Bilingual;
  /** The kind of evidence that fulfils it. */
  readonly evidence: string;
  /** The role that has to bring it. */
  readonly by: string;
}

export interface ReleaseTerms {
  readonly key: string;
  readonly name: Bilingual;
  /** Which items, and how much of each in basis points of what was received: 10000 is all of it. */
  readonly items: readonly { readonly item: string; readonly shareBps: number }[];
  readonly to: string;
  /** Conditions that must all be fulfilled. */
  readonly when: readonly string[];
  readonly approval: 'required' | 'not_required';
  /** May happen while other items are still unpaid. */
  readonly beforeFunded: boolean;
}

export interface ConversionTerms {
  readonly from: string;
  readonly to: string;
  /**
   * `towards`: counts as payment of the target, which then lacks less; `on_top`: comes in addition.
   */
  readonly mode: 'towards' | 'on_top';
}

export interface FailureTerms {
  readonly key: string;
  readonly name: Bilingual;
  /** For every item: back to who paid, or to its beneficiary. */
  readonly items: readonly { readonly item: string; readonly action: 'refund' | 'forfeit' }[];
  /** Whether the platform gives its fee on split items back too. */
  readonly feeReturned: boolean;
  readonly approval: 'required' | 'not_required';
}

export interface AgreementTerms {
  readonly roles: readonly RoleTerms[];
  readonly items: readonly ItemTerms[];
  readonly conditions: readonly ConditionTerms[];
  readonly releases: readonly ReleaseTerms[];
  readonly conversions: readonly ConversionTerms[];
  /** At least one; the first is meant when a failure does not say which. */
  readonly failures: readonly FailureTerms[];
}

/** The failure that a deal's agreement means by a key; the first when none is named. */
export function failureOf(terms: AgreementTerms, key: string | null): FailureTerms | undefined {
  return key === null ? terms.failures[0] : terms.failures.find((failure) => failure.key === key);
}

/** One thing that is wrong with an agreement: where, and what. */
export interface AgreementProblem {
  readonly path: string;
  readonly problem:
    | 'key_twice'
    | 'role_unknown'
    | 'item_unknown'
    | 'condition_unknown'
    | 'no_items'
    | 'no_failure'
    | 'goes_to_nobody'
    | 'releases_do_not_sum'
    | 'releases_exceed_whole'
    | 'merchant_item_released'
    | 'beneficiary_not_merchant'
    | 'receiver_not_merchant'
    | 'split_of_escrowed'
    | 'conversion_cycle'
    | 'conversion_of_merchant_item'
    | 'conversion_across_custodies'
    | 'conversion_payer_differs'
    | 'conversion_twice'
    | 'failure_item_missing'
    | 'failure_item_twice'
    | 'not_refundable'
    | 'payer_is_beneficiary';
}

/**
 * Everything that is wrong with an agreement, in the order of its text. Empty when it may be
 * published.
 */
export function checkAgreement(terms: AgreementTerms): readonly AgreementProblem[] {
  return [
    ...checkKeys(terms),
    ...checkItems(terms),
    ...checkConditions(terms),
    ...checkReleases(terms),
    ...checkConversions(terms),
    ...checkOutflow(terms),
    ...checkFailures(terms),
  ];
}

type Problems = readonly AgreementProblem[];

function problem(path: string, what: AgreementProblem['problem']): AgreementProblem {
  return { path, problem: what };
}

function checkKeys(terms: AgreementTerms): Problems {
  const lists = {
    roles: terms.roles,
    items: terms.items,
    conditions: terms.conditions,
    releases: terms.releases,
    failures: terms.failures,
  };
  return Object.entries(lists).flatMap(([name, list]) =>
    twice(list.map(({ key }) => key)).map((key) => problem(`${name}.${key}`, 'key_twice')),
  );
}

function twice(keys: readonly string[]): string[] {
  return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
}

function checkItems(terms: AgreementTerms): Problems {
  if (terms.items.length === 0) return [problem('items', 'no_items')];
  const roles = new Map(terms.roles.map((role) => [role.key, role]));
  return terms.items.flatMap((item) => {
    const path = `items.${item.key}`;
    const found: AgreementProblem[] = [];
    for (const side of ['payer', 'beneficiary'] as const) {
      if (!roles.has(item[side])) found.push(problem(`${path}.${side}`, 'role_unknown'));
    }
    if (item.payer === item.beneficiary) found.push(problem(path, 'payer_is_beneficiary'));
    if (item.destination === 'escrowed') {
      if (item.split) found.push(problem(`${path}.split`, 'split_of_escrowed'));
      return found;
    }
    const beneficiary = roles.get(item.beneficiary);
    if (beneficiary && beneficiary.kind !== 'merchant') {
      found.push(problem(`${path}.beneficiary`, 'beneficiary_not_merchant'));
    }
    for (const receiver of item.split?.receivers ?? []) {
      const role = roles.get(receiver.role);
      const where = `${path}.split.${receiver.role}`;
      if (!role) found.push(problem(where, 'role_unknown'));
      else if (role.kind !== 'merchant') found.push(problem(where, 'receiver_not_merchant'));
    }
    for (const key of twice((item.split?.receivers ?? []).map(({ role }) => role))) {
      found.push(problem(`${path}.split.${key}`, 'key_twice'));
    }
    return found;
  });
}

function checkConditions(terms: AgreementTerms): Problems {
  const roles = new Set(terms.roles.map(({ key }) => key));
  return terms.conditions
    .filter(({ by }) => !roles.has(by))
    .map(({ key }) => problem(`conditions.${key}.by`, 'role_unknown'));
}

function checkReleases(terms: AgreementTerms): Problems {
  const roles = new Set(terms.roles.map(({ key }) => key));
  const items = new Map(terms.items.map((item) => [item.key, item]));
  const conditions = new Set(terms.conditions.map(({ key }) => key));
  return terms.releases.flatMap((release) => {
    const path = `releases.${release.key}`;
    const found: AgreementProblem[] = [];
    if (!roles.has(release.to)) found.push(problem(`${path}.to`, 'role_unknown'));
    if (release.items.length === 0) found.push(problem(`${path}.items`, 'no_items'));
    for (const key of twice(release.items.map(({ item }) => item))) {
      found.push(problem(`${path}.items.${key}`, 'key_twice'));
    }
    for (const { item: key } of release.items) {
      const item = items.get(key);
      if (!item) found.push(problem(`${path}.items.${key}`, 'item_unknown'));
      else if (item.destination === 'merchant') {
        found.push(problem(`${path}.items.${key}`, 'merchant_item_released'));
      }
    }
    for (const key of release.when) {
      if (!conditions.has(key)) found.push(problem(`${path}.when.${key}`, 'condition_unknown'));
    }
    return found;
  });
}

function checkConversions(terms: AgreementTerms): Problems {
  const items = new Map(terms.items.map((item) => [item.key, item]));
  const found: AgreementProblem[] = [];
  const seen = new Set<string>();
  for (const { from: source, to: target } of terms.conversions) {
    const path = `conversions.${source}>${target}`;
    if (seen.has(path)) found.push(problem(path, 'conversion_twice'));
    seen.add(path);
    const from = items.get(source);
    const to = items.get(target);
    if (!from || !to) {
      found.push(problem(path, 'item_unknown'));
      continue;
    }
    if (from.destination === 'merchant') {
      found.push(problem(path, 'conversion_of_merchant_item'));
    }
    if (from.regime !== to.regime) found.push(problem(path, 'conversion_across_custodies'));
    if (from.payer !== to.payer) found.push(problem(path, 'conversion_payer_differs'));
    if (to.destination === 'merchant') found.push(problem(path, 'conversion_of_merchant_item'));
  }
  for (const key of cyclic(terms)) found.push(problem(`conversions.${key}`, 'conversion_cycle'));
  return found;
}

/** The items from which following the conversions leads back to themselves. */
function cyclic(terms: AgreementTerms): string[] {
  const targets = Map.groupBy(terms.conversions, ({ from }) => from);
  return terms.items
    .map(({ key }) => key)
    .filter((start) => {
      const reached = new Set<string>();
      const open = [start];
      while (open.length > 0) {
        for (const { to } of targets.get(open.pop() ?? '') ?? []) {
          if (to === start) return true;
          if (!reached.has(to)) {
            reached.add(to);
            open.push(to);
          }
        }
      }
      return false;
    });
}

/**
 * Every escrowed item must reach somebody: its releases make up the whole, or it can be converted.
 */
function checkOutflow(terms: AgreementTerms): Problems {
  const converted = new Set(terms.conversions.map(({ from }) => from));
  return terms.items
    .filter((item) => item.destination === 'escrowed')
    .flatMap((item) => {
      const sum = terms.releases
        .flatMap(({ items }) => items)
        .filter((part) => part.item === item.key)
        .reduce((total, part) => total + part.shareBps, 0);
      const path = `items.${item.key}`;
      if (sum > 10_000) return [problem(path, 'releases_exceed_whole')];
      if (sum === 10_000) return [];
      if (sum === 0) return converted.has(item.key) ? [] : [problem(path, 'goes_to_nobody')];
      return [problem(path, 'releases_do_not_sum')];
    });
}

function checkFailures(terms: AgreementTerms): Problems {
  if (terms.failures.length === 0) return [problem('failures', 'no_failure')];
  const items = new Map(terms.items.map((item) => [item.key, item]));
  return terms.failures.flatMap((failure) => {
    const path = `failures.${failure.key}`;
    const named = failure.items.map(({ item }) => item);
    const found = twice(named).map((key) => problem(`${path}.${key}`, 'failure_item_twice'));
    for (const { item: key, action } of failure.items) {
      const item = items.get(key);
      if (!item) found.push(problem(`${path}.${key}`, 'item_unknown'));
      else if (action === 'refund' && !item.refundable) {
        found.push(problem(`${path}.${key}`, 'not_refundable'));
      }
    }
    for (const key of items.keys()) {
      if (!named.includes(key)) found.push(problem(`${path}.${key}`, 'failure_item_missing'));
    }
    return found;
  });
}
