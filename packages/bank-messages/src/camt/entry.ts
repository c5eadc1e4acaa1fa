import type { Problems } from '../problems.ts';
import type { Batch, EntryStatus, StatementEntry } from '../statement.ts';
import { child, childrenOf, pathOf, textAt, type XmlElement } from '../xml/element.ts';
import {
  type OwnerSide,
  readCharges,
  readDetail,
  readFacts,
  readTransactionCode,
} from './detail.ts';
import { countIn, dateIn, flagIn, readAmount, readDirection, signed } from './values.ts';

const statuses: Readonly<Record<string, EntryStatus>> = {
  BOOK: 'booked',
  PDNG: 'pending',
  INFO: 'information',
  FUTR: 'future',
};

/** The code in Sts: text to version 07, a choice of Cd and Prtry from version 08 on. */
function readStatus(
  entry: XmlElement,
  statementKind: string,
  problems: Problems,
): { readonly status: EntryStatus; readonly statusCode: string | undefined } {
  const holder = child(entry, 'Sts');
  const code = textAt(holder, 'Cd') ?? textAt(holder, 'Prtry') ?? textAt(holder);
  const place = { path: `${pathOf(entry)}/Sts` };
  if (code === undefined) {
    if (statementKind === 'camt.053') problems.note('status_missing', place);
    else problems.refuse('element_missing', place, { what: 'the status (booked or pending)' });
    return { status: 'booked', statusCode: undefined };
  }
  const status = Object.hasOwn(statuses, code) ? statuses[code] : undefined;
  if (status === undefined) problems.note('status_unknown', place, { value: code.slice(0, 40) });
  return { status: status ?? 'unknown', statusCode: code };
}

function readBatch(
  element: XmlElement | undefined,
  entryDirection: 'credit' | 'debit',
  problems: Problems,
): Batch | undefined {
  if (element === undefined) return undefined;
  const amount = child(element, 'TtlAmt');
  const total = amount === undefined ? undefined : readAmount(amount, problems);
  const direction = readDirection(element, problems, entryDirection);
  return {
    messageId: textAt(element, 'MsgId'),
    paymentInformationId: textAt(element, 'PmtInfId'),
    count: countIn(element, 'NbOfTxs', problems),
    total: total === undefined ? undefined : signed(total.amount, direction),
    currency: total?.currency,
  };
}

/** Reads one Ntry. Without an amount, a direction or a usable date the file is refused. */
export function readEntry(
  entry: XmlElement,
  accountId: string,
  statementKind: string,
  problems: Problems,
): StatementEntry {
  const path = pathOf(entry);
  const amountElement = child(entry, 'Amt');
  if (amountElement === undefined) {
    problems.refuse('element_missing', { path: `${path}/Amt` }, { what: 'the amount' });
  }
  const read = amountElement ? readAmount(amountElement, problems) : { amount: 0n, currency: '' };
  const direction = readDirection(entry, problems);
  const reversal = flagIn(entry, 'RvslInd');
  const owner: OwnerSide = { accountId, direction, reversal };
  const groups = childrenOf(entry, 'NtryDtls');
  const transactions = [entry, ...groups].flatMap((group) => childrenOf(group, 'TxDtls'));
  const batches = [entry, ...groups].flatMap((group) => childrenOf(group, 'Btch'));
  const single = transactions.length === 1 ? transactions[0] : undefined;
  const batch = batches.length === 1 ? readBatch(batches[0], direction, problems) : undefined;
  return {
    ...readFacts(single, owner),
    path,
    line: undefined,
    amount: signed(read.amount, direction),
    currency: read.currency,
    direction,
    ...readStatus(entry, statementKind, problems),
    reversal,
    bookingDate: dateIn(entry, 'BookgDt', problems),
    valueDate: dateIn(entry, 'ValDt', problems),
    bankReference: textAt(entry, 'AcctSvcrRef'),
    entryReference: textAt(entry, 'NtryRef'),
    bankTransactionCode: readTransactionCode(child(entry, 'BkTxCd')),
    charges: readCharges(entry, problems),
    additionalInfo: textAt(entry, 'AddtlNtryInf'),
    batch,
    details: transactions.map((transaction) => readDetail(transaction, owner, problems)),
  };
}
