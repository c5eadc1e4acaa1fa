import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { RowSet } from '@keyturn/pipeline';
import type { CommandContext, Concealed, Sealer } from '../../../platform/index.ts';
import { refuse } from '../errors.ts';
import { partiesEvent } from '../events.ts';
import { type BankAccountRow, type MerchantRow, type PersonRow, sealContext } from '../rows.ts';
import type { BankAccountView, NewBankAccount, OwnerKind, Requester } from '../types.ts';
import { bankAccountView, idPrefix, ownerIdOnWire } from '../views.ts';
import { isBankCode, isName, normalAccountNumber, normalName } from './identity.ts';
import { maskAccountNumber, maskName } from './mask.ts';
import { isVisible } from './visible.ts';

export interface AddBankAccountInput {
  readonly by: Requester;
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  /** Equal for equal numbers; see `numberFingerprint`. */
  readonly numberFingerprint: string;
  readonly account: Concealed<NewBankAccount>;
}

export interface BankAccountUnits {
  readonly persons: RowSet<PersonRow>;
  readonly merchants: RowSet<MerchantRow>;
  readonly bankAccounts: RowSet<BankAccountRow>;
}

/** The blind index of an account number, however it was written. */
export function numberFingerprint(sealer: Sealer, number: string): string {
  return sealer.blindIndex(`bank-account-number:${normalAccountNumber(number) ?? ''}`);
}

export function addBankAccount(
  units: BankAccountUnits,
  sealer: Sealer,
  input: AddBankAccountInput,
  context: CommandContext,
): Result<BankAccountView, Refusal> {
  const { by, ownerKind, ownerId } = input;
  const wanted = input.account.value;
  const number = normalAccountNumber(wanted.number);
  if (number === undefined) return refuse('bank_account_number_invalid', { param: 'number' });
  if (!isBankCode(wanted.bankCode)) return refuse('bank_code_invalid', { param: 'bank_code' });
  const bankName = normalName(wanted.bankName);
  if (!isName(bankName)) {
    return refuse('party_text_invalid', { param: 'bank_name', values: { field: 'bank_name' } });
  }
  const holder = holderOf(units, sealer, input);
  if (!holder.ok) return holder;
  const same = findActive(units.bankAccounts, ownerId, input.numberFingerprint);
  if (same) {
    const bank_account_id = encodeId(idPrefix.bankAccount, same.id);
    return refuse('bank_account_exists', { param: 'number', values: { bank_account_id } });
  }

  const id = context.newId(by.id);
  const row = units.bankAccounts.insert({
    id,
    ownerKind,
    ownerId,
    numberSealed: sealer.seal(number, sealContext('bank_account.number', id)),
    numberMasked: maskAccountNumber(number),
    numberFingerprint: input.numberFingerprint,
    holderSealed: sealer.seal(holder.value, sealContext('bank_account.holder', id)),
    holderMasked: ownerKind === 'person' ? maskName(holder.value) : holder.value,
    bankCode: wanted.bankCode,
    bankName,
    state: 'active',
    disabledBy: null,
    disabledAt: null,
    createdByKind: by.kind,
    createdBy: by.id,
    createdAt: context.now,
    events: 1n,
  });
  context.emit(partiesEvent('bank_account_added', id, 1n, accountPayload(row)));
  return ok(bankAccountView(row));
}

/** What events say about an account. */
export function accountPayload(row: BankAccountRow): Readonly<Record<string, string>> {
  return {
    bank_account_id: encodeId(idPrefix.bankAccount, row.id),
    owner_kind: row.ownerKind,
    owner_id: ownerIdOnWire(row.ownerKind, row.ownerId),
  };
}

/** The account holder's name: the owner's, or for a merchant the one given. */
function holderOf(
  units: BankAccountUnits,
  sealer: Sealer,
  { by, ownerKind, ownerId, account }: AddBankAccountInput,
): Result<string, Refusal> {
  const given =
    account.value.holderName === undefined ? undefined : normalName(account.value.holderName);
  if (given !== undefined && !isName(given)) {
    return refuse('party_text_invalid', { param: 'holder_name', values: { field: 'holder_name' } });
  }
  if (ownerKind === 'person') {
    const person = units.persons.get(ownerId);
    if (!person || !isVisible(person, by)) {
      const person_id = ownerIdOnWire('person', ownerId);
      return refuse('person_not_found', { param: 'owner_id', values: { person_id } });
    }
    const name = sealer.open(person.nameSealed, sealContext('person.name', ownerId));
    if (given !== undefined && given !== name) {
      return refuse('holder_name_mismatch', { param: 'holder_name' });
    }
    return ok(name);
  }
  const merchant = units.merchants.get(ownerId);
  if (!merchant || !isVisible(merchant, by)) {
    const merchant_id = ownerIdOnWire('merchant', ownerId);
    return refuse('merchant_not_found', { param: 'owner_id', values: { merchant_id } });
  }
  return ok(given ?? merchant.legalName ?? merchant.name);
}

function findActive(
  bankAccounts: RowSet<BankAccountRow>,
  ownerId: string,
  fingerprint: string,
): BankAccountRow | undefined {
  for (const row of bankAccounts.all()) {
    const same = row.ownerId === ownerId && row.numberFingerprint === fingerprint;
    if (same && row.state === 'active') return row;
  }
  return undefined;
}
