import { describe, expect, test } from 'vitest';
import {
  accountText,
  balanceText,
  entryText,
  messageText,
  soundStatement,
  statementText,
} from '../../test/camt-text.ts';
import { bytesOf, fixture } from '../../test/fixtures.ts';
import { readStatements } from '../read-statements.ts';
import type { Statement } from '../statement.ts';

function statements(text: string): readonly Statement[] {
  const read = readStatements(bytesOf(text), 'day.xml');
  if (!read.ok) throw new Error(read.error.reason);
  return read.value.statements;
}

function first(text: string): Statement {
  const statement = statements(text)[0];
  if (statement === undefined) throw new Error('no statement');
  return statement;
}

function refusal(text: string) {
  const read = readStatements(bytesOf(text), 'day.xml');
  if (read.ok) throw new Error('it was read');
  return read.error;
}

const sound = messageText(soundStatement());

describe('where a statement may lie', () => {
  const body = sound.replace(/^<\?xml[^>]*>\n/, '');

  test.each([
    [
      'in a business message with its header',
      `<BizMsgEnvlp xmlns="urn:x"><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><BizMsgIdr>1</BizMsgIdr></AppHdr>${body}</BizMsgEnvlp>`,
    ],
    [
      'in a SOAP envelope',
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Answer>${body}</Answer></s:Body></s:Envelope>`,
    ],
    [
      'beside a signature',
      body.replace('</Document>', '<ds:Signature xmlns:ds="urn:s"/></Document>'),
    ],
    ['before an end-of-file mark', `${body}\r\n\u001a\u0000`],
    ['behind a comment', `<!-- bank -->${body}`],
  ])('%s', (_name, text) => {
    const statement = first(text);
    expect(statement.version).toBe('camt.053.001.08');
    expect(statement.entries.length).toBe(2);
  });

  test('with prefixed names', () => {
    const prefixed = body.replace(/<(\/?)(\w)/g, '<$1n:$2').replace('xmlns=', 'xmlns:n=');
    expect(first(prefixed).closing?.amount).toBe(13000n);
    expect(first(prefixed).version).toBe('camt.053.001.08');
  });

  test('several statements in one message, and several messages in one envelope', () => {
    expect(statements(messageText(soundStatement(), soundStatement())).length).toBe(2);
    expect(statements(`<Batch>${body}${body}</Batch>`).length).toBe(2);
  });

  test('an envelope that mixes a statement with a payment order is refused', () => {
    const order = '<Document><CstmrCdtTrfInitn/></Document>';
    expect(refusal(`<Batch>${body}${order}</Batch>`).code).toBe('not_a_statement');
  });

  test('without a namespace the message element tells', () => {
    const bare = body.replace(/ xmlns="[^"]*"/, '');
    expect(first(bare).version).toBe('camt.053');
  });

  test('a namespace of another message is noted', () => {
    const notes = first(sound.replace('camt.053.001.08', 'camt.052.001.08')).notes;
    expect(notes.map(({ code }) => code)).toEqual(['namespace_contradicts']);
  });
});

describe('what cannot be used is refused with its place', () => {
  const entry = '/Document/BkToCstmrStmt/Stmt/Ntry[1]';

  test.each([
    [
      'no amount',
      '<Amt Ccy="CNY">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>',
      '<CdtDbtInd>CRDT</CdtDbtInd><Sts>',
      'element_missing',
      `${entry}/Amt`,
    ],
    ['an empty amount', '>50.00<', '><', 'amount_unusable', `${entry}/Amt`],
    ['a negative amount', '>50.00<', '>-50.00<', 'amount_unusable', `${entry}/Amt`],
    ['too many decimals', '>50.00<', '>50.005<', 'amount_unusable', `${entry}/Amt`],
    ['an amount with a comma', '>50.00<', '>50,00<', 'amount_unusable', `${entry}/Amt`],
    ['an amount with an exponent', '>50.00<', '>5e1<', 'amount_unusable', `${entry}/Amt`],
    [
      'an amount beyond 64 bits',
      '>50.00<',
      '>999999999999999999.00<',
      'amount_unusable',
      `${entry}/Amt`,
    ],
    ['no currency', '<Amt Ccy="CNY">50', '<Amt>50', 'element_missing', `${entry}/Amt/@Ccy`],
    [
      'an unknown currency',
      '<Amt Ccy="CNY">50',
      '<Amt Ccy="XXQ">50',
      'currency_unknown',
      `${entry}/Amt/@Ccy`,
    ],
    [
      'a metal for a currency',
      '<Amt Ccy="CNY">50',
      '<Amt Ccy="XAU">50',
      'currency_unknown',
      `${entry}/Amt/@Ccy`,
    ],
    [
      'no direction',
      '50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>',
      '50.00</Amt>',
      'element_missing',
      `${entry}/CdtDbtInd`,
    ],
    [
      'a direction that is none',
      '50.00</Amt><CdtDbtInd>CRDT',
      '50.00</Amt><CdtDbtInd>CREDIT',
      'value_unusable',
      `${entry}/CdtDbtInd`,
    ],
    [
      'a date that does not exist',
      '<BookgDt><Dt>2026-03-18',
      '<BookgDt><Dt>2026-02-30',
      'date_unusable',
      `${entry}/BookgDt/Dt`,
    ],
    [
      'a date in another form',
      '<BookgDt><Dt>2026-03-18',
      '<BookgDt><Dt>18.03.2026',
      'date_unusable',
      `${entry}/BookgDt/Dt`,
    ],
    [
      'no account',
      accountText,
      '<Acct><Id/></Acct>',
      'account_missing',
      '/Document/BkToCstmrStmt/Stmt/Acct/Id',
    ],
    [
      'an unknown account currency',
      '<Ccy>CNY</Ccy>',
      '<Ccy>RMB</Ccy>',
      'currency_unknown',
      '/Document/BkToCstmrStmt/Stmt/Acct/Ccy',
    ],
    [
      'a balance without a date',
      /<Dt><Dt>2026-03-18<\/Dt><\/Dt>/,
      '',
      'element_missing',
      '/Document/BkToCstmrStmt/Stmt/Bal[1]/Dt',
    ],
    [
      'a balance without a type',
      /<Tp>.*?<\/Tp>/,
      '',
      'element_missing',
      '/Document/BkToCstmrStmt/Stmt/Bal[1]/Tp',
    ],
  ])('%s', (_name, from, to, code, path) => {
    const text = sound.replace(from, to);
    expect(text).not.toBe(sound);
    const error = refusal(text);
    expect(error.code).toBe(code);
    expect(error.path).toBe(path);
    expect(error.reason).toContain('day.xml');
    expect(error.reason).toContain(path);
  });

  test('a statement without balances and entries', () => {
    expect(refusal(messageText(statementText(''))).code).toBe('nothing_inside');
  });

  test('a file that is cut off anywhere', () => {
    for (let length = 1; length < sound.length - 1; length += 7) {
      const read = readStatements(bytesOf(sound.slice(0, length)), 'day.xml');
      expect(read.ok).toBe(false);
    }
  });

  test('an interim report whose entry has no status', () => {
    const text = sound
      .replaceAll('BkToCstmrStmt', 'BkToCstmrAcctRpt')
      .replaceAll('Stmt>', 'Rpt>')
      .replace('camt.053', 'camt.052')
      .replaceAll(/<Sts>.*?<\/Sts>/g, '');
    expect(refusal(text).path).toBe('/Document/BkToCstmrAcctRpt/Rpt/Ntry[1]/Sts');
  });
});

describe('what is read of an entry', () => {
  const inside = (text: string) =>
    first(messageText(statementText(entryText({ amount: '1', direction: 'CRDT', inside: text }))));

  test('trailing zeros beyond the currency are no decimals', () => {
    const text = messageText(statementText(entryText({ amount: '8.85000', direction: 'DBIT' })));
    expect(first(text).entries[0]?.amount).toBe(-885n);
  });

  test('the virtual account is the ultimate party on the side of the account owner', () => {
    const details =
      '<NtryDtls><TxDtls><RltdPties><UltmtDbtr><Pty><Id><PrvtId><Othr><Id>THEIRS</Id></Othr></PrvtId></Id></Pty></UltmtDbtr><UltmtCdtr><Pty><Id><OrgId><Othr><Id>622500001000017</Id></Othr></OrgId></Id></Pty></UltmtCdtr></RltdPties></TxDtls></NtryDtls>';
    const entry = inside(details).entries[0];
    expect(entry?.virtualAccount).toBe('622500001000017');
    expect(entry?.details[0]?.ultimateDebtor?.ids).toEqual(['THEIRS']);
  });

  test('a party account that continues the master account is the virtual one', () => {
    const details =
      '<NtryDtls><TxDtls><RltdPties><CdtrAcct><Id><Othr><Id>622500001000018</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls>';
    expect(inside(details).entries[0]?.virtualAccount).toBe('622500001000018');
  });

  test('a returned payment keeps the roles that it had: the owner is its debtor', () => {
    const details =
      '<NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><RltdPties><UltmtDbtr><Pty><Id><OrgId><Othr><Id>622500001000017</Id></Othr></OrgId></Id></Pty></UltmtDbtr></RltdPties><RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></RtrInf></TxDtls></NtryDtls>';
    const entry = inside(details).entries[0];
    expect(entry?.returnReason).toEqual({ code: 'AC04', proprietary: undefined, info: ['closed'] });
    expect(entry?.endToEndId).toBe('E1');
    expect(entry?.virtualAccount).toBe('622500001000017');
  });

  test('an entry with several payments has none of its own', () => {
    const one = (id: string) => `<TxDtls><Refs><EndToEndId>${id}</EndToEndId></Refs></TxDtls>`;
    const entry = inside(`<NtryDtls>${one('A')}</NtryDtls><NtryDtls>${one('B')}</NtryDtls>`)
      .entries[0];
    expect(entry?.endToEndId).toBeUndefined();
    expect(entry?.details.map(({ endToEndId }) => endToEndId)).toEqual(['A', 'B']);
  });

  test('NOTPROVIDED is no end-to-end id', () => {
    const details =
      '<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs></TxDtls></NtryDtls>';
    expect(inside(details).entries[0]?.endToEndId).toBeUndefined();
  });

  test('of a published return all that matters is read', () => {
    const name = 'camt/moov/camt054-returns_1110097606_0_2020112500512470.xml';
    const read = readStatements(fixture(name), name);
    const entry = read.ok ? read.value.statements[0]?.entries[0] : undefined;
    expect(entry).toMatchObject({
      amount: 50000n,
      currency: 'CHF',
      reversal: true,
      status: 'booked',
      bankReference: '075820002ZZTJR1K',
      paymentInformationId: 'PmtInfId-001-03',
      instructionId: 'InstrId-001-03-04',
      endToEndId: 'EndToEndId-001-03-04',
      debtor: { name: 'Robert Schneider SA', addressLines: ['Rue du Lac 177', '2503 Biel/Bienne'] },
      debtorAccount: { id: 'CH8709000000929471495' },
      debtorAgent: { clearingMember: '9000', name: 'PostFinance AG' },
      remittance: ['Kontouebertrag'],
      returnReason: { code: 'AC01', info: ['Kontonummer falsch'] },
      bankTransactionCode: { domain: 'PMNT', family: 'ICDT', subFamily: 'RRTN' },
    });
    expect(entry?.bookingDate?.toString()).toBe('2020-11-24');
  });
});

describe('which balances count', () => {
  const balances = (...texts: readonly string[]) =>
    first(messageText(statementText(texts.join(''))));

  test('over several days the first opening and the last closing', () => {
    const statement = balances(
      balanceText('OPBD', '2', '2026-03-18'),
      balanceText('CLBD', '3', '2026-03-18'),
      balanceText('OPBD', '1', '2026-03-17'),
      balanceText('CLBD', '2', '2026-03-17'),
    );
    expect([statement.opening?.amount, statement.closing?.amount]).toEqual([100n, 300n]);
  });

  test("the day before's closing balance opens where there is no opening one", () => {
    expect(balances(balanceText('PRCD', '-7'), balanceText('CLBD', '1')).opening?.amount).toBe(
      -700n,
    );
  });

  test('interim balances open a later page and close one that is not the last', () => {
    const page = '<StmtPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>';
    const text = balanceText('ITBD', '5') + balanceText('ITBD', '9');
    const statement = first(messageText(statementText(text, page)));
    expect([statement.opening?.amount, statement.closing?.amount]).toEqual([500n, 900n]);
    expect(balances(text).closing).toBeUndefined();
  });
});
