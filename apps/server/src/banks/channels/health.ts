import { type Clock, elapsedMs } from '@keyturn/kernel';
import type { ChannelHealth } from './types.ts';

/** So many broken calls in a row, with no answer between them, and the channel counts as down. */
const failuresToOpen = 20;
/** How long a channel that is down is left alone before one call tries it. */
const openMs = 5_000;

interface State {
  failures: number;
  openedAt: number | undefined;
  probing: boolean;
  lastSuccessAt: Temporal.Instant | undefined;
  lastFailureAt: Temporal.Instant | undefined;
}

/**
 * How contracts answer this process. An answer of any content is a sign of life; a broken call is
 * not.
 */
export interface HealthBook {
  answered(contractId: string): void;
  broken(contractId: string): void;
  /**
   * Whether a call that somebody could make elsewhere as well should go out at all. While a channel
   * is down, one call in five seconds may try it. Calls that find out about money always go out.
   */
  admits(contractId: string): boolean;
  show(contractId: string, callsUnderWay: number): ChannelHealth;
}

export function createHealthBook(clock: Clock, monotonicMs: () => number = elapsedMs): HealthBook {
  const states = new Map<string, State>();
  const stateOf = (contractId: string): State => {
    let state = states.get(contractId);
    if (state === undefined) {
      state = {
        failures: 0,
        openedAt: undefined,
        probing: false,
        lastSuccessAt: undefined,
        lastFailureAt: undefined,
      };
      states.set(contractId, state);
    }
    return state;
  };
  const mayProbe = (state: State) =>
    state.openedAt !== undefined && !state.probing && monotonicMs() - state.openedAt >= openMs;

  return {
    answered: (contractId) => {
      const state = stateOf(contractId);
      state.failures = 0;
      state.openedAt = undefined;
      state.probing = false;
      state.lastSuccessAt = clock.now();
    },
    broken: (contractId) => {
      const state = stateOf(contractId);
      state.failures += 1;
      state.lastFailureAt = clock.now();
      if (state.failures >= failuresToOpen) {
        state.openedAt = monotonicMs();
        state.probing = false;
      }
    },
    admits: (contractId) => {
      const state = stateOf(contractId);
      if (state.openedAt === undefined) return true;
      if (!mayProbe(state)) return false;
      state.probing = true;
      return true;
    },
    show: (contractId, callsUnderWay) => {
      const state = stateOf(contractId);
      const half = state.probing || mayProbe(state);
      return {
        contractId,
        circuit: state.openedAt === undefined ? 'closed' : half ? 'half_open' : 'open',
        consecutiveFailures: state.failures,
        lastSuccessAt: state.lastSuccessAt,
        lastFailureAt: state.lastFailureAt,
        callsUnderWay,
      };
    },
  };
}
