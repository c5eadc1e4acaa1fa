import type { NewEvent } from '../../platform/index.ts';

/**
 * What `parties` tells the modules above. Events carry ids and kinds, never a name or a number.
 *
 * - `parties.person_created` { person_id }
 * - `parties.merchant_created` { merchant_id, kind }
 * - `parties.bank_account_added` { bank_account_id, owner_kind, owner_id }
 * - `parties.bank_account_disabled` { bank_account_id, owner_kind, owner_id }
 */
export function partiesEvent(
  type: 'person_created' | 'merchant_created' | 'bank_account_added' | 'bank_account_disabled',
  objectId: string,
  sequence: bigint,
  payload: Readonly<Record<string, string>>,
): NewEvent {
  return { type: `parties.${type}`, objectId, objectSequence: sequence, payload };
}
