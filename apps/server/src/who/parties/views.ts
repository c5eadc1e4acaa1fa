import { encodeId } from '@keyturn/kernel';
import type { BankAccountRow, MerchantRow, PersonRow } from './rows.ts';
import type { BankAccountView, MerchantView, OwnerKind, PersonView } from './types.ts';

/** The prefixes of ids on the wire. */
export const idPrefix = { person: 'per', merchant: 'mer', bankAccount: 'bac' } as const;

export function ownerIdOnWire(kind: OwnerKind, id: string): string {
  return encodeId(idPrefix[kind], id);
}

export function personView(row: PersonRow): PersonView {
  const { documentKind, documentMasked, phoneMasked } = row;
  return {
    id: encodeId(idPrefix.person, row.id),
    name: row.nameMasked,
    ...(documentKind === null || documentMasked === null
      ? {}
      : { id_document: { kind: documentKind, number: documentMasked } }),
    ...(phoneMasked === null ? {} : { phone: phoneMasked }),
    created_at: row.createdAt.toString(),
  };
}

export function merchantView(row: MerchantRow): MerchantView {
  return {
    id: encodeId(idPrefix.merchant, row.id),
    name: row.name,
    kind: row.kind,
    ...(row.legalName === null ? {} : { legal_name: row.legalName }),
    ...(row.registrationNumber === null ? {} : { registration_number: row.registrationNumber }),
    created_at: row.createdAt.toString(),
  };
}

export function bankAccountView(row: BankAccountRow): BankAccountView {
  return {
    id: encodeId(idPrefix.bankAccount, row.id),
    owner_kind: row.ownerKind,
    owner_id: ownerIdOnWire(row.ownerKind, row.ownerId),
    number: row.numberMasked,
    holder_name: row.holderMasked,
    bank_code: row.bankCode,
    bank_name: row.bankName,
    state: row.state,
    created_at: row.createdAt.toString(),
    ...(row.disabledAt === null ? {} : { disabled_at: row.disabledAt.toString() }),
  };
}
