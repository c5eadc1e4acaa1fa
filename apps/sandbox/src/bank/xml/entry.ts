import { wireTime } from '../../core/clock.ts';
import type { Entry, EntryKind } from '../ledger.ts';
import { accountId, amount, element, leaf, optionalLeaf, remittance, type Xml } from './write.ts';

/** The bank itself, as its messages name it. The code is in nobody's use. */
export const bank = { name: 'Sandbox Escrow Bank', cnaps: '999290000018' };

/** The account that a statement or notification is about. */
export interface ReportedAccount {
  account: string;
  name: string;
  ownerName: string;
}

/** `CNAPS` is ISO 20022's ExternalClearingSystemIdentification1Code for China. */
function agent(name: string, cnaps: string, bankName?: string): Xml {
  const system = element('ClrSysId', leaf('Cd', 'CNAPS'));
  const member = element('ClrSysMmbId', system, leaf('MmbId', cnaps));
  return element(name, element('FinInstnId', member, optionalLeaf('Nm', bankName, 140)));
}

export function reportedAccount({ account, name, ownerName }: ReportedAccount): Xml {
  return element(
    'Acct',
    accountId(account),
    leaf('Ccy', 'CNY'),
    leaf('Nm', name, 70),
    element('Ownr', leaf('Nm', ownerName, 140)),
    agent('Svcr', bank.cnaps, bank.name),
  );
}

/** Codes of ISO 20022's bank transaction code list: domain, family, sub-family. */
const transactionCodes: Record<EntryKind, readonly [string, string, string]> = {
  opening: ['ACMT', 'OPCL', 'ACOP'],
  incoming: ['PMNT', 'RCDT', 'DMCT'],
  payment: ['PMNT', 'ICDT', 'DMCT'],
  return: ['PMNT', 'ICDT', 'RRTN'],
};

function transactionCode(entry: Entry): Xml {
  const [domain, family, subFamily] = transactionCodes[entry.kind];
  const codes = element('Fmly', leaf('Cd', family), leaf('SubFmlyCd', subFamily));
  return element('BkTxCd', element('Domn', leaf('Cd', domain), codes));
}

export function creditDebit(fen: bigint): Xml {
  return leaf('CdtDbtInd', fen < 0n ? 'DBIT' : 'CRDT');
}

function reference(type: string, value: string | undefined): Xml | undefined {
  if (value === undefined) return undefined;
  return element('Prtry', leaf('Tp', type), leaf('Ref', value));
}

function references(entry: Entry): Xml {
  return element(
    'Refs',
    optionalLeaf('MsgId', entry.messageId),
    leaf('AcctSvcrRef', entry.bankReference),
    optionalLeaf('PmtInfId', entry.paymentInformationId),
    optionalLeaf('InstrId', entry.instructionId),
    leaf('EndToEndId', entry.endToEndId ?? 'NOTPROVIDED'),
    reference('VIRTUAL_ACCOUNT', entry.virtualAccount),
    reference('ORIGINAL_BANK_REFERENCE', entry.originalReference),
  );
}

/** The virtual account as an ultimate party, the way a pain.001 names it. */
function ultimateParty(name: string, virtualAccount: string | undefined): Xml | undefined {
  if (virtualAccount === undefined) return undefined;
  const scheme = element('SchmeNm', leaf('Prtry', 'VIRTUAL_ACCOUNT'));
  const id = element('OrgId', element('Othr', leaf('Id', virtualAccount), scheme));
  return element(name, element('Pty', element('Id', id)));
}

/**
 * A returned payment keeps the parties of the original one, as ISO 20022 wants it: the debtor is
 * the account's owner although the entry is a credit.
 */
function parties(entry: Entry): Xml {
  const ours = entry.kind === 'payment' || entry.kind === 'return' ? 'debtor' : 'creditor';
  const virtual = (side: string) => (side === ours ? entry.virtualAccount : undefined);
  return element(
    'RltdPties',
    element('Dbtr', element('Pty', leaf('Nm', entry.debtorName, 140))),
    element('DbtrAcct', accountId(virtual('debtor') ?? entry.debtorAccount)),
    ultimateParty('UltmtDbtr', virtual('debtor')),
    element('Cdtr', element('Pty', leaf('Nm', entry.creditorName, 140))),
    element('CdtrAcct', accountId(virtual('creditor') ?? entry.creditorAccount)),
    ultimateParty('UltmtCdtr', virtual('creditor')),
  );
}

function details(entry: Entry): Xml {
  const returned =
    entry.returnReason === undefined
      ? undefined
      : element('RtrInf', element('Rsn', leaf('Cd', entry.returnReason)));
  const payeesBank =
    entry.creditorAgent === undefined
      ? undefined
      : element('RltdAgts', agent('CdtrAgt', entry.creditorAgent));
  return element(
    'NtryDtls',
    element(
      'TxDtls',
      references(entry),
      amount('Amt', entry.amount),
      creditDebit(entry.amount),
      parties(entry),
      payeesBank,
      remittance(entry.remittance),
      returned,
    ),
  );
}

/** One entry as camt.053 and camt.054 have it (ReportEntry10). */
export function reportEntry(entry: Entry): Xml {
  return element(
    'Ntry',
    leaf('NtryRef', String(entry.seq)),
    amount('Amt', entry.amount),
    creditDebit(entry.amount),
    element('Sts', leaf('Cd', 'BOOK')),
    element('BookgDt', leaf('DtTm', wireTime(entry.bookedMs))),
    element('ValDt', leaf('Dt', entry.bookedOn)),
    leaf('AcctSvcrRef', entry.bankReference),
    transactionCode(entry),
    details(entry),
  );
}
