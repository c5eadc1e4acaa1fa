import { wireTime } from '../../core/clock.ts';
import type { Entry } from '../ledger.ts';
import { type ReportedAccount, reportEntry, reportedAccount } from './entry.ts';
import { document, element, leaf } from './write.ts';

/** The message id of an entry's notification: one entry, one message, however often it is sent. */
export function notificationId(entry: Entry): string {
  return `NTF${entry.bankReference}`;
}

/** Writes a `camt.054.001.08` (BankToCustomerDebitCreditNotification) about one entry. */
export function writeCamt054(account: ReportedAccount, entry: Entry): string {
  const id = notificationId(entry);
  const created = leaf('CreDtTm', wireTime(entry.bookedMs));
  return document(
    'camt.054.001.08',
    element(
      'BkToCstmrDbtCdtNtfctn',
      element('GrpHdr', leaf('MsgId', id), created),
      element('Ntfctn', leaf('Id', id), created, reportedAccount(account), reportEntry(entry)),
    ),
  );
}
