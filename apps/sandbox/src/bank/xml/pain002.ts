import { wireTime } from '../../core/clock.ts';
import type { Reason } from './pain001.ts';
import { schemaName } from './pain001.ts';
import { amount, document, element, leaf, optionalLeaf, type Xml } from './write.ts';

/**
 * Codes of ISO 20022's ExternalPaymentTransactionStatus1Code: received and checked, waiting,
 * in process, debited, refused.
 */
export type TransactionStatus = 'ACTC' | 'PDNG' | 'ACSP' | 'ACSC' | 'RJCT';

/** A transaction's status in a report. */
export interface ReportedStatus {
  paymentInformationId: string;
  instructionId: string | undefined;
  endToEndId: string;
  status: TransactionStatus;
  reason: Reason | undefined;
  /** Fen; undefined when the instruction's could not be read. */
  amount: bigint | undefined;
  /** When the bank took the payment in. */
  acceptedMs: number | undefined;
  /** The debit's bank reference, once there is one. */
  bankReference: string | undefined;
}

export interface StatusReport {
  id: string;
  createdMs: number;
  originalMessageId: string;
  /** Left out of an answer about one payment. */
  group: { status: 'ACTC' | 'PART' | 'RJCT'; reason: Reason | undefined } | undefined;
  transactions: readonly ReportedStatus[];
}

function statusReason(reason: Reason | undefined): Xml | undefined {
  if (reason === undefined) return undefined;
  // Additional information takes 105 characters a piece.
  const pieces = reason.text.match(/.{1,105}/gsu) ?? [];
  const information = pieces.map((piece) => leaf('AddtlInf', piece, 105));
  return element('StsRsnInf', element('Rsn', leaf('Cd', reason.code)), ...information);
}

function transaction(reported: ReportedStatus): Xml {
  const { amount: fen, acceptedMs } = reported;
  return element(
    'TxInfAndSts',
    optionalLeaf('OrgnlInstrId', reported.instructionId),
    leaf('OrgnlEndToEndId', reported.endToEndId),
    leaf('TxSts', reported.status),
    statusReason(reported.reason),
    acceptedMs === undefined ? undefined : leaf('AccptncDtTm', wireTime(acceptedMs)),
    optionalLeaf('AcctSvcrRef', reported.bankReference),
    fen === undefined ? undefined : element('OrgnlTxRef', element('Amt', amount('InstdAmt', fen))),
  );
}

/** Writes a `pain.002.001.10` (CustomerPaymentStatusReport). */
export function writePain002(report: StatusReport): string {
  const { group, transactions } = report;
  const blocks = Map.groupBy(transactions, (reported) => reported.paymentInformationId);
  return document(
    'pain.002.001.10',
    element(
      'CstmrPmtStsRpt',
      element('GrpHdr', leaf('MsgId', report.id), leaf('CreDtTm', wireTime(report.createdMs))),
      element(
        'OrgnlGrpInfAndSts',
        leaf('OrgnlMsgId', report.originalMessageId),
        leaf('OrgnlMsgNmId', schemaName),
        group === undefined ? undefined : leaf('GrpSts', group.status),
        statusReason(group?.reason),
      ),
      ...[...blocks].map(([id, reported]) =>
        element('OrgnlPmtInfAndSts', leaf('OrgnlPmtInfId', id), ...reported.map(transaction)),
      ),
    ),
  );
}
