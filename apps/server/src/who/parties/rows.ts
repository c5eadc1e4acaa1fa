import { defineTable } from '@keyturn/pipeline';
import type { DocumentKind, LegalEntity, MerchantKind, OwnerKind } from './types.ts';

/** The module's tables. What is sealed is opened for pay-outs alone. */

interface Made {
  readonly createdByKind: 'integrator' | 'operator';
  readonly createdBy: string;
  readonly createdAt: Temporal.Instant;
  /** How many events the object has told so far. */
  readonly events: bigint;
}

const made = {
  createdByKind: 'text',
  createdBy: 'uuid',
  createdAt: 'timestamptz',
  events: 'int8',
} as const;

export const legalEntityTable = defineTable<LegalEntity>({
  name: 'parties.legal_entity',
  columns: { id: 'text', name: 'text', registrationNumber: 'text' },
  key: ['id'],
  mutable: [],
});

export interface PersonRow extends Made {
  readonly id: string;
  readonly nameSealed: string;
  readonly nameMasked: string;
  readonly documentKind: DocumentKind | null;
  readonly documentSealed: string | null;
  readonly documentMasked: string | null;
  readonly phoneSealed: string | null;
  readonly phoneMasked: string | null;
}

export const personTable = defineTable<PersonRow>({
  name: 'parties.person',
  columns: {
    id: 'uuid',
    nameSealed: 'text',
    nameMasked: 'text',
    documentKind: 'text',
    documentSealed: 'text',
    documentMasked: 'text',
    phoneSealed: 'text',
    phoneMasked: 'text',
    ...made,
  },
  key: ['id'],
  mutable: [],
});

export interface MerchantRow extends Made {
  readonly id: string;
  readonly name: string;
  readonly kind: MerchantKind;
  readonly legalName: string | null;
  readonly registrationNumber: string | null;
}

export const merchantTable = defineTable<MerchantRow>({
  name: 'parties.merchant',
  columns: {
    id: 'uuid',
    name: 'text',
    kind: 'text',
    legalName: 'text',
    registrationNumber: 'text',
    ...made,
  },
  key: ['id'],
  mutable: [],
});

export interface BankAccountRow extends Made {
  readonly id: string;
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  readonly numberSealed: string;
  readonly numberMasked: string;
  readonly numberFingerprint: string;
  readonly holderSealed: string;
  readonly holderMasked: string;
  readonly bankCode: string;
  readonly bankName: string;
  readonly state: 'active' | 'disabled';
  readonly disabledBy: string | null;
  readonly disabledAt: Temporal.Instant | null;
}

export const bankAccountTable = defineTable<BankAccountRow>({
  name: 'parties.bank_account',
  columns: {
    id: 'uuid',
    ownerKind: 'text',
    ownerId: 'uuid',
    numberSealed: 'text',
    numberMasked: 'text',
    numberFingerprint: 'text',
    holderSealed: 'text',
    holderMasked: 'text',
    bankCode: 'text',
    bankName: 'text',
    state: 'text',
    disabledBy: 'uuid',
    disabledAt: 'timestamptz',
    ...made,
  },
  key: ['id'],
  mutable: ['state', 'disabledBy', 'disabledAt', 'events'],
});

/** What a sealed text is, and whose: it cannot be moved to another row or column. */
export function sealContext(
  what:
    | 'person.name'
    | 'person.document'
    | 'person.phone'
    | 'bank_account.number'
    | 'bank_account.holder',
  id: string,
): string {
  return `parties.${what}:${id}`;
}
