import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type PlainEntry, type PlainReport, type Reading, readPlain } from './plain.ts';

/** Reading ended before the file did: too slow, or too hungry. Nothing is known about the file. */
export class ReadingExhausted extends Error {
  override name = 'ReadingExhausted';
}

/** Below this, reading takes less than starting a thread: milliseconds. */
const smallFile = 64 * 1024;

/** Entries per piece: some hundred KiB. */
const pieceSize = 1_000;

export interface ReadingLimits {
  /** For all of the reading, milliseconds. */
  readonly timeoutMs: number;
  /** Old generation of the reading thread, MiB. */
  readonly memoryMb: number;
}

/**
 * Reads a bank's file. A large one is read in a thread of its own with a bound on time and
 * memory: a file can end its own reading, never the process.
 *
 * @throws ReadingExhausted
 */
export async function openReading(
  bytes: Uint8Array,
  name: string,
  limits: ReadingLimits,
): Promise<Reading> {
  if (bytes.length < smallFile) {
    const reading = readPlain(bytes, name, pieceSize);
    return { report: reading.report, next: async () => reading.next(), close: async () => {} };
  }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { bytes, name, size: pieceSize },
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
  });
  // What goes wrong is thrown by whoever waits; without a listener it would end the process.
  let failure: unknown;
  worker.on('error', (error) => {
    failure = error;
  });
  const deadline = AbortSignal.timeout(limits.timeoutMs);
  async function answer<T>(): Promise<T> {
    const over = new AbortController();
    const signal = AbortSignal.any([deadline, over.signal]);
    try {
      if (failure !== undefined) throw failure;
      const ended = once(worker, 'exit', { signal }).then(() => {
        throw failure ?? new Error('the reading thread ended');
      });
      const message = once(worker, 'message', { signal }).then(([value]) => value as T);
      return await Promise.race([message, ended]);
    } catch (error) {
      await worker.terminate();
      const why = deadline.aborted
        ? `it took longer than ${limits.timeoutMs} ms`
        : `it needed more than ${limits.memoryMb} MiB, or the reader failed`;
      throw new ReadingExhausted(`${name} was not read to its end: ${why}`, { cause: error });
    } finally {
      over.abort();
    }
  }
  const close = async () => {
    await worker.terminate();
  };
  return {
    report: await answer<PlainReport>(),
    next: () => {
      worker.postMessage('next');
      return answer<readonly PlainEntry[]>();
    },
    close,
  };
}
