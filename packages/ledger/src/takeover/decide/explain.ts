/**
 * Why two ledgers differ on an account. `late_row`: the balance moved and its row is not seen yet;
 * `missing_row`: and the time for that is over; `duplicate`: a row that stands there twice;
 * `unknown_account`: one side does not know the account, or its subject has no mapping;
 * `amount_differs`: a row came again with another amount; `wrong_sign`: a row, or the mapping, has
 * the sign turned; `written_after_switch`: rows of a subject that the new ledger led;
 * `refused_row`: the ledger refuses a row; `not_mirrored`: a journal of the ledger that passed by
 * the mirror.
 */
export const differenceClasses = [
  'late_row',
  'missing_row',
  'duplicate',
  'unknown_account',
  'amount_differs',
  'wrong_sign',
  'written_after_switch',
  'refused_row',
  'not_mirrored',
] as const;
export type DifferenceClass = (typeof differenceClasses)[number];

/** Something that was found on an account, and by how much it makes the old side larger. */
export interface Fact {
  readonly id: string;
  readonly amount: bigint;
}

/** An account as both sides have it, and what was found out. Amounts with the old sign. */
export interface Compared {
  readonly old: bigint | null;
  readonly ledger: bigint;
  readonly waiting: bigint;
  /** What neither explains: old less ledger less waiting. */
  readonly amount: bigint;
  /** Whether its subject has a mapping that its number fits. */
  readonly mapped: boolean;
  /** Rows that were read and not booked, by why. */
  readonly unbooked: readonly (Fact & { readonly why: 'waiting' | 'after_switch' })[];
  /** Rows that are the same as another one but for their id. */
  readonly twins: readonly Fact[];
  /** Rows that came again with another amount. */
  readonly conflicts: readonly Fact[];
  /** A row whose turned sign would explain it. */
  readonly turned: readonly Fact[];
  /** Journals of the ledger that neither come from the old one nor go to it. */
  readonly strangers: readonly Fact[];
  /** Whether the difference has been there for longer than a row may be late. */
  readonly overdue: boolean;
}

export interface Explanation {
  readonly class: DifferenceClass;
  readonly evidence: readonly string[];
}

/** Names kept with a difference, at most. */
export const maxEvidence = 20;

/**
 * The likeliest explanation, the certain ones first: what was found counts only when it explains
 * the whole difference. A lateness is supposed until its time is over.
 */
export function explain(one: Compared): Explanation {
  const because = (name: DifferenceClass, facts: readonly Fact[] = []): Explanation => ({
    class: name,
    evidence: facts.slice(0, maxEvidence).map(({ id }) => id),
  });
  if (!one.mapped || (one.old === null && one.ledger !== 0n)) {
    return because('unknown_account', one.unbooked);
  }
  const afterSwitch = one.unbooked.filter(({ why }) => why === 'after_switch');
  if (one.amount === 0n) {
    if (afterSwitch.length > 0) return because('written_after_switch', afterSwitch);
    return because('refused_row', one.unbooked);
  }
  for (const [name, facts] of found(one)) {
    if (facts.length > 0 && sum(facts) === one.amount) return because(name, facts);
  }
  if (one.old !== null && one.ledger !== 0n && one.old === -one.ledger)
    return because('wrong_sign');
  if (one.overdue) {
    const [turned] = one.turned;
    return turned ? because('wrong_sign', [turned]) : because('missing_row', one.unbooked);
  }
  return because('late_row', one.unbooked);
}

function found(one: Compared): readonly (readonly [DifferenceClass, readonly Fact[]])[] {
  return [
    ['amount_differs', one.conflicts],
    ['duplicate', one.twins],
    ['not_mirrored', one.strangers],
    ['amount_differs', [...one.conflicts, ...one.twins]],
  ];
}

function sum(facts: readonly Fact[]): bigint {
  return facts.reduce((total, { amount }) => total + amount, 0n);
}

/** What a class means, for people. */
export const differenceSentences: Readonly<
  Record<DifferenceClass, { readonly en: string; readonly zh: string }>
> = {
  late_row: {
    en: 'The old balance moved and its row is not visible yet. Wait for it.',
    zh: '旧余额已变动，对应流水尚未可见，请等待。',
  },
  missing_row: {
    en: 'The old balance moved and its row did not come in time. Ask for it, or settle the difference.',
    zh: '旧余额已变动，对应流水逾期未到，请查找该流水或处理差异。',
  },
  duplicate: {
    en: 'A row stands in the old list twice, under two ids. Settle the difference.',
    zh: '同一笔流水以两个编号重复出现，请处理差异。',
  },
  unknown_account: {
    en: 'One side does not know the account, or its subject has no mapping. Add it to the plan.',
    zh: '一方没有该账户，或其科目没有映射，请补充方案。',
  },
  amount_differs: {
    en: 'A row came again with another amount; the first one is booked. Settle the difference.',
    zh: '同一流水再次出现且金额不同，已按首次金额入账，请处理差异。',
  },
  wrong_sign: {
    en: 'A row, or the mapping of the subject, has the sign turned. Correct the plan, or settle it.',
    zh: '流水或科目映射的正负号相反，请更正方案或处理差异。',
  },
  written_after_switch: {
    en: 'Rows were written to the old ledger when the new one led. Approve a settlement to book them.',
    zh: '切换后仍有流水写入旧账本，请批准处理方案将其入账。',
  },
  refused_row: {
    en: 'The ledger refuses a row, mostly since money misses that comes with another one.',
    zh: '账本拒绝入账，通常因为资金来源流水尚未到达。',
  },
  not_mirrored: {
    en: 'The ledger has journals on the account that passed by the mirror. Write through the takeover, and settle it.',
    zh: '账本中有绕过回写的分录，请通过接管入口记账并处理差异。',
  },
};
