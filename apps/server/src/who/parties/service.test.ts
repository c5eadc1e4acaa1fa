import { decodeId, present } from '@keyturn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWhoApp, type WhoApp } from '../access/test/app.ts';
import type { Requester } from './types.ts';

let who: WhoApp;
const by: Requester = { kind: 'operator', id: '018f0000-0000-7000-8000-000000000001' };

beforeAll(async () => {
  who = await createWhoApp();
});
afterAll(() => who.close());

async function bankAccount(key: string): Promise<{ ownerId: string; id: string }> {
  const { parties } = who;
  const person = await parties.createPerson(`test:${key}-person`, by, { name: '王小明' });
  const ownerId = present(person.ok ? decodeId('per', person.value.id) : undefined, 'a person');
  const account = await parties.addBankAccount(`test:${key}-account`, by, {
    ownerKind: 'person',
    ownerId,
    number: '6222 0200 1234 5678 901',
    bankCode: '102100099996',
    bankName: '中国工商银行',
  });
  const id = present(account.ok ? decodeId('bac', account.value.id) : undefined, 'an account');
  return { ownerId, id };
}

describe('a payee', () => {
  it('is opened for a pay-out, in the clear', async () => {
    const { id, ownerId } = await bankAccount('open');
    expect(await who.parties.payee(id)).toEqual({
      ok: true,
      value: {
        number: '6222020012345678901',
        holderName: '王小明',
        bankCode: '102100099996',
        bankName: '中国工商银行',
        ownerId,
        ownerKind: 'person',
        masked: '****8901',
      },
    });
  });

  it('is refused once the account is disabled, or when there is none', async () => {
    const { id } = await bankAccount('closed');
    await who.parties.disableBankAccount('test:closed', by, id);
    expect(await who.parties.payee(id)).toMatchObject({ error: { code: 'bank_account_disabled' } });
    const none = '018f0000-0000-7000-8000-00000000ffff';
    expect(await who.parties.payee(none)).toMatchObject({
      error: { code: 'bank_account_not_found' },
    });
  });

  it('cannot be swapped by moving one account’s sealed number to another', async () => {
    const first = await bankAccount('swap-1');
    const second = await bankAccount('swap-2');
    const owner = who.platform.testDatabase.open({ url: who.platform.testDatabase.superuserUrl });
    await owner.query(
      `update parties.bank_account set number_sealed =
         (select number_sealed from parties.bank_account where id = $2) where id = $1`,
      [first.id, second.id],
    );
    await expect(who.parties.payee(first.id)).rejects.toThrow(/sealed/);
  });
});

describe('names', () => {
  it('are found for many parties at once, masked for people', async () => {
    const { ownerId } = await bankAccount('names');
    const merchant = await who.parties.createMerchant('test:m', by, {
      name: '门店',
      kind: 'store',
    });
    const id = present(merchant.ok ? decodeId('mer', merchant.value.id) : undefined, 'a merchant');
    const names = await who.parties.namesOf([ownerId, id, by.id]);
    expect(Object.fromEntries(names)).toEqual({
      [ownerId]: { kind: 'person', name: '**明' },
      [id]: { kind: 'merchant', name: '门店' },
    });
    expect((await who.parties.namesOf([])).size).toBe(0);
  });
});

describe('legal entities and books', () => {
  const entities = [
    { id: 'kt-pay', name: 'Keyturn Payments', registrationNumber: '91100000100003962T' },
    { id: 'kt-escrow', name: 'Keyturn Escrow', registrationNumber: '914403001922038216' },
  ];
  const books = [
    { legalEntity: 'kt-pay', regime: 'reserve', currency: 'CNY' },
    { legalEntity: 'kt-escrow', regime: 'escrow', currency: 'CNY' },
    { legalEntity: 'kt-pay', regime: 'passing', currency: 'CNY' },
  ] as const;

  it('are seeded once; a second time changes nothing', async () => {
    await who.parties.seedLegalEntities(entities);
    await who.parties.seedLegalEntities(
      [{ ...entities[0], id: 'kt-pay', name: 'Other' }].map((entity) => ({
        ...entity,
        registrationNumber: '914403001922038217',
      })),
    );
    expect(await who.parties.legalEntities()).toEqual([entities[1], entities[0]]);
  });

  it('have the books that are asked for, opened once by any number of processes', async () => {
    await who.parties.seedLegalEntities(entities);
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => who.parties.ensureBooks([...books, books[0]])),
    );
    for (const ids of asked) {
      expect(ids).toEqual([
        'kt-pay/reserve/CNY',
        'kt-escrow/escrow/CNY',
        'kt-pay/passing/CNY',
        'kt-pay/reserve/CNY',
      ]);
    }
    const rows = await who.platform.database.query('select id, memo from ledger.book order by id');
    expect(rows).toEqual([
      { id: 'kt-escrow/escrow/CNY', memo: false },
      { id: 'kt-pay/passing/CNY', memo: true },
      { id: 'kt-pay/reserve/CNY', memo: false },
    ]);
  });

  it('have no book without the entity, or in a currency that nobody knows', async () => {
    await who.parties.seedLegalEntities(entities);
    const book = { legalEntity: 'kt-pay', regime: 'own', currency: 'CNY' } as const;
    await expect(who.parties.ensureBooks([{ ...book, legalEntity: 'kt-none' }])).rejects.toThrow(
      /kt-none/,
    );
    await expect(who.parties.ensureBooks([{ ...book, currency: 'XXX' }])).rejects.toThrow(/XXX/);
  });
});

describe('the store', () => {
  it('tells of each new party and account in the same commit, without their data', async () => {
    const { ownerId, id } = await bankAccount('events');
    await who.parties.disableBankAccount('test:events', by, id);
    const events = await who.platform.database.query(
      `select type, object_sequence as sequence, payload from platform.event
       where object_id = any($1::uuid[]) order by seq`,
      [[ownerId, id]],
    );
    expect(events).toEqual([
      { type: 'parties.person_created', sequence: 1n, payload: expect.anything() },
      { type: 'parties.bank_account_added', sequence: 1n, payload: expect.anything() },
      {
        type: 'parties.bank_account_disabled',
        sequence: 2n,
        payload: {
          bank_account_id: expect.stringMatching(/^bac_/),
          owner_kind: 'person',
          owner_id: expect.stringMatching(/^per_/),
        },
      },
    ]);
  });

  it('lets the application change nothing of a person, and of an account its state alone', async () => {
    const { database } = who.platform;
    for (const statement of [
      'update parties.person set name_masked = $$x$$',
      'delete from parties.person',
      'update parties.merchant set name = $$x$$',
      'update parties.bank_account set number_sealed = $$x$$',
      'delete from parties.bank_account',
    ]) {
      await expect(database.query(statement)).rejects.toThrow(/permission denied/);
    }
  });
});
