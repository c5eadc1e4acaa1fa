import {
  assert,
  decodeCursor,
  encodeId,
  isCurrency,
  ok,
  type Page,
  pageOf,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { bookId, isMemo } from '@keyturn/ledger';
import { createRowSet, type Database, toJson } from '@keyturn/pipeline';
import {
  type CommandCall,
  type CommandRunner,
  concealed,
  pageSize,
  type Sealer,
} from '../../platform/index.ts';
import {
  type AddBankAccountInput,
  addBankAccount,
  numberFingerprint,
} from './decide/add-bank-account.ts';
import { type CreateMerchantInput, createMerchant } from './decide/create-merchant.ts';
import { type CreatePersonInput, createPerson } from './decide/create-person.ts';
import { type DisableBankAccountInput, disableBankAccount } from './decide/disable-bank-account.ts';
import { isVisible } from './decide/visible.ts';
import { refuse } from './errors.ts';
import { bankAccountTable, merchantTable, personTable, sealContext } from './rows.ts';
import {
  insertBooks,
  insertLegalEntities,
  type ListPlace,
  listMerchants,
  listPersons,
  lockBankAccounts,
  readAccountsOf,
  readActiveAccounts,
  readBankAccounts,
  readLegalEntities,
  readMerchants,
  readPersons,
} from './store.ts';
import type {
  BookWanted,
  PageQuery,
  PartiesService,
  PartyName,
  Payee,
  Requester,
} from './types.ts';
import { bankAccountView, idPrefix, merchantView, personView } from './views.ts';

export interface PartiesDeps {
  readonly database: Database;
  readonly commands: CommandRunner;
  readonly sealer: Sealer;
}

/** People, merchants and their bank accounts; the legal entities and their books. */
export function createPartiesService(deps: PartiesDeps): PartiesService {
  return { ...partiesCommands(deps), ...partiesQueries(deps), ...legalEntityCalls(deps) };
}

function partiesCommands({ commands, sealer }: PartiesDeps) {
  const person = commands.define({
    name: 'parties.create_person',
    units: () => ({ persons: createRowSet(personTable) }),
    load: async () => undefined,
    decide: ({ persons }, input: CreatePersonInput, context) =>
      createPerson(persons, sealer, input, context),
  });
  const merchant = commands.define({
    name: 'parties.create_merchant',
    units: () => ({ merchants: createRowSet(merchantTable) }),
    load: async () => undefined,
    decide: ({ merchants }, input: CreateMerchantInput, context) =>
      createMerchant(merchants, input, context),
  });
  const account = commands.define({
    name: 'parties.add_bank_account',
    maxBatch: 100,
    units: () => ({
      persons: createRowSet(personTable),
      merchants: createRowSet(merchantTable),
      bankAccounts: createRowSet(bankAccountTable),
    }),
    load: async (tx, units, calls: readonly CommandCall<AddBankAccountInput>[]) => {
      const inputs = calls.map((call) => call.input);
      units.persons.adopt(await readPersons(tx, ownersOf(inputs, 'person')));
      units.merchants.adopt(await readMerchants(tx, ownersOf(inputs, 'merchant')));
      units.bankAccounts.adopt(await readActiveAccounts(tx, inputs));
    },
    decide: (units, input: AddBankAccountInput, context) =>
      addBankAccount(units, sealer, input, context),
  });
  const disable = commands.define({
    name: 'parties.disable_bank_account',
    units: () => ({ bankAccounts: createRowSet(bankAccountTable) }),
    load: async (tx, { bankAccounts }, calls: readonly CommandCall<DisableBankAccountInput>[]) =>
      bankAccounts.adopt(
        await lockBankAccounts(
          tx,
          calls.map((call) => call.input.id),
        ),
      ),
    decide: ({ bankAccounts }, input: DisableBankAccountInput, context) =>
      disableBankAccount(bankAccounts, input, context),
  });
  const cover = <T>(value: T) => concealed(value, sealer.blindIndex(`input:${toJson(value)}`));
  return {
    createPerson: (key, by, wanted) => person(key, { by, person: cover(wanted) }),
    createMerchant: (key, by, wanted) => merchant(key, { by, merchant: wanted }),
    addBankAccount: (key, by, wanted) =>
      account(key, {
        by,
        ownerKind: wanted.ownerKind,
        ownerId: wanted.ownerId,
        numberFingerprint: numberFingerprint(sealer, wanted.number),
        account: cover(wanted),
      }),
    disableBankAccount: (key, by, id) => disable(key, { by, id }),
  } satisfies Partial<PartiesService>;
}

function ownersOf(inputs: readonly AddBankAccountInput[], kind: string): readonly string[] {
  return inputs.filter((input) => input.ownerKind === kind).map((input) => input.ownerId);
}

function partiesQueries({ database, sealer }: PartiesDeps) {
  return {
    person: async (id, by) => {
      const [row] = await readPersons(database, [id]);
      if (row && isVisible(row, by)) return ok(personView(row));
      return refuse('person_not_found', { values: { person_id: encodeId(idPrefix.person, id) } });
    },
    merchant: async (id, by) => {
      const [row] = await readMerchants(database, [id]);
      if (row && isVisible(row, by)) return ok(merchantView(row));
      const merchant_id = encodeId(idPrefix.merchant, id);
      return refuse('merchant_not_found', { values: { merchant_id } });
    },
    persons: (by, query) =>
      listed(query, by, (place, maker) => listPersons(database, place, maker), personView),
    merchants: (by, query) =>
      listed(query, by, (place, maker) => listMerchants(database, place, maker), merchantView),
    bankAccount: async (id, by) => {
      const [row] = await readBankAccounts(database, [id]);
      if (row && isVisible(row, by)) return ok(bankAccountView(row));
      return accountNotFound(id);
    },
    bankAccountsOf: async (ownerId, by) => {
      const rows = await readAccountsOf(database, ownerId);
      return rows.filter((row) => isVisible(row, by)).map(bankAccountView);
    },
    payee: (id) => payeeOf(database, sealer, id),
    namesOf: (ids) => namesOf(database, ids),
  } satisfies Partial<PartiesService>;
}

/** Ids are greater the younger they are; the list begins above the greatest. */
const newest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

async function listed<Row extends { readonly id: string }, View>(
  query: PageQuery,
  by: Requester,
  read: (place: ListPlace, maker: string | undefined) => Promise<readonly Row[]>,
  view: (row: Row) => View,
): Promise<Result<Page<View>, Refusal>> {
  const limit = pageSize(query.limit);
  const before = query.cursor === undefined ? newest : decodeCursor(query.cursor, ['uuid'])?.[0];
  if (before === undefined) {
    return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
  }
  const maker = by.kind === 'operator' ? undefined : by.id;
  const page = pageOf(await read({ before, limit: limit + 1 }, maker), limit, (row) => [row.id]);
  return ok({ items: page.items.map(view), nextCursor: page.nextCursor });
}

function accountNotFound(id: string) {
  const bank_account_id = encodeId(idPrefix.bankAccount, id);
  return refuse('bank_account_not_found', { values: { bank_account_id } });
}

async function payeeOf(
  database: Database,
  sealer: Sealer,
  id: string,
): Promise<Result<Payee, Refusal>> {
  const [row] = await readBankAccounts(database, [id]);
  if (!row) return accountNotFound(id);
  if (row.state === 'disabled') {
    const bank_account_id = encodeId(idPrefix.bankAccount, id);
    return refuse('bank_account_disabled', { values: { bank_account_id } });
  }
  return ok({
    number: sealer.open(row.numberSealed, sealContext('bank_account.number', id)),
    holderName: sealer.open(row.holderSealed, sealContext('bank_account.holder', id)),
    bankCode: row.bankCode,
    bankName: row.bankName,
    ownerId: row.ownerId,
    ownerKind: row.ownerKind,
    masked: row.numberMasked,
  });
}

async function namesOf(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PartyName>> {
  assert(ids.length <= 1000, 'names are asked for by the thousand at most');
  const names = new Map<string, PartyName>();
  for (const row of await readPersons(database, ids)) {
    names.set(row.id, { kind: 'person', name: row.nameMasked });
  }
  for (const row of await readMerchants(database, ids)) {
    names.set(row.id, { kind: 'merchant', name: row.name });
  }
  return names;
}

function legalEntityCalls({ database }: PartiesDeps) {
  return {
    seedLegalEntities: (entities) => insertLegalEntities(database, entities),
    legalEntities: () => readLegalEntities(database),
    ensureBooks: async (wanted) => {
      const known = new Set((await readLegalEntities(database)).map((entity) => entity.id));
      const books = wanted.map((book) => bookOf(book, known));
      await insertBooks(database, [...new Map(books.map((book) => [book.id, book])).values()]);
      return books.map((book) => book.id);
    },
  } satisfies Partial<PartiesService>;
}

function bookOf({ legalEntity, regime, currency }: BookWanted, known: ReadonlySet<string>) {
  assert(known.has(legalEntity), `the legal entity ${legalEntity} is there before its books`);
  assert(isCurrency(currency), `${currency} is a currency that we keep`);
  const id = bookId(legalEntity, regime, currency);
  return { id, legalEntity, regime, currency, memo: isMemo(regime) };
}
