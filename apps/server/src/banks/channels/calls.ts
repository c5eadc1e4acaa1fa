import { type Clock, elapsedMs, newId } from '@keyturn/kernel';
import type { Metrics } from '../../platform/index.ts';
import type { ChannelAnswer } from './answer.ts';
import type { HealthBook } from './health.ts';
import type { MessageLog } from './message-log.ts';
import type { Operation } from './types.ts';

/** What a call was about, and how it went, as the raw log keeps it (already masked). */
export interface Transcript {
  readonly request: string;
  readonly response: string;
}

/** A call's answer, and whether the other side gave a sign of life at all. */
export interface CallResult<T> {
  readonly answer: ChannelAnswer<T>;
  readonly reached: boolean;
  readonly transcript: Transcript;
}

export type CarryOut = <T>(
  what: {
    readonly contractId: string;
    readonly operation: Operation;
    /** Our number: out_trade_no, EndToEndId, request id. */
    readonly reference: string;
  },
  call: () => Promise<CallResult<T>>,
) => Promise<ChannelAnswer<T>>;

/**
 * Wraps every call over a contract: one row of the raw log, one metric, one mark in the health
 * book.
 */
export function createCarryOut(deps: {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly health: HealthBook;
  readonly log: MessageLog;
}): CarryOut {
  return async ({ contractId, operation, reference }, call) => {
    const started = elapsedMs();
    const at = deps.clock.now();
    const { answer, reached, transcript } = await call();
    const durationMs = elapsedMs() - started;
    if (reached) deps.health.answered(contractId);
    else deps.health.broken(contractId);
    deps.metrics.channelCall(contractId, operation, answer.outcome, durationMs);
    deps.log.write({
      id: newId(at, contractId),
      contractId,
      direction: 'out',
      operation,
      reference,
      ...transcript,
      outcome: outcomeText(answer),
      durationMs: Math.round(durationMs),
      at,
    });
    return answer;
  };
}

function outcomeText(answer: ChannelAnswer<unknown>): string {
  if (answer.outcome === 'ok') return 'ok';
  if (answer.outcome === 'refused') return `refused ${answer.code}`;
  return `unknown: ${answer.reason}`.slice(0, 300);
}
