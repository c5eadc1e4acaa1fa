/** One thing that is not as it must be, with the row where it was found. */
export interface LedgerFinding {
  readonly rule: string;
  readonly subject: string;
  readonly detail: string;
}

/** More of the same help nobody. */
export const mostPerRule = 100;

/** What was found so far. */
export interface Findings {
  add(rule: string, subject: string, detail: string): void;
  readonly all: readonly LedgerFinding[];
}

export function createFindings(): Findings {
  const all: LedgerFinding[] = [];
  const counts = new Map<string, number>();
  return {
    all,
    add: (rule, subject, detail) => {
      const count = (counts.get(rule) ?? 0) + 1;
      counts.set(rule, count);
      if (count <= mostPerRule) all.push({ rule, subject, detail });
    },
  };
}
