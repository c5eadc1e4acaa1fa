import { assert } from '@keyturn/kernel';
import type { NewEvent } from '../../platform/index.ts';
import type { Receipt, ReceiptRecorded, VirtualAccount } from './types.ts';

/** What custody tells the modules above. Payloads hold ids, numbers and amounts; no people. */

export const custodyEvents = {
  receiptRecorded: 'custody.receipt_recorded',
  debitSeen: 'custody.debit_seen',
  virtualAccountOpened: 'custody.virtual_account_opened',
  virtualAccountRefused: 'custody.virtual_account_refused',
  virtualAccountClosed: 'custody.virtual_account_closed',
} as const;

function optional<K extends string, V>(key: K, value: V | null): { readonly [P in K]?: V } {
  return (value === null ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

/** The first event of a receipt: money that came in, or went out. */
export function receiptEvent(receipt: Receipt): NewEvent {
  const common = {
    receipt_id: receipt.id,
    account_id: receipt.accountId,
    book: receipt.book,
    amount: receipt.amount,
    currency: receipt.currency,
    bank_reference: receipt.bankReference,
    value_date: receipt.valueOn.toString(),
    source: receipt.source,
    ...optional('virtual_account_id', receipt.virtualAccountId),
    ...optional('owner_kind', receipt.ownerKind),
    ...optional('owner_id', receipt.ownerId),
    ...optional('end_to_end_id', receipt.endToEndId),
  };
  const head = { objectId: receipt.id, objectSequence: receipt.events };
  const { kind } = receipt;
  if (kind === 'debit') return { ...head, type: custodyEvents.debitSeen, payload: common };
  const payload: ReceiptRecorded = {
    ...common,
    kind,
    ...optional('remittance', receipt.remittance),
    ...optional('return_reason', receipt.returnReason),
    ...optional('settled_contract', receipt.settledContract),
    ...optional('settled_date', receipt.settledDate?.toString() ?? null),
  };
  return { ...head, type: custodyEvents.receiptRecorded, payload: { ...payload } };
}

/** What became of a virtual account; nothing while that is not known. */
export function virtualAccountEvent(account: VirtualAccount): NewEvent {
  const types = {
    open: custodyEvents.virtualAccountOpened,
    refused: custodyEvents.virtualAccountRefused,
    closed: custodyEvents.virtualAccountClosed,
    requested: undefined,
    closing: undefined,
  } as const;
  const type = types[account.state];
  assert(type !== undefined, `the state ${account.state} is told to nobody`);
  return {
    type,
    objectId: account.id,
    objectSequence: account.events,
    payload: {
      virtual_account_id: account.id,
      account_id: account.accountId,
      owner_kind: account.ownerKind,
      owner_id: account.ownerId,
      ...optional('number', account.number),
      ...optional('refusal_code', account.refusal?.code ?? null),
    },
  };
}
