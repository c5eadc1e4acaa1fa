import type { Refusal } from '@keyturn/kernel';

/**
 * Carries a refusal from a route to the error handler, which answers with the problem. Routes
 * throw it through `answer`; nothing below the edge does.
 */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}
