import { describe, expect, test } from 'vitest';
import {
  balanceText,
  type EntryText,
  entryText,
  messageText,
  soundStatement,
  statementText,
} from '../test/camt-text.ts';
import { bytesOf, fixture } from '../test/fixtures.ts';
import { findingSentence } from './findings.ts';
import { reportStatements } from './report.ts';

function report(text: string) {
  const answer = reportStatements(bytesOf(text), 'day.xml');
  if (answer.status === 'refused') throw new Error(answer.reason);
  return answer;
}

function day(opening: string, closing: string, entries: readonly EntryText[], more = '') {
  const balances = balanceText('OPBD', opening) + balanceText('CLBD', closing);
  return report(messageText(statementText(balances + more + entries.map(entryText).join(''))));
}

const codes = (answer: { readonly findings: readonly { readonly code: string }[] }) =>
  answer.findings.map(({ code }) => code);

describe('opening plus booked entries make the closing balance', () => {
  test('a sound statement is imported and verified', () => {
    const answer = report(messageText(soundStatement()));
    expect(answer.status).toBe('imported');
    expect(answer.statements[0]?.check).toMatchObject({ result: 'verified', balanceHolds: true });
    expect([answer.entries, answer.opening?.amount, answer.closing?.amount]).toEqual([
      2,
      10000n,
      13000n,
    ]);
  });

  test('a changed amount is reported with its figures, in both languages', () => {
    const answer = report(messageText(soundStatement()).replace('>50.00<', '>50.01<'));
    expect(answer.status).toBe('reported');
    const found = answer.findings[0];
    expect(found?.sentence).toBe(
      'opening 100.00 CNY plus booked entries 30.01 CNY makes 130.01 CNY, ' +
        'but the closing balance says 130.00 CNY: -0.01 CNY apart',
    );
    expect(found && findingSentence(found, 'zh-CN')).toContain('相差 -0.01 CNY');
    expect(answer.statements[0]?.check.figures.difference).toBe(-1n);
  });

  test.each(['PDNG', 'INFO', 'FUTR'])('an entry that is %s does not count', (status) => {
    const answer = day('1', '2', [
      { amount: '1', direction: 'CRDT' },
      { amount: '5', direction: 'DBIT', status },
    ]);
    expect(answer.status).toBe('imported');
  });

  test('an entry with a status that nobody knows does not count, and is reported', () => {
    const answer = day('1', '1', [{ amount: '5', direction: 'DBIT', status: 'WHAT' }]);
    expect(codes(answer)).toEqual(['status_unknown']);
  });

  test('the reversal of a credit is a debit', () => {
    const answer = day('10', '10', [
      { amount: '5', direction: 'CRDT' },
      { amount: '5', direction: 'DBIT', reversal: true },
    ]);
    expect(answer.status).toBe('imported');
    expect(answer.statements[0]?.statement.reversalsTurned).toBe(false);
  });

  test("a bank that leaves a reversal its original's direction is understood", () => {
    const answer = day('10', '10', [
      { amount: '5', direction: 'CRDT' },
      { amount: '5', direction: 'CRDT', reversal: true },
    ]);
    expect(answer.status).toBe('imported');
    const statement = answer.statements[0]?.statement;
    expect(statement?.entries.map(({ amount }) => amount)).toEqual([500n, -500n]);
    expect(statement?.entries[1]?.direction).toBe('debit');
    expect(answer.statements[0]?.check.remarks.length).toBe(1);
  });

  test('a reversal that fits in neither direction stays as it was sent', () => {
    const answer = day('10', '11', [{ amount: '5', direction: 'CRDT', reversal: true }]);
    expect(codes(answer)).toEqual(['balance_mismatch']);
    expect(answer.statements[0]?.statement.entries[0]?.amount).toBe(500n);
  });

  test('a published total that counts a failed reversal negatively holds', () => {
    const name = 'camt/moov/FI_camt_054_sample.xml';
    const answer = reportStatements(fixture(name), name);
    expect(answer.status).toBe('imported');
  });

  test('a statement without closing balance is reported and not called verified', () => {
    const text = messageText(soundStatement()).replace(balanceText('CLBD', '130.00'), '');
    const answer = report(text);
    expect(codes(answer)).toEqual(['closing_missing']);
    expect(answer.notVerifiable).toEqual([
      'the entries cannot be proven: no closing balance in CNY',
    ]);
    expect(answer.statements[0]?.check.balanceHolds).toBeUndefined();
  });

  test('a notification has no balances, and that is no mistake', () => {
    const text = messageText(soundStatement())
      .replaceAll('BkToCstmrStmt', 'BkToCstmrDbtCdtNtfctn')
      .replaceAll('Stmt>', 'Ntfctn>')
      .replace('camt.053', 'camt.054')
      .replaceAll(/<Bal>.*?<\/Bal>/g, '');
    const answer = report(text);
    expect(answer.status).toBe('imported');
    expect(answer.statements[0]?.check.result).toBe('not_verifiable');
  });

  test('an entry in another currency is left out and reported', () => {
    const answer = day('1', '1', [{ amount: '5', direction: 'CRDT', currency: 'USD' }]);
    expect(codes(answer)).toEqual(['currency_mixed']);
  });
});

