import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { RowSet } from '@keyturn/pipeline';
import type { CommandContext } from '../../../platform/index.ts';
import { refuse } from '../errors.ts';
import { partiesEvent } from '../events.ts';
import type { MerchantRow } from '../rows.ts';
import type { MerchantView, NewMerchant, Requester } from '../types.ts';
import { idPrefix, merchantView } from '../views.ts';
import { isName, normalCreditCode, normalName } from './identity.ts';

export interface CreateMerchantInput {
  readonly by: Requester;
  readonly merchant: NewMerchant;
}

export function createMerchant(
  merchants: RowSet<MerchantRow>,
  { by, merchant: wanted }: CreateMerchantInput,
  context: CommandContext,
): Result<MerchantView, Refusal> {
  const name = normalName(wanted.name);
  if (!isName(name)) {
    return refuse('party_text_invalid', { param: 'name', values: { field: 'name' } });
  }
  const legalName = wanted.legalName === undefined ? null : normalName(wanted.legalName);
  if (legalName !== null && !isName(legalName)) {
    return refuse('party_text_invalid', { param: 'legal_name', values: { field: 'legal_name' } });
  }
  const number = wanted.registrationNumber;
  const registrationNumber = number === undefined ? null : normalCreditCode(number);
  if (registrationNumber === undefined) {
    return refuse('registration_number_invalid', { param: 'registration_number' });
  }
  const id = context.newId(by.id);
  const row = merchants.insert({
    id,
    name,
    kind: wanted.kind,
    legalName,
    registrationNumber,
    createdByKind: by.kind,
    createdBy: by.id,
    createdAt: context.now,
    events: 1n,
  });
  const merchant_id = encodeId(idPrefix.merchant, id);
  context.emit(partiesEvent('merchant_created', id, 1n, { merchant_id, kind: row.kind }));
  return ok(merchantView(row));
}
