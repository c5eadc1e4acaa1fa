import { randomBytes } from 'node:crypto';
import { decodeId, present } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { createCommandRunner, createSealer } from '../../platform/index.ts';
import { createPartiesService, partiesErrors, type Requester } from '../parties/index.ts';
import { accessErrors, actorsOf, createAccessService } from './index.ts';

const statements = new Set<string>();
let platform: TestPlatform;

beforeAll(async () => {
  platform = await createTestPlatform(accessErrors, partiesErrors);
});
afterAll(() => platform.close());

function services() {
  const { clock, logger, errors, testDatabase } = platform;
  const database = testDatabase.open({ onStatement: (text) => statements.add(text) });
  const onEvents = () => undefined;
  const commands = createCommandRunner({ database, clock, logger, errors, onEvents });
  const sealer = createSealer(randomBytes(32));
  const access = createAccessService({ database, clock, logger, commands, sealer });
  return { access, database, parties: createPartiesService({ database, commands, sealer }) };
}

/** Everything that the two services can be asked, once. */
async function useAll({ access, database, parties }: ReturnType<typeof services>): Promise<void> {
  const password = 'correct horse battery';
  const wanted = { username: 'lin', name: 'Lin', password, roles: ['admin'] } as const;
  const operator = await access.createOperator('t:1', undefined, wanted);
  const operatorId = uuid('opr', operator.ok ? operator.value.id : '');
  const by: Requester = { kind: 'integrator', id: operatorId };
  const from = '127.0.0.1';
  const opened = await access.logIn({ username: 'lin', password, from, requestId: 'r' });
  const sessionToken = present(opened.ok ? opened.value.token : undefined, 'a token');
  platform.clock.advance({ minutes: 2 });
  await access.identifySession(sessionToken);
  const newPassword = `${password}!`;
  const change = { operatorId, sessionToken, currentPassword: password, newPassword, from };
  await access.changePassword(change);
  await access.disableOperator('t:2', by.id, by.id);
  await access.logOut(sessionToken);
  const key = await access.createApiKey('t:3', by.id, { name: 'A' });
  const keyView = present(key.ok ? key.value.apiKey : undefined, 'a key');
  const integratorId = uuid('int', keyView.integrator.id);
  const second = await access.createApiKey('t:4', by.id, { name: 'B', integratorId });
  await access.identifyKey(present(second.ok ? second.value.token : undefined, 'a token'));
  await access.revokeApiKey('t:5', by.id, uuid('key', keyView.id));
  await access.operators({});
  await access.apiKeys({});
  await access.audit({});
  await access.audit({ principalId: by.id });
  await access.sweep();
  await actorsOf(database, [operatorId, integratorId]);

  const person = await parties.createPerson('t:6', by, { name: 'Lin' });
  const ownerId = uuid('per', person.ok ? person.value.id : '');
  await parties.createMerchant('t:7', by, { name: 'M', kind: 'store' });
  const account = await parties.addBankAccount('t:8', by, {
    ownerKind: 'person',
    ownerId,
    number: '6222020012345678901',
    bankCode: '102100099996',
    bankName: 'ICBC',
  });
  const accountId = uuid('bac', account.ok ? account.value.id : '');
  await parties.payee(accountId);
  await parties.disableBankAccount('t:9', by, accountId);
  await parties.bankAccountsOf(ownerId);
  await parties.namesOf([ownerId]);
  for (const requester of [by, { ...by, kind: 'operator' }] as const) {
    await parties.persons(requester, {});
    await parties.merchants(requester, {});
  }
  const entity = { id: 'kt-pay', name: 'Keyturn', registrationNumber: '1' };
  await parties.seedLegalEntities([entity]);
  await parties.ensureBooks([{ legalEntity: 'kt-pay', regime: 'own', currency: 'CNY' }]);
}

function uuid(prefix: string, wire: string): string {
  return present(decodeId(prefix, wire), `an id of the form ${prefix}_…`);
}

/** The steps of a plan that read a table, or an index from end to end, to throw most of it away. */
function wholeReads(plan: readonly string[]): readonly string[] {
  const steps: string[] = [];
  for (const line of plan) {
    if (steps.length === 0 || line.includes('->')) steps.push(line);
    else steps.push(`${steps.pop()}\n${line}`);
  }
  return steps.filter(
    (step) =>
      /Seq Scan on/.test(step) ||
      (/Scan.* on \w/.test(step) && /Filter:/.test(step) && !/Cond:/.test(step)),
  );
}

it('every statement of parties and access finds its rows by an index', async () => {
  await useAll(services());
  const own = [...statements].filter((text) => /\b(access|parties)\.\w/.test(text));
  expect(own.length).toBeGreaterThan(30);
  const client = await platform.database.connect();
  try {
    // Tables this small are read whole when they may be; forbidden that, a missing index shows.
    await client.query('set enable_seqscan = off');
    for (const text of own) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (generic_plan) ${text}`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']);
      expect(wholeReads(plan), text).toEqual([]);
    }
  } finally {
    client.release(true);
  }
});
