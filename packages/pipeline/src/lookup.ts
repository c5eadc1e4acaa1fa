/** Finds what stands under a key; undefined when nothing does. */
export type Lookup<Key, Found> = (key: Key) => Promise<Found | undefined>;

export interface LookupOptions<Key, Found> {
  /** Reads all of the keys at once; a rejection is that of everybody who asked. */
  load(keys: readonly [Key, ...Key[]]): Promise<ReadonlyMap<Key, Found>>;
  /** How many keys are read at once; 200 when not said. */
  readonly maxKeys?: number;
}

/**
 * Gathers look-ups as the batcher gathers commands: while one reading is in flight the next one
 * collects, without a timer. Nothing is remembered: every answer was read after it was asked for.
 */
export function createLookup<Key extends string, Found>(
  options: LookupOptions<Key, Found>,
): Lookup<Key, Found> {
  const maxKeys = options.maxKeys ?? 200;
  let asked = new Map<Key, PromiseWithResolvers<Found | undefined>>();
  let reading = false;

  async function readAll(): Promise<void> {
    // Lets those who ask in the same turn of the event loop join the first reading.
    await Promise.resolve();
    while (asked.size > 0) {
      const taken = new Map([...asked].slice(0, maxKeys));
      asked = new Map([...asked].slice(maxKeys));
      await read(taken);
    }
    reading = false;
  }

  async function read(taken: typeof asked): Promise<void> {
    const [first, ...others] = taken.keys();
    if (first === undefined) return;
    try {
      const found = await options.load([first, ...others]);
      for (const [key, { resolve }] of taken) resolve(found.get(key));
    } catch (error) {
      for (const { reject } of taken.values()) reject(error);
    }
  }

  return (key) => {
    const same = asked.get(key);
    if (same) return same.promise;
    const answer = Promise.withResolvers<Found | undefined>();
    asked.set(key, answer);
    if (!reading) {
      reading = true;
      void readAll();
    }
    return answer.promise;
  };
}
