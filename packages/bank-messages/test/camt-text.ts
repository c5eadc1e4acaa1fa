/** Text of small camt messages for tests, in the manner of version 08. */

export interface EntryText {
  readonly amount: string;
  readonly direction: 'CRDT' | 'DBIT';
  readonly status?: string;
  readonly reversal?: boolean;
  readonly currency?: string;
  readonly inside?: string;
}

export function entryText(entry: EntryText): string {
  const currency = entry.currency ?? 'CNY';
  const reversal = entry.reversal === undefined ? '' : `<RvslInd>${entry.reversal}</RvslInd>`;
  return `<Ntry><Amt Ccy="${currency}">${entry.amount}</Amt><CdtDbtInd>${entry.direction}</CdtDbtInd>${reversal}<Sts><Cd>${entry.status ?? 'BOOK'}</Cd></Sts><BookgDt><Dt>2026-03-18</Dt></BookgDt><BkTxCd/>${entry.inside ?? ''}</Ntry>`;
}

export function balanceText(type: string, amount: string, date = '2026-03-18'): string {
  const sign = amount.startsWith('-') ? 'DBIT' : 'CRDT';
  return `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">${amount.replace('-', '')}</Amt><CdtDbtInd>${sign}</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>`;
}

export const accountText = '<Acct><Id><Othr><Id>622500001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>';

export function statementText(inside: string, head = ''): string {
  return `<Stmt><Id>S1</Id>${head}<CreDtTm>2026-03-19T00:30:00+08:00</CreDtTm>${accountText}${inside}</Stmt>`;
}

/** A whole camt.053.001.08; `statements` are texts of Stmt elements. */
export function messageText(...statements: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-19T00:30:00+08:00</CreDtTm></GrpHdr>${statements.join('')}</BkToCstmrStmt></Document>`;
}

/** A day's statement that holds: 100.00 + 50.00 - 20.00 = 130.00. */
export function soundStatement(): string {
  return statementText(
    balanceText('OPBD', '100.00') +
      balanceText('CLBD', '130.00') +
      entryText({ amount: '50.00', direction: 'CRDT' }) +
      entryText({ amount: '20.00', direction: 'DBIT' }),
  );
}
