import { hash, randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Author, authorOf } from './author.ts';

/** A statement that the driver sent, as it stands in a file of the run: one JSON per line. */
export interface Captured {
  readonly text: string;
  readonly author: Author;
  /** The test file, or the program, in which it was sent. */
  readonly seenIn: string;
}

type Query = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Writes down each statement that the driver sends from now on in this process, once per text and
 * author, with the code that wrote it. At once and synchronously: a process that is killed in the
 * next moment has written down all that it sent. What tests send themselves is left out.
 */
export function captureStatements(directory: string, seenIn: string): void {
  const file = join(directory, `${process.pid}-${randomBytes(4).toString('hex')}.jsonl`);
  const known = new Set<string>();

  function note(query: unknown, above: Query): void {
    const text = textOf(query);
    // What the platform is known to send needs no second look at where it comes from.
    const key = hash('sha256', text);
    if (known.has(key)) return;
    const author = authorOf(stackAbove(above));
    if (author.kind === 'pool' || author.kind === 'test') return;
    known.add(key);
    const line: Captured = { text, author, seenIn };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }

  for (const prototype of [pg.Client.prototype, Object.getPrototypeOf(pg.Pool.prototype)]) {
    const original: Query = prototype.query;
    prototype.query = function capturing(this: unknown, ...args: unknown[]) {
      note(args[0], capturing);
      return original.apply(this, args);
    };
  }
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  if (typeof query === 'object' && query !== null && 'text' in query) return String(query.text);
  throw new Error('The driver was given something else than a statement');
}

/** The files of the calls that led here, the nearest first; over `await` too. */
function stackAbove(above: Query): readonly string[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 60;
    Error.prepareStackTrace = (_error, sites) => sites;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, above);
    const sites = holder.stack as readonly NodeJS.CallSite[];
    return sites.flatMap((site) => {
      const name = site.getFileName();
      if (!name) return [];
      return [name.startsWith('file:') ? fileURLToPath(name) : name];
    });
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
