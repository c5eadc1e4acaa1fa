import { hash } from 'node:crypto';
import { bankDate, bankZone, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import { createRowSet, type RowSet, type Table, toJson } from '@keyturn/pipeline';
import type { CommandContext, CommandKind } from '../../platform/index.ts';
import type { Concealed } from '../../platform/secrets/concealed.ts';
import type { BankEntry } from '../channels/index.ts';
import { differencesOf } from './decide/differences.ts';
import type { KnownKind } from './decide/receipt-kind.ts';
import { refuse } from './errors.ts';
import { receiptEvent } from './events.ts';
import { assetOf, suspenseOf } from './specs.ts';
import {
  accountTable,
  lockAccounts,
  readKnownReceipts,
  readVirtualAccountsByNumber,
  receiptTable,
  virtualAccountTable,
} from './store.ts';
import type { CustodyAccount, Receipt, RecordedEntry, VirtualAccount } from './types.ts';

/**
 * One entry of a bank, as the command takes it: the other side sealed, and out of the fingerprint.
 */
export interface RecordEntryInput extends KnownKind {
  readonly accountId: string;
  readonly source: Receipt['source'];
  readonly entry: Omit<BankEntry, 'counterpartyName' | 'counterpartyAccount'>;
  readonly counterparty: Concealed<{ readonly sealed: string; readonly masked: string }> | null;
}

export type RecordEntryUnits = {
  readonly accounts: RowSet<CustodyAccount>;
  readonly virtualAccounts: RowSet<VirtualAccount>;
  readonly receipts: RowSet<Receipt>;
  readonly ledger: LedgerUnit;
};

/**
 * Receipts by what the bank calls the entry: there a notice and a statement of the same thing meet.
 */
const byEntry: Table<Receipt> = {
  ...receiptTable,
  key: ['accountId', 'bankReference', 'direction'],
  mutable: [],
};
const byNumber: Table<VirtualAccount> = { ...virtualAccountTable, key: ['number'], mutable: [] };

function entryKey({ accountId, entry }: RecordEntryInput): string {
  return `${accountId}/${entry.bankReference}/${entry.direction}`;
}

/**
 * The same entry told in the same way is the same command; told differently, it is looked at anew.
 */
export function recordEntryKey(input: RecordEntryInput): string {
  const content = hash('sha256', toJson(input)).slice(0, 16);
  return `custody.record_entry:${entryKey(input)}/${content}`;
}

/**
 * Books one entry of a bank, once for ever: a credit from the asset account to suspense; of a debit
 * only the receipt is kept, since whoever ordered it books it.
 */
export const recordEntryKind: CommandKind<RecordEntryInput, RecordEntryUnits, RecordedEntry> = {
  name: 'custody.record_entry',
  units: () => ({
    accounts: createRowSet(accountTable),
    virtualAccounts: createRowSet(byNumber),
    receipts: createRowSet(byEntry),
    ledger: createLedgerUnit(),
  }),
  load: async (tx, units, calls) => {
    const inputs = calls.map(({ input }) => input);
    const accounts = await lockAccounts(tx, [...new Set(inputs.map((input) => input.accountId))]);
    units.accounts.adopt(accounts);
    const numbers = inputs.flatMap(({ entry }) => entry.virtualAccount ?? []);
    units.virtualAccounts.adopt(await readVirtualAccountsByNumber(tx, [...new Set(numbers)]));
    const keys = new Map(inputs.map((input) => [entryKey(input), input]));
    const wanted = [...keys.values()].map(({ accountId, entry }) => ({
      accountId,
      bankReference: entry.bankReference,
      direction: entry.direction,
    }));
    units.receipts.adopt(await readKnownReceipts(tx, wanted));
    const specs = accounts.flatMap((account) => [
      assetOf(account),
      suspenseOf({ book: account.book, accountId: account.id }),
    ]);
    const now = present(calls[0], 'a call').context.now;
    await units.ledger.load(tx, { accounts: specs }, now);
  },
  decide: (units, input, context) => {
    const known = units.receipts.get(entryKey(input));
    if (known !== undefined) {
      const differs = differencesOf(known, input.entry);
      return ok({ receiptId: known.id, recorded: false, differs });
    }
    return record(units, input, context);
  },
};

function record(
  units: RecordEntryUnits,
  input: RecordEntryInput,
  context: CommandContext,
): Result<RecordedEntry, Refusal> {
  const account = present(units.accounts.get(input.accountId), 'the account of an entry');
  const { entry } = input;
  if (entry.currency !== account.currency) {
    const { bankReference: bank_reference, currency } = entry;
    return refuse('entry_currency_mismatch', {
      values: { bank_reference, currency, account: account.id },
    });
  }
  const id = context.newId(account.id);
  const journalId = entry.direction === 'credit' ? context.newId(account.id) : null;
  const receipt = units.receipts.insert(
    receiptOf(input, account, units.virtualAccounts.get(entry.virtualAccount ?? ''), {
      id,
      journalId,
      now: context.now,
    }),
  );
  if (journalId !== null) {
    const booked = units.ledger.post(
      {
        id: journalId,
        book: account.book,
        cause: { module: 'custody', object: id, command: context.key },
        transfers: [
          {
            kind: 'posted',
            debit: assetOf(account),
            credit: suspenseOf(receipt),
            amount: entry.amount,
          },
        ],
        ...effective(entry.valueOn, context.now),
      },
      context.now,
    );
    if (!booked.ok) return booked;
  }
  context.emit(receiptEvent(receipt));
  return ok({ receiptId: id, recorded: true, differs: [] });
}

/** A value date other than today's counts from the start of its day in the banks' zone. */
function effective(
  valueOn: Temporal.PlainDate,
  now: Temporal.Instant,
): { readonly effectiveAt?: Temporal.Instant } {
  if (valueOn.equals(bankDate(now))) return {};
  return { effectiveAt: valueOn.toZonedDateTime(bankZone).toInstant() };
}

function receiptOf(
  input: RecordEntryInput,
  account: CustodyAccount,
  virtual: VirtualAccount | undefined,
  made: { readonly id: string; readonly journalId: string | null; readonly now: Temporal.Instant },
): Receipt {
  const { entry, counterparty } = input;
  return {
    id: made.id,
    accountId: account.id,
    book: account.book,
    bankReference: entry.bankReference,
    direction: entry.direction,
    amount: entry.amount,
    currency: entry.currency,
    bookedOn: entry.bookedOn,
    valueOn: entry.valueOn,
    kind: input.kind,
    virtualNumber: entry.virtualAccount ?? null,
    virtualAccountId: virtual?.id ?? null,
    ownerKind: virtual?.ownerKind ?? null,
    ownerId: virtual?.ownerId ?? null,
    endToEndId: entry.returned?.endToEndId ?? entry.endToEndId ?? null,
    counterpartySealed: counterparty?.value.sealed ?? null,
    counterpartyMasked: counterparty?.value.masked ?? null,
    remittance: entry.remittance ?? null,
    returnReason: entry.returned?.reason ?? null,
    settledContract: input.settledContract,
    settledDate: input.settledDate,
    source: input.source,
    state: entry.direction === 'credit' ? 'booked' : 'noted',
    assignedModule: null,
    assignedObject: null,
    assignedAt: null,
    journalId: made.journalId,
    recordedAt: made.now,
    events: 1n,
  };
}
