/**
 * What to do about an unknown: when to ask again, and what proves that it did not happen
 * (money.md, "What proves that an unknown did not happen").
 */

const seconds = [2, 5, 15, 60, 300, 900] as const;
const hour = 3_600;

/**
 * When to ask again after `queries` queries that did not settle it: 2 s, 5 s, 15 s, 60 s, 5 min,
 * 15 min, then each hour, without end.
 *
 * @param queries how many queries were made so far, not negative
 */
export function nextQueryAt(now: Temporal.Instant, queries: number): Temporal.Instant {
  return now.add({ seconds: seconds[queries] ?? hour });
}

/** What proves for one operation of a contract that it did not happen. */
export interface ProofRule {
  /** "Not found" proves nothing before this time after the last submission has passed. */
  readonly notFoundProofAfterMs: number;
  /** And only a second "not found", this much later than the first. */
  readonly queriesApartMs: number;
}

/** What is known about an unknown operation when a query answers "not found". */
export interface NotFoundFacts {
  /** When it was last sent to the channel. */
  readonly submittedAt: Temporal.Instant;
  /** When a query first answered "not found" since then; undefined when this is the first. */
  readonly firstNotFoundAt: Temporal.Instant | undefined;
  readonly now: Temporal.Instant;
}

/** Whether "not found" at `now` proves that the operation never took effect. */
export function notFoundProves(rule: ProofRule, facts: NotFoundFacts): boolean {
  const { submittedAt, firstNotFoundAt, now } = facts;
  if (firstNotFoundAt === undefined) return false;
  const sinceSubmission = now.epochMilliseconds - submittedAt.epochMilliseconds;
  const apart = now.epochMilliseconds - firstNotFoundAt.epochMilliseconds;
  return sinceSubmission >= rule.notFoundProofAfterMs && apart >= rule.queriesApartMs;
}
