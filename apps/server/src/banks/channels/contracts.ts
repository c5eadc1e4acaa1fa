import { assert, type Clock, elapsedMs, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type Database, errorCode, toJson } from '@keyturn/pipeline';
import { Value } from 'typebox/value';
import {
  type Contract,
  type ContractDraft,
  EscrowBankConfigSchema,
  WechatPayConfigSchema,
} from './contract.ts';
import { refuse } from './errors.ts';
import {
  type ContractRow,
  insertContract,
  readContractsInForce,
  readLatestContract,
} from './store.ts';

/**
 * The contracts in force. Read from memory, at most five seconds old, so that no payment pays a
 * query for it.
 */
export interface Contracts {
  all(): Promise<readonly Contract[]>;
  find(id: string): Promise<Result<Contract, Refusal>>;
  upsert(draft: ContractDraft): Promise<Result<Contract, Refusal>>;
}

const maxAgeMs = 5_000;
/** Whoever sets the platform up may write contracts alone; afterwards two people do. */
const seededBy = 'seed';

export function createContracts(deps: {
  readonly database: Database;
  readonly clock: Clock;
}): Contracts {
  const { database, clock } = deps;
  let known: ReadonlyMap<string, Contract> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const rows = await readContractsInForce(database, clock.now());
    known = new Map(rows.map((row) => [row.id, contractOf(row)]));
    readAt = elapsedMs();
  }

  async function current(): Promise<ReadonlyMap<string, Contract>> {
    if (elapsedMs() - readAt >= maxAgeMs) {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
    }
    return known;
  }

  async function upsert(draft: ContractDraft): Promise<Result<Contract, Refusal>> {
    const problem = checkDraft(draft);
    if (problem !== undefined) return problem;
    const latest = await readLatestContract(database, draft.id);
    if (latest !== undefined && isSame(latest, draft)) return ok(contractOf(latest));
    const version = (latest?.version ?? 0) + 1;
    const row: ContractRow = { ...draft, version, recordedAt: clock.now() };
    try {
      await database.transaction((tx) => insertContract(tx, row));
    } catch (error) {
      // Somebody wrote the same version at this moment: look at what they wrote.
      if (errorCode(error) === '23505') return upsert(draft);
      throw error;
    }
    readAt = Number.NEGATIVE_INFINITY;
    return ok(contractOf(row));
  }

  return {
    all: async () => [...(await current()).values()],
    find: async (id) => {
      const contract = (await current()).get(id);
      if (contract !== undefined) return ok(contract);
      return refuse('contract_unknown', { values: { contract_id: id } });
    },
    upsert,
  };
}

function checkDraft(
  draft: ContractDraft,
): { readonly ok: false; readonly error: Refusal } | undefined {
  const contract_id = draft.id;
  const invalid = (problem: string) =>
    refuse('contract_invalid', { values: { contract_id, problem } });
  if (draft.createdBy === draft.approvedBy && draft.createdBy !== seededBy) {
    return refuse('contract_approval_missing', { values: { contract_id } });
  }
  const name = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
  if (!/^[a-z0-9][a-z0-9-]{1,62}$/.test(draft.id)) return invalid('its id is not a-z, 0-9 and -');
  if (!name.test(draft.secretRef)) return invalid('its secret_ref names no key file');
  if (!Number.isInteger(draft.feeBps) || draft.feeBps < 0 || draft.feeBps > 10_000) {
    return invalid('its fee is not between 0 and 10000 basis points');
  }
  if (draft.adapter === 'wechat_pay_v3' && draft.settlesTo === null) {
    return invalid('an acquirer settles to a custody account: name it');
  }
  const schema = draft.adapter === 'wechat_pay_v3' ? WechatPayConfigSchema : EscrowBankConfigSchema;
  if (Value.Check(schema, draft.config)) return undefined;
  const [first] = Value.Errors(schema, draft.config);
  return invalid(`config${first?.instancePath ?? ''} ${first?.message ?? 'does not fit'}`);
}

function isSame(row: ContractRow, draft: ContractDraft): boolean {
  const terms = (of: ContractRow | ContractDraft) => [
    ...[of.adapter, of.book, of.settlesTo, of.feeBps, of.secretRef, of.state],
    Object.entries(Object(of.config)).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return toJson(terms(row)) === toJson(terms(draft));
}

/**
 * What the database gives is checked again: a row that somebody wrote by hand must not reach a
 * channel.
 */
function contractOf(row: ContractRow): Contract {
  const { id, version, book, settlesTo, feeBps, secretRef, effectiveFrom } = row;
  const { createdBy, approvedBy, config } = row;
  const state = row.state === 'enabled' ? 'enabled' : 'disabled';
  const terms = { id, version, book, settlesTo, feeBps, secretRef, state, effectiveFrom } as const;
  const signed = { ...terms, createdBy, approvedBy };
  if (row.adapter === 'wechat_pay_v3') {
    assert(Value.Check(WechatPayConfigSchema, config), `the config of contract ${id} is valid`);
    return { ...signed, adapter: 'wechat_pay_v3', config };
  }
  assert(Value.Check(EscrowBankConfigSchema, config), `the config of contract ${id} is valid`);
  return { ...signed, adapter: 'escrow_bank_v1', config };
}
