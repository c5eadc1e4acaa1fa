import {
  type NotFoundFacts,
  notFoundProves,
  type ProofRule,
} from '../../../banks/channels/index.ts';

/**
 * Why we may say that something did not happen at a channel. Stored with the state that it led to;
 * nothing leaves `unknown` for a failure without one (money.md, "What proves that an unknown did
 * not happen").
 */
export type Proof =
  | {
      /** The channel refused it for good, with its own code. */
      readonly kind: 'refusal';
      readonly code: string;
      readonly message: string;
      readonly next_step: string;
      readonly at: string;
    }
  | {
      /** The channel does not know the number, asked late enough and twice. */
      readonly kind: 'not_found';
      readonly submitted_at: string;
      readonly first_not_found_at: string;
      readonly last_not_found_at: string;
      readonly rule: ProofRule;
    }
  | {
      /** The channel itself says that it ended without money. */
      readonly kind: 'channel_state';
      readonly state: string;
      readonly at: string;
    };

/** A definite refusal of the channel as a proof. */
export function refusalProof(
  refusal: { readonly code: string; readonly message: string; readonly nextStep: string },
  now: Temporal.Instant,
): Proof {
  const { code, message, nextStep } = refusal;
  return { kind: 'refusal', code, message, next_step: nextStep, at: now.toString() };
}

/** The channel's own final state as a proof. */
export function stateProof(state: string, now: Temporal.Instant): Proof {
  return { kind: 'channel_state', state, at: now.toString() };
}

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