describe('declared counts and sums', () => {
  const entries: readonly EntryText[] = [
    { amount: '50.00', direction: 'CRDT' },
    { amount: '20.00', direction: 'DBIT' },
    { amount: '9.00', direction: 'DBIT', status: 'PDNG' },
  ];
  const summary = (inside: string) =>
    day('100', '130', entries, `<TxsSummry>${inside}</TxsSummry>`);

  test.each([
    [
      'the booked ones',
      '<NbOfNtries>2</NbOfNtries><Sum>70.00</Sum><TtlNetNtry><Amt>30</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry>',
    ],
    [
      'all of them',
      '<NbOfNtries>3</NbOfNtries><Sum>79.00</Sum><TtlNetNtryAmt>21</TtlNetNtryAmt><CdtDbtInd>CRDT</CdtDbtInd>',
    ],
  ])('may mean %s', (_name, inside) => {
    expect(summary(`<TtlNtries>${inside}</TtlNtries>`).status).toBe('imported');
  });

  test.each([
    [
      '<TtlNtries><NbOfNtries>4</NbOfNtries></TtlNtries>',
      'all entries: 4 declared, 2 or 3 counted',
    ],
    [
      '<TtlNtries><Sum>70.01</Sum></TtlNtries>',
      'all entries: 70.01 CNY declared, 70.00 CNY or 79.00 CNY summed up',
    ],
    [
      '<TtlNtries><TtlNetNtry><Amt>30</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry></TtlNtries>',
      'net of all entries: -30.00 CNY declared, 30.00 CNY or 21.00 CNY summed up',
    ],
    [
      '<TtlCdtNtries><NbOfNtries>2</NbOfNtries></TtlCdtNtries>',
      'credit entries: 2 declared, 1 counted',
    ],
    [
      '<TtlDbtNtries><Sum>21</Sum></TtlDbtNtries>',
      'debit entries: 21.00 CNY declared, 20.00 CNY or 29.00 CNY summed up',
    ],
    [
      '<TtlDbtNtries><Sum>many</Sum></TtlDbtNtries>',
      'the total many is not usable and is left out',
    ],
  ])('%s is reported', (inside, sentence) => {
    const answer = summary(inside);
    expect(answer.status).toBe('reported');
    expect(answer.findings.map((one) => one.sentence)).toEqual([sentence]);
  });

  test('on a page of a longer statement they may be those of all pages', () => {
    const page = '<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>';
    const inside =
      balanceText('OPBD', '1') +
      balanceText('ITBD', '2') +
      '<TxsSummry><TtlNtries><NbOfNtries>9</NbOfNtries></TtlNtries></TxsSummry>' +
      entryText({ amount: '1', direction: 'CRDT' });
    const answer = report(messageText(statementText(inside, page)));
    expect(answer.status).toBe('imported');
    expect(answer.notVerifiable.length).toBe(1);
  });
});

describe('batches', () => {
  const detail = (amount: string, more = '') =>
    `<TxDtls><Amt Ccy="CNY">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>${more}</TxDtls>`;
  const batch = (inside: string) =>
    day('0', '50', [
      { amount: '50.00', direction: 'CRDT', inside: `<NtryDtls>${inside}</NtryDtls>` },
    ]);

  test('details that sum up to the entry are sound', () => {
    expect(batch(`<Btch><NbOfTxs>2</NbOfTxs></Btch>${detail('20')}${detail('30')}`).status).toBe(
      'imported',
    );
  });

  test('a difference that charges explain is sound', () => {
    const charges =
      '<Chrgs><Rcrd><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>';
    expect(batch(detail('21', charges) + detail('30')).status).toBe('imported');
  });

  test("a single payment's own amount is the entry's, an underlying one may differ", () => {
    expect(codes(batch(detail('49.99')))).toEqual(['batch_mismatch']);
    const underlying = '<AmtDtls><TxAmt><Amt Ccy="CNY">49.99</Amt></TxAmt></AmtDtls>';
    expect(batch(`<TxDtls>${underlying}</TxDtls>`).status).toBe('imported');
  });

  test('details that do not sum up are reported', () => {
    expect(codes(batch(detail('20') + detail('31')))).toEqual(['batch_mismatch']);
  });

  test('a wrong number of payments and a wrong total are reported', () => {
    const head = '<Btch><NbOfTxs>3</NbOfTxs><TtlAmt Ccy="CNY">51</TtlAmt></Btch>';
    expect(codes(batch(head + detail('20') + detail('30')))).toEqual([
      'count_mismatch',
      'sum_mismatch',
    ]);
  });
});

describe('statements of one file against each other', () => {
  const two = (closing: string, opening: string) => {
    const one = (from: string, to: string, date: string, next: string, amount: string) =>
      statementText(
        balanceText('OPBD', from, date) +
          balanceText('CLBD', to, next) +
          entryText({ amount, direction: 'CRDT' }),
      );
    return report(
      messageText(
        one('1', closing, '2026-03-17', '2026-03-18', '1'),
        one(opening, '9', '2026-03-18', '2026-03-19', '7'),
      ),
    );
  };

  test('one that opens where the other closed is sound', () => {
    const answer = two('2', '2');
    expect(answer.status).toBe('imported');
    expect([answer.opening?.amount, answer.closing?.amount]).toEqual([100n, 900n]);
  });

  test('one that opens with another balance on the same day is reported', () => {
    expect(codes(two('2', '3'))).toEqual(['balance_mismatch', 'chain_gap']);
  });
});
