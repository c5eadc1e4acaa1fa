import type { AccountCode } from '@keyturn/ledger';
import { defineTable } from '@keyturn/pipeline';
import type { PayoutState } from './decide/payout-state.ts';
import type { Proof } from './decide/proof.ts';

/**
 * Money out: one payment from a custody account to somebody's bank account. Minor units of
 * `currency`.
 */
export interface Payout {
  readonly id: string;
  /** The bank's EndToEndId: 26 characters, from the id. */
  readonly number: string;
  readonly sourceBook: string;
  readonly sourceCode: AccountCode;
  readonly sourceOwner: string;
  /** The custody account that pays, and the ledger code of its asset account. */
  readonly custodyAccountId: string;
  readonly custodyCode: 1001 | 1002 | 1003;
  /** The virtual account that the money lies on at the bank, when it does. */
  readonly virtualAccount: string | null;
  readonly payeeKind: 'bank_account' | 'custody_account';
  /** A bank account's uuid, or a custody account's id. */
  readonly payeeId: string;
  /** The payee's number as it may be shown. */
  readonly payeeShown: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly purpose: string;
  /** What the payee reads on the statement. */
  readonly remittance: string;
  readonly referenceKind: string | null;
  readonly referenceId: string | null;
  readonly state: PayoutState;
  readonly maker: string;
  readonly checker: string | null;
  /** The hold on the source, until it is posted or voided. */
  readonly holdJournal: string;
  readonly holdLeg: number;
  /** How often it was sent to the bank, always as the same message; and when first and last. */
  readonly submissions: number;
  readonly firstSubmittedAt: Temporal.Instant | null;
  readonly submittedAt: Temporal.Instant | null;
  readonly firstNotFoundAt: Temporal.Instant | null;
  readonly queries: number;
  readonly bankReference: string | null;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  /** What proves that the bank did not pay; there whenever it failed. */
  readonly proof: Proof | null;
  /** The receipt by which it came back, known before the money is on its source again. */
  readonly returnReceiptId: string | null;
  readonly returnReason: string | null;
  readonly dueAt: Temporal.Instant | null;
  readonly events: bigint;
  readonly createdAt: Temporal.Instant;
  readonly approvedAt: Temporal.Instant | null;
  readonly paidAt: Temporal.Instant | null;
  readonly paidOn: Temporal.PlainDate | null;
  readonly finalAt: Temporal.Instant | null;
}

export const payoutTable = defineTable<Payout>({
  name: 'payouts.payout',
  columns: {
    id: 'uuid',
    number: 'text',
    sourceBook: 'text',
    sourceCode: 'int2',
    sourceOwner: 'text',
    custodyAccountId: 'text',
    custodyCode: 'int2',
    virtualAccount: 'text',
    payeeKind: 'text',
    payeeId: 'text',
    payeeShown: 'text',
    amountMinor: 'int8',
    currency: 'text',
    purpose: 'text',
    remittance: 'text',
    referenceKind: 'text',
    referenceId: 'text',
    state: 'text',
    maker: 'text',
    checker: 'text',
    holdJournal: 'uuid',
    holdLeg: 'int2',
    submissions: 'int4',
    firstSubmittedAt: 'timestamptz',
    submittedAt: 'timestamptz',
    firstNotFoundAt: 'timestamptz',
    queries: 'int4',
    bankReference: 'text',
    failureCode: 'text',
    failureMessage: 'text',
    proof: 'jsonb',
    returnReceiptId: 'uuid',
    returnReason: 'text',
    dueAt: 'timestamptz',
    events: 'int8',
    createdAt: 'timestamptz',
    approvedAt: 'timestamptz',
    paidAt: 'timestamptz',
    paidOn: 'date',
    finalAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [
    'state',
    'checker',
    'submissions',
    'firstSubmittedAt',
    'submittedAt',
    'firstNotFoundAt',
    'bankReference',
    'failureCode',
    'failureMessage',
    'proof',
    'returnReceiptId',
    'returnReason',
    'dueAt',
    'events',
    'approvedAt',
    'paidAt',
    'paidOn',
    'finalAt',
  ],
});
