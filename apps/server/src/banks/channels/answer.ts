/**
 * How a call to the outside world ended. `ok`: it answered, and the answer is verified. `refused`:
 * a definite refusal, nothing was done and nothing will be. `unknown`: anything else — time-out,
 * broken connection, an answer that does not verify, a code that nobody listed. An unknown is never
 * a failure: ask again with the same number.
 */
export type ChannelAnswer<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | {
      readonly outcome: 'refused';
      /** The channel's own code, as it sent it. */
      readonly code: string;
      readonly message: string;
      /** What a person can do about it; English. */
      readonly nextStep: string;
    }
  | { readonly outcome: 'unknown'; readonly reason: string };

export function answered<T>(value: T): ChannelAnswer<T> {
  return { outcome: 'ok', value };
}

export function unknown(reason: string): {
  readonly outcome: 'unknown';
  readonly reason: string;
} {
  return { outcome: 'unknown', reason };
}

export function refused(
  code: string,
  message: string,
  nextStep: string,
): {
  readonly outcome: 'refused';
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
} {
  return { outcome: 'refused', code, message, nextStep };
}
