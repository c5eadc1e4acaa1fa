import { dirname, relative, sep } from 'node:path';

/** Whose statement it is. */
export type Author =
  /** The platform's: the nearest file that is not the driver or our way to it. */
  | { readonly kind: 'platform'; readonly file: string }
  /** A library's, such as the job queue's. */
  | { readonly kind: 'library'; readonly name: string }
  /** A test's own look at the database, or its preparation. */
  | { readonly kind: 'test' }
  /** The pool passes on what was written down when it was given it. */
  | { readonly kind: 'pool' };

const root = dirname(dirname(dirname(dirname(import.meta.dirname))));

/** What carries a statement and has not written it. */
const driver = /[\\/]node_modules[\\/]pg(-[a-z]+)?[\\/]/;
const carriers = ['packages/pipeline/src/database.ts'];
const library = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
/** Where the database is arranged and brought up to date, once, by another role. */
const arrangers = [
  'apps/server/src/platform/database/',
  'packages/postgres/src/',
  // Parts of the ledger's transfers are made, moved and looked at by the owner of the tables, at
  // somebody's command; the statements name the tables of the parts.
  'packages/ledger/src/partition/admin.ts',
  'packages/ledger/src/partition/begin.ts',
  'packages/ledger/src/partition/owner.ts',
  'packages/ledger/src/check/detached',
];
const tests = /(\.test\.tsx?$|(^|\/)(test|examples)\/|^packages\/testkit\/|^bench\/|^tools\/)/;

/**
 * @param files of the calls that led to the driver, the nearest first, as absolute paths
 */
export function authorOf(files: readonly string[]): Author {
  if (files.length > 0 && /[\\/]node_modules[\\/]pg-pool[\\/]/.test(files[0] ?? '')) {
    return { kind: 'pool' };
  }
  let file: string | undefined;
  for (const path of files) {
    if (path.startsWith('node:') || driver.test(path)) continue;
    const foreign = library.exec(path)?.[1];
    if (foreign !== undefined) return { kind: 'library', name: foreign.replaceAll(sep, '/') };
    const own = relative(root, path).replaceAll(sep, '/');
    if (carriers.includes(own)) continue;
    if (tests.test(own)) return { kind: 'test' };
    if (arrangers.some((folder) => own.startsWith(folder))) return { kind: 'test' };
    file ??= own;
    // The writer of rows is not their owner: who had them written is further up.
    if (!own.startsWith('packages/pipeline/')) break;
  }
  return { kind: 'platform', file: file ?? 'packages/pipeline/src/database.ts' };
}
