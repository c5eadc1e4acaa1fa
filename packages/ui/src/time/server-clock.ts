/**
 * The server's time on this page. A device's own clock may be wrong by hours; what counts for an
 * expiry is the server's. Between two answers the page counts on by the monotonic clock.
 */
export interface ServerClock {
  /** Takes in what an answer says the time is, an RFC 3339 instant. */
  learn(serverTime: string): void;
  /** Milliseconds until an instant; undefined until the server has told the time once. */
  until(instant: string): number | undefined;
}

export function createServerClock(elapsedMs: () => number = () => performance.now()): ServerClock {
  let offset: number | undefined;
  return {
    learn(serverTime) {
      const told = Date.parse(serverTime);
      if (!Number.isNaN(told)) offset = told - elapsedMs();
    },
    until(instant) {
      const target = Date.parse(instant);
      if (offset === undefined || Number.isNaN(target)) return undefined;
      return target - (elapsedMs() + offset);
    },
  };
}
