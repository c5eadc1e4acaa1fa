import {
  type NotFoundFacts,
  notFoundProves,
  type ProofRule,
} from '../../../banks/channels/index.ts';

/**
 * Why we may say that a bank did not pay. Stored with the failure that it led to; nothing leaves
 * `unknown` for `failed` without one (money.md, "What proves that an unknown did not happen").
 */
export type Proof =
  | {
      /**
       * The bank rejected it for good: its reason code (ISO 20022 ExternalStatusReason1Code) or its
       * own.
       */
      readonly kind: 'refusal';
      readonly code: string;
      readonly message: string;
      readonly next_step: string;
      readonly at: string;
    }
  | {
      /** The bank does not know the number, asked late enough and twice. */
      readonly kind: 'not_found';
      readonly submitted_at: string;
      readonly first_not_found_at: string;
      readonly last_not_found_at: string;
      readonly rule: ProofRule;
    };

/** "Not found" as a proof; undefined while it proves nothing yet. */
export function notFoundProof(rule: ProofRule, facts: NotFoundFacts): Proof | undefined {
  if (facts.firstNotFoundAt === undefined || !notFoundProves(rule, facts)) return undefined;
  return {
    kind: 'not_found',
    submitted_at: facts.submittedAt.toString(),
    first_not_found_at: facts.firstNotFoundAt.toString(),
    last_not_found_at: facts.now.toString(),
    rule: { notFoundProofAfterMs: rule.notFoundProofAfterMs, queriesApartMs: rule.queriesApartMs },
  };
}
