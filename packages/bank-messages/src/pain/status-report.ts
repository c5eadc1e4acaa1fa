/** A reason that a bank gives with a status: ISO ExternalStatusReason1Code or its own. */
export interface StatusReason {
  readonly code: string | undefined;
  readonly proprietary: string | undefined;
  readonly info: readonly string[];
}

/** What became of one payment. */
export interface TransactionStatus {
  readonly path: string;
  readonly statusId: string | undefined;
  readonly originalInstructionId: string | undefined;
  readonly originalEndToEndId: string | undefined;
  /** ACTC, PDNG, ACSP, ACSC, RJCT …; undefined when the bank says only the group's. */
  readonly status: string | undefined;
  readonly reasons: readonly StatusReason[];
  /** The bank's reference of the entry, once there is one. */
  readonly bankReference: string | undefined;
  readonly clearingReference: string | undefined;
  /** As written by the bank (ISO 8601). */
  readonly acceptedAt: string | undefined;
  /** The amount ordered, when the bank repeats it: unsigned minor units. */
  readonly originalAmount: { readonly amount: bigint; readonly currency: string } | undefined;
}

/** What became of one group of payments (OrgnlPmtInfAndSts). */
export interface GroupStatus {
  readonly path: string;
  readonly originalGroupId: string | undefined;
  readonly status: string | undefined;
  readonly reasons: readonly StatusReason[];
  readonly transactions: readonly TransactionStatus[];
}

/** A pain.002. */
export interface PaymentStatusReport {
  readonly version: string;
  readonly messageId: string | undefined;
  readonly createdAt: string | undefined;
  readonly originalMessageId: string | undefined;
  /** `pain.001.001.09`. */
  readonly originalMessageName: string | undefined;
  /** The status of the whole message; undefined when the bank says only those below. */
  readonly status: string | undefined;
  readonly reasons: readonly StatusReason[];
  readonly groups: readonly GroupStatus[];
}
