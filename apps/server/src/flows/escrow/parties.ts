import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Principal } from '../../who/access/index.ts';
import { refuse } from './errors.ts';
import type { Party } from './tables.ts';
import type { EscrowDeps, PartyInput } from './types.ts';

/**
 * Parties of a new deal: they exist, the caller may see them, and their bank accounts are their
 * own.
 */
export async function checkedParties(
  deps: Pick<EscrowDeps, 'parties'>,
  by: Principal,
  inputs: readonly PartyInput[],
): Promise<Result<readonly Party[], Refusal>> {
  const parties: Party[] = [];
  for (const input of inputs) {
    const party = await checkedParty(deps, by, input);
    if (!party.ok) return party;
    parties.push(party.value);
  }
  return ok(parties);
}

async function checkedParty(
  { parties }: Pick<EscrowDeps, 'parties'>,
  by: Principal,
  { role, kind, id, bankAccountId }: PartyInput,
): Promise<Result<Party, Refusal>> {
  const known = kind === 'person' ? await parties.person(id, by) : await parties.merchant(id, by);
  const param = `parties.${role}`;
  if (!known.ok) return refuse('deal_party_unknown', { param, values: { role, kind } });
  if (bankAccountId === undefined) {
    return ok({ role, kind, id, bankAccountId: null, bankAccountMasked: null });
  }
  const account = await parties.bankAccount(bankAccountId, by);
  const owner = encodeId(kind === 'person' ? 'per' : 'mer', id);
  const usable = account.ok && account.value.state === 'active' && account.value.owner_id === owner;
  if (!usable) return refuse('deal_bank_account_unusable', { param, values: { role } });
  return ok({ role, kind, id, bankAccountId, bankAccountMasked: account.value.number });
}
