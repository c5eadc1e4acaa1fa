import { err, ok, type Result } from '@keyturn/kernel';
import { readAmount } from '../camt/values.ts';
import { type FileRefusal, fileRefusal } from '../errors.ts';
import { describeKind, findMessages } from '../message-kind.ts';
import { createProblems, type Problems } from '../problems.ts';
import { at, child, childrenOf, pathOf, textAt, textsOf, type XmlElement } from '../xml/element.ts';
import { defaultXmlLimits, type XmlLimits } from '../xml/guard.ts';
import { readXml } from '../xml/read.ts';
import type {
  GroupStatus,
  PaymentStatusReport,
  StatusReason,
  TransactionStatus,
} from './status-report.ts';

function readReasons(element: XmlElement | undefined): readonly StatusReason[] {
  return childrenOf(element, 'StsRsnInf').map((reason) => {
    const holder = child(reason, 'Rsn') ?? child(reason, 'StsRsn');
    return {
      code: textAt(holder, 'Cd'),
      proprietary: textAt(holder, 'Prtry'),
      info: [...textsOf(reason, 'AddtlInf'), ...textsOf(reason, 'AddtlStsRsnInf')],
    };
  });
}

function readTransaction(element: XmlElement, problems: Problems): TransactionStatus {
  const amount = at(element, 'OrgnlTxRef', 'Amt', 'InstdAmt');
  const accepted = child(element, 'AccptncDtTm');
  return {
    path: pathOf(element),
    statusId: textAt(element, 'StsId'),
    originalInstructionId: textAt(element, 'OrgnlInstrId'),
    originalEndToEndId: textAt(element, 'OrgnlEndToEndId'),
    status: textAt(element, 'TxSts'),
    reasons: readReasons(element),
    bankReference: textAt(element, 'AcctSvcrRef'),
    clearingReference: textAt(element, 'ClrSysRef'),
    acceptedAt: accepted?.text === '' ? undefined : accepted?.text,
    originalAmount: amount === undefined ? undefined : readAmount(amount, problems),
  };
}

function readGroup(element: XmlElement, problems: Problems): GroupStatus {
  return {
    path: pathOf(element),
    originalGroupId: textAt(element, 'OrgnlPmtInfId'),
    status: textAt(element, 'PmtInfSts'),
    reasons: readReasons(element),
    transactions: childrenOf(element, 'TxInfAndSts').map((one) => readTransaction(one, problems)),
  };
}

/** Transactions right below the message, as version 02 has them, form a group without an id. */
function looseTransactions(body: XmlElement, problems: Problems): readonly GroupStatus[] {
  const loose = childrenOf(body, 'TxInfAndSts').map((one) => readTransaction(one, problems));
  if (loose.length === 0) return [];
  return [
    {
      path: pathOf(body),
      originalGroupId: undefined,
      status: undefined,
      reasons: [],
      transactions: loose,
    },
  ];
}

function readReport(body: XmlElement, version: string, problems: Problems): PaymentStatusReport {
  const original = child(body, 'OrgnlGrpInfAndSts');
  const report: PaymentStatusReport = {
    version,
    messageId: textAt(body, 'GrpHdr', 'MsgId'),
    createdAt: textAt(body, 'GrpHdr', 'CreDtTm'),
    originalMessageId: textAt(original, 'OrgnlMsgId'),
    originalMessageName: textAt(original, 'OrgnlMsgNmId'),
    status: textAt(original, 'GrpSts'),
    reasons: readReasons(original),
    groups: [
      ...childrenOf(body, 'OrgnlPmtInfAndSts').map((group) => readGroup(group, problems)),
      ...looseTransactions(body, problems),
    ],
  };
  const told = [
    report.status,
    ...report.groups.flatMap((group) => [
      group.status,
      ...group.transactions.map((transaction) => transaction.status),
    ]),
  ];
  if (told.every((status) => status === undefined)) {
    const what = 'there is no status of message, group or payment';
    problems.refuse('nothing_inside', { path: pathOf(body) }, { what });
  }
  return report;
}

/**
 * Reads a pain.002 payment status report of any version, the national variants included. Statuses
 * and reason codes stay as the bank wrote them. Never throws.
 */
export function readPain002(
  bytes: Uint8Array,
  fileName = 'the answer',
  limits: XmlLimits = defaultXmlLimits,
): Result<PaymentStatusReport, FileRefusal> {
  const xml = readXml(bytes, fileName, limits);
  if (!xml.ok) return xml;
  const message = findMessages(xml.value.root)[0];
  if (message?.kind !== 'pain.002') {
    const root = xml.value.root.name.slice(0, 60);
    const what =
      message?.kind === undefined
        ? `XML with the root element ${root}`
        : describeKind(message.kind, message.version);
    return err(fileRefusal('not_a_status_report', fileName, { path: `/${root}` }, { what }));
  }
  const problems = createProblems(fileName);
  const report = readReport(message.body, message.version, problems);
  const refusal = problems.refusal();
  return refusal === undefined ? ok(report) : err(refusal);
}
