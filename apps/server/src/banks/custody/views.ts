import { encodeId } from '@keyturn/kernel';
import { moneyToWire } from '../../platform/index.ts';
import type { CustodyAccount, Receipt, ReceiptView } from './types.ts';

function optional<K extends string, V>(key: K, value: V | null): { readonly [P in K]?: V } {
  return (value === null ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

export function receiptView(receipt: Receipt): ReceiptView {
  const { assignedModule, assignedObject } = receipt;
  const assigned =
    assignedModule === null || assignedObject === null
      ? null
      : { module: assignedModule, object: assignedObject };
  return {
    id: encodeId('rcp', receipt.id),
    account_id: receipt.accountId,
    book: receipt.book,
    bank_reference: receipt.bankReference,
    direction: receipt.direction,
    kind: receipt.kind,
    amount: moneyToWire(receipt.amount, receipt.currency),
    booked_on: receipt.bookedOn.toString(),
    value_date: receipt.valueOn.toString(),
    state: receipt.state,
    source: receipt.source,
    ...optional('virtual_account', receipt.virtualNumber),
    ...optional('owner_kind', receipt.ownerKind),
    ...optional('owner_id', receipt.ownerId),
    ...optional('end_to_end_id', receipt.endToEndId),
    ...optional('counterparty', receipt.counterpartyMasked),
    ...optional('remittance', receipt.remittance),
    ...optional('return_reason', receipt.returnReason),
    ...optional('settled_contract', receipt.settledContract),
    ...optional('settled_date', receipt.settledDate?.toString() ?? null),
    ...optional('assigned_to', assigned),
    recorded_at: receipt.recordedAt.toString(),
  };
}

/** A custody account as the API shows it. */
export function accountView(account: CustodyAccount) {
  return {
    id: account.id,
    book: account.book,
    contract_id: account.contractId,
    number: account.number,
    ledger_code: account.ledgerCode,
    name: account.name,
    bank_code: account.bankCode,
    bank_name: account.bankName,
    currency: account.currency,
    state: account.state,
  };
}
