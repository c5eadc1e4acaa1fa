import { elapsedMs } from '@keyturn/kernel';
import type { Answer } from '../execute.ts';
import type { AnyRequest } from '../journal.ts';
import { maxBulk, type Submitter, type WaitOptions } from '../submit.ts';
import { refuse } from './errors.ts';
import type { TakeoverService } from './service.ts';

/** For how long it is believed which books are being moved, in milliseconds. */
const believedForMs = 5_000;

/**
 * The ledger's door where some books are being moved from another ledger: their journals are
 * refused while the old ledger leads, and written back to it when the new one does. All other
 * journals go through as ever.
 */
export function submitThrough(
  submitter: Submitter,
  takeovers: Pick<TakeoverService, 'list' | 'submit'>,
): Submitter {
  let moving: ReadonlyMap<string, string> = new Map();
  let askedMs: number | undefined;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    try {
      // A book is being moved for days before anything of it may be written here.
      moving = new Map((await takeovers.list()).map(({ id, bookId }) => [bookId, id]));
      askedMs = elapsedMs();
    } finally {
      asking = undefined;
    }
  }

  /** Waits until it is known which books are being moved; undefined when it is. */
  function learn(): Promise<void> | undefined {
    if (askedMs !== undefined && elapsedMs() - askedMs <= believedForMs) return undefined;
    asking ??= ask();
    return asking;
  }

  function submitNow(request: AnyRequest, options?: WaitOptions): Promise<Answer> {
    const takeover = moving.get(request.book);
    if (takeover === undefined) return submitter.submit(request, options);
    return takeovers.submit(takeover, request);
  }

  function submit(request: AnyRequest, options?: WaitOptions): Promise<Answer> {
    const learning = learn();
    if (learning === undefined) return submitNow(request, options);
    return learning.then(() => submitNow(request, options));
  }

  async function areMoving(requests: readonly AnyRequest[]): Promise<string | undefined> {
    await learn();
    return requests.find(({ book }) => moving.has(book))?.book;
  }

  return {
    submit,
    submitLinked: async (requests, options) => {
      const book = await areMoving(requests);
      if (book === undefined) return submitter.submitLinked(requests, options);
      const refusal = refuse('takeover_links_unsupported', { values: { book } });
      return requests.map(() => refusal);
    },
    submitBulk: async (requests, options) => {
      const book = await areMoving(requests);
      const counted = requests.length <= maxBulk;
      if (book === undefined || !counted) return submitter.submitBulk(requests, options);
      return Promise.all(requests.map((request) => submit(request)));
    },
    waiting: submitter.waiting,
    close: submitter.close,
  };
}
