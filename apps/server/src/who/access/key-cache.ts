import type { ApiKeyWithName } from './store/api-keys.ts';

/** API keys as they were a moment ago, so that a payment does not pay a query for its key. */
export interface KeyCache {
  /** The key, or undefined when there is none; read again when what is known is too old. */
  get(id: string): Promise<ApiKeyWithName | undefined>;
  /** The key, when what is known of it is not too old; who finds none asks `get`. */
  now(id: string): ApiKeyWithName | undefined;
  /** Forgets a key that was changed here. */
  forget(id: string): void;
}

/**
 * A revoked key is good for so long at most: the promise is five seconds, less the time of a query.
 */
export const keyLifetimeMs = 4_000;

const maxKeys = 10_000;

interface Entry {
  readonly key: Promise<ApiKeyWithName | undefined>;
  readonly readAtMs: number;
  /** What was read, once it is there. */
  found: ApiKeyWithName | undefined;
}

/**
 * Holds at most 10,000 keys, unknown ones included, and reads each only once for all who wait for
 * it.
 *
 * @param monotonicMs time that only goes forward with real time, whatever the platform's clock says
 */
export function createKeyCache(
  read: (id: string) => Promise<ApiKeyWithName | undefined>,
  monotonicMs: () => number,
): KeyCache {
  const known = new Map<string, Entry>();

  function ask(id: string): Promise<ApiKeyWithName | undefined> {
    // Its age counts from the question, since the answer is as old as that.
    const readAtMs = monotonicMs();
    const key = read(id);
    const entry: Entry = { key, readAtMs, found: undefined };
    known.delete(id);
    known.set(id, entry);
    const oldest = known.keys().next().value;
    if (known.size > maxKeys && oldest !== undefined) known.delete(oldest);
    key.then(
      (found) => {
        entry.found = found;
      },
      () => {
        // Whoever asked is told; here it only must not be remembered.
        if (known.get(id) === entry) known.delete(id);
      },
    );
    return key;
  }

  function fresh(id: string): Entry | undefined {
    const entry = known.get(id);
    return entry && monotonicMs() - entry.readAtMs < keyLifetimeMs ? entry : undefined;
  }

  return {
    get: (id) => fresh(id)?.key ?? ask(id),
    now: (id) => fresh(id)?.found,
    forget: (id) => {
      known.delete(id);
    },
  };
}
