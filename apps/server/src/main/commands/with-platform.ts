import { type LocalPlatform, openLocalPlatform } from '../start/local.ts';
import type { Environment } from './start.ts';

/** Runs a command on the platform of the data directory, and closes it whatever happens. */
export async function withPlatform(
  env: Environment,
  work: (local: LocalPlatform) => Promise<void>,
): Promise<void> {
  const local = await openLocalPlatform(env);
  try {
    await work(local);
  } finally {
    await local.close();
  }
}
