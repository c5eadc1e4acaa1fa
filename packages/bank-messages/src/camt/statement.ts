import { isStatementCurrency } from '../currency.ts';
import { isoDate } from '../date.ts';
import type { FoundMessage } from '../message-kind.ts';
import type { Problems } from '../problems.ts';
import type {
  Balance,
  Statement,
  StatementAccount,
  StatementEntry,
  StatementFormat,
  StatementPage,
} from '../statement.ts';
import { at, child, childrenOf, pathOf, textAt, type XmlElement } from '../xml/element.ts';
import { pickBalances, readBalance } from './balance.ts';
import { readEntry } from './entry.ts';
import { accountIds, readAgent, readParty } from './party.ts';
import { settleReversals } from './reversal.ts';
import { readTotals } from './totals.ts';
import { dateIn } from './values.ts';

/** The element that holds one statement, by message. */
const holders = { 'camt.052': 'Rpt', 'camt.053': 'Stmt', 'camt.054': 'Ntfctn' } as const;
export type CamtFormat = Extract<StatementFormat, keyof typeof holders>;

export function isCamtFormat(kind: string | undefined): kind is CamtFormat {
  return kind !== undefined && Object.hasOwn(holders, kind);
}

function readAccount(statement: XmlElement, problems: Problems): StatementAccount {
  const account = child(statement, 'Acct');
  const { iban, other } = accountIds(account);
  const id = iban ?? other;
  if (id === undefined) {
    const path = `${pathOf(account ?? statement)}${account ? '/Id' : '/Acct/Id'}`;
    problems.refuse('account_missing', { path }, {});
  }
  return {
    id: id ?? '',
    iban,
    other,
    name: textAt(account, 'Nm'),
    ownerName: readParty(child(account, 'Ownr'))?.name,
    servicer: readAgent(child(account, 'Svcr')),
  };
}

/**
 * The currency of the account; where the bank leaves it out, that of the first balance or entry.
 */
function pickCurrency(
  statement: XmlElement,
  balances: readonly Balance[],
  entries: readonly StatementEntry[],
  problems: Problems,
): string {
  const element = at(statement, 'Acct', 'Ccy');
  if (element !== undefined && element.text !== '' && !isStatementCurrency(element.text)) {
    const value = element.text.slice(0, 40);
    problems.refuse('currency_unknown', { path: pathOf(element) }, { value });
  }
  const named = element?.text === '' ? undefined : element?.text;
  return named ?? balances[0]?.currency ?? entries[0]?.currency ?? '';
}

/** The page: of the statement itself, or of the message when it holds one statement. */
function readPage(statement: XmlElement, message: XmlElement): StatementPage | undefined {
  const own =
    child(statement, 'StmtPgntn') ??
    child(statement, 'RptPgntn') ??
    child(statement, 'NtfctnPgntn');
  const pagination = own ?? at(message, 'GrpHdr', 'MsgPgntn');
  const number = textAt(pagination, 'PgNb');
  if (number === undefined || !/^\d{1,5}$/.test(number)) return undefined;
  const last = textAt(pagination, 'LastPgInd');
  const page = {
    number: Number(number),
    last: last === undefined ? undefined : last === 'true' || last === '1',
  };
  return page.number <= 1 && page.last !== false ? undefined : page;
}

function period(statement: XmlElement, problems: Problems) {
  const range = child(statement, 'FrToDt');
  return {
    from: dateIn(range, 'FrDtTm', problems) ?? dateIn(range, 'FrDt', problems),
    to: dateIn(range, 'ToDtTm', problems) ?? dateIn(range, 'ToDt', problems),
  };
}

/** A statement that says nothing at all is no statement: an empty body under the right name. */
function refuseEmpty(
  statement: XmlElement,
  kind: CamtFormat,
  currency: string,
  counts: { readonly balances: number; readonly entries: number },
  problems: Problems,
): void {
  if (counts.entries > 0 || counts.balances > 0) return;
  if (kind !== 'camt.053' && currency !== '') return;
  const what = 'there is neither a balance (Bal) nor an entry (Ntry)';
  problems.refuse('nothing_inside', { path: pathOf(statement) }, { what });
}

function createdAt(element: XmlElement | undefined, problems: Problems): string | undefined {
  const holder = child(element, 'CreDtTm');
  if (holder === undefined || holder.text === '') return undefined;
  if (isoDate(holder.text) === undefined) {
    const values = { what: 'CreDtTm', value: holder.text.slice(0, 40) };
    problems.note('value_ignored', { path: pathOf(holder) }, values);
    return undefined;
  }
  return holder.text;
}

function readOne(
  statement: XmlElement,
  message: FoundMessage,
  kind: CamtFormat,
  problems: Problems,
): Statement {
  const account = readAccount(statement, problems);
  const balances = childrenOf(statement, 'Bal')
    .map((element) => readBalance(element, problems))
    .filter((balance) => balance !== undefined);
  const entries = childrenOf(statement, 'Ntry').map((entry) =>
    readEntry(entry, account.id, kind, problems),
  );
  const currency = pickCurrency(statement, balances, entries, problems);
  const counts = { balances: balances.length, entries: entries.length };
  refuseEmpty(statement, kind, currency, counts, problems);
  const statementId = textAt(statement, 'Id');
  const path = pathOf(statement);
  if (statementId === undefined) {
    problems.note('element_missing', { path: `${path}/Id` }, { what: 'the id of the statement' });
  }
  const page = readPage(statement, message.body);
  const picked = pickBalances(balances, kind, page);
  const declared = readTotals(child(statement, 'TxsSummry'), currency, problems);
  return {
    format: kind,
    version: message.version,
    path,
    line: undefined,
    messageId: textAt(message.body, 'GrpHdr', 'MsgId'),
    statementId,
    createdAt: createdAt(statement, problems) ?? createdAt(child(message.body, 'GrpHdr'), problems),
    sequence: {
      electronic: textAt(statement, 'ElctrncSeqNb'),
      legal: textAt(statement, 'LglSeqNb'),
    },
    page,
    copyDuplicate: textAt(statement, 'CpyDplctInd'),
    account,
    currency,
    ...period(statement, problems),
    ...picked,
    balances,
    ...settleReversals({ ...picked, currency, entries, declared }),
    declared,
    additionalInfo:
      textAt(statement, 'AddtlStmtInf') ??
      textAt(statement, 'AddtlRptInf') ??
      textAt(statement, 'AddtlNtfctnInf'),
    notes: problems.takeNotes(),
  };
}

/** Reads all statements of one camt message. */
export function readCamt(
  message: FoundMessage,
  kind: CamtFormat,
  problems: Problems,
): readonly Statement[] {
  const holder = holders[kind];
  const found = childrenOf(message.body, holder);
  const path = pathOf(message.body);
  if (found.length === 0) {
    const what = `there is no ${holder} element in the ${kind} message`;
    problems.refuse('nothing_inside', { path }, { what });
  }
  if (message.contradiction !== undefined) {
    const values = { namespace: message.contradiction, message: kind };
    problems.note('namespace_contradicts', { path }, values);
  }
  if (textAt(message.body, 'GrpHdr', 'MsgId') === undefined) {
    const place = { path: `${path}/GrpHdr/MsgId` };
    problems.note('element_missing', place, { what: 'the id of the message' });
  }
  return found.map((statement) => readOne(statement, message, kind, problems));
}
