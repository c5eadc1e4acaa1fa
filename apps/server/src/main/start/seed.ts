import { createCredentialStore } from '../../banks/channels/index.ts';
import { readConfig } from '../../platform/index.ts';
import type { OperatorRole } from '../../who/access/index.ts';
import { composePlatform, type Platform } from '../compose.ts';
import { enrolAtSandbox } from './enrol.ts';
import { type InstallationSecrets, type Places, StartError, writeSecrets } from './installation.ts';
import { books, contractDrafts, custodyAccounts, entities } from './world.ts';

/** What a first start needs to know to arrange the small world. */
export interface SeedOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly places: Places;
  readonly secrets: InstallationSecrets;
  /** What the simulated world said when it was ready. */
  readonly sandbox: Readonly<Record<string, unknown>>;
  readonly publicUrl: string;
}

const operators: readonly { username: string; name: string; roles: readonly OperatorRole[] }[] = [
  { username: 'admin', name: '系统管理员', roles: ['admin'] },
  { username: 'finance', name: '资金专员', roles: ['finance'] },
  { username: 'approver', name: '复核主管', roles: ['approver', 'finance'] },
];

/**
 * Arranges the small world: entities and their books, accounts at the bank, contracts with both
 * sides' keys, the first operators and an API key. Doing it again changes nothing but addresses
 * that moved.
 *
 * @returns the secrets, with the API key that was made at the first time
 */
export async function seedWorld(options: SeedOptions): Promise<InstallationSecrets> {
  const config = { ...readConfig(options.env), logLevel: 'error' };
  const platform = await composePlatform(config, 'seed');
  try {
    const credentials = createCredentialStore(options.places.keys);
    const { sandbox, publicUrl } = options;
    const admin = String(sandbox['admin']);
    // The platform's side first: the bank's first notices may come before the enrolment has ended.
    await platform.parties.seedLegalEntities(entities);
    await platform.parties.ensureBooks(books);
    const seeded = await platform.custody.seedAccounts(custodyAccounts);
    if (!seeded.ok) throw new StartError(`Custody accounts were refused: ${seeded.error.code}.`);
    const serials = await enrolAtSandbox({ admin, publicUrl, credentials });
    const drafts = contractDrafts({
      acquirerUrl: String(sandbox['acquirer']),
      bankUrl: String(sandbox['bank']),
      publicUrl,
      serials,
      since: platform.clock.now(),
    });
    for (const draft of drafts) {
      const written = await platform.channels.upsertContract(draft);
      if (!written.ok) {
        throw new StartError(
          `The contract ${draft.id} was refused: ${JSON.stringify(written.error)}`,
        );
      }
    }
    return await ensurePeople(platform, options);
  } finally {
    await platform.close();
  }
}

async function ensurePeople(
  platform: Platform,
  { places, secrets }: SeedOptions,
): Promise<InstallationSecrets> {
  for (const operator of operators) {
    const password = secrets.operators[operator.username];
    if (password === undefined) continue;
    const key = `start:operator:${operator.username}`;
    await platform.access.createOperator(key, undefined, { ...operator, password });
  }
  if (secrets.demoApiKey !== '') return secrets;
  // The token is told once: a key whose telling was lost by a crash is left behind, and another
  // is made.
  const key = `start:api-key:${platform.clock.now().toString()}`;
  const made = await platform.access.createApiKey(key, undefined, { name: 'demo' });
  if (!made.ok || made.value.token === undefined) {
    throw new StartError('The first API key could not be made. Start again.');
  }
  const complete = { ...secrets, demoApiKey: made.value.token };
  await writeSecrets(places, complete);
  return complete;
}
