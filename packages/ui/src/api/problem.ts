import * as v from 'valibot';

/** An RFC 9457 problem as the server sends it, `detail` in the reader's language. */
export const ProblemSchema = v.object({
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  param: v.optional(v.string()),
  request_id: v.optional(v.string()),
  retryable: v.optional(v.boolean(), false),
  channel_code: v.optional(v.string()),
  channel_message: v.optional(v.string()),
  next_step: v.optional(v.string()),
});
export type Problem = v.InferOutput<typeof ProblemSchema>;

/**
 * Why a call gave no value:
 * - `problem`: the server refused and says why;
 * - `offline`: it was not reached;
 * - `timeout`: it did not answer in time, and whether it acted is not known;
 * - `unreadable`: it answered what we do not understand.
 */
export type FailureKind = 'problem' | 'offline' | 'timeout' | 'unreadable';

/** A call that gave no value. The one thing that the API client throws. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly problem: Problem | undefined;
  /** How long the server asks to wait before the next try. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    details: {
      readonly status?: number | undefined;
      readonly problem?: Problem | undefined;
      readonly retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = details.status;
    this.problem = details.problem;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The code of the problem, which never changes with the language. */
  get code(): string | undefined {
    return this.problem?.code;
  }

  /** Whether the same request can succeed later without anybody changing it. */
  get retryable(): boolean {
    if (this.kind === 'offline' || this.kind === 'timeout') return true;
    if (this.problem !== undefined) return this.problem.retryable || this.problem.status === 429;
    return this.status !== undefined && this.status >= 500;
  }
}
