import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../test/fixtures.ts';
import { readStatements } from '../read-statements.ts';
import { reportStatements } from '../report.ts';
import type { Statement } from '../statement.ts';

const message = `:20:REF1
:25:NL18KNAB0200000000
:28C:190/1
:60F:C260317EUR100,00
:61:2603180318C50,00NTRFINV-1//BANK1
:86:/TRTP/SEPA/IBAN/NL56AGDH9619008421/NAME/A. PAYER/REMI/RENT
:61:2603180318D20,NMSCNONREF
:86:PLAIN TEXT
SECOND LINE
:62F:C260318EUR130,00
:64:C260318EUR130,00
-`;

function statements(text: string): readonly Statement[] {
  const read = readStatements(bytesOf(text), 'day.sta');
  if (!read.ok) throw new Error(read.error.reason);
  return read.value.statements;
}

function first(text: string): Statement {
  const statement = statements(text)[0];
  if (statement === undefined) throw new Error('no statement');
  return statement;
}

function refusal(text: string) {
  const read = readStatements(bytesOf(text), 'day.sta');
  if (read.ok) throw new Error('it was read');
  return read.error;
}

describe('MT940', () => {
  test('a message is a statement with its balances, entries and texts', () => {
    const statement = first(message);
    expect(statement).toMatchObject({
      format: 'mt940',
      messageId: 'REF1',
      account: { iban: 'NL18KNAB0200000000' },
      currency: 'EUR',
      opening: { amount: 10000n, type: 'OPBD' },
      closing: { amount: 13000n, type: 'CLBD' },
      sequence: { electronic: '190' },
    });
    expect(statement.balances.map(({ type }) => type)).toEqual(['OPBD', 'CLBD', 'CLAV']);
    expect(statement.entries).toMatchObject([
      {
        amount: 5000n,
        line: 5,
        entryReference: 'INV-1',
        bankReference: 'BANK1',
        debtor: { name: 'A. PAYER' },
        debtorAccount: { iban: 'NL56AGDH9619008421' },
        remittance: ['RENT'],
      },
      { amount: -2000n, remittance: ['PLAIN TEXT', 'SECOND LINE'] },
    ]);
    expect(statement.entries[1]?.entryReference).toBeUndefined();
    expect(reportStatements(bytesOf(message), 'day.sta').status).toBe('imported');
  });

  test.each([
    ['CRLF', message.replaceAll('\n', '\r\n')],
    ['CR alone', message.replaceAll('\n', '\r')],
    ['a byte order mark', `\ufeff${message}`],
    [
      'SWIFT blocks',
      `{1:F01KNABNL2HAXXX0000000000}{2:I940KNABNL2HXXXXN3020}{4:\n${message.replace(/-$/, '-}')}{5:{CHK:1}}`,
    ],
    [
      'SWIFT blocks without a line break',
      `{1:F01KNABNL2HAXXX0000000000}{2:I940KNABNL2HXXXXN}{4:${message.replace(/-$/, '-}')}`,
    ],
    [
      'blocks joined by dollar signs',
      `{1:F01KNABNL2HAXXX0000000000}{2:I940KNABNL2HXXXXN}{4:\n${message}}$`,
    ],
    ['header lines', `KNABNL2H\n940\nKNABNL2H\n${message}`],
    ['start and end marks', `\u0001\n${message}\u0003\n`],
  ])('is read with %s', (_name, text) => {
    const report = reportStatements(bytesOf(text), 'day.sta');
    expect(report.status).toBe('imported');
    expect(report.status !== 'refused' && report.entries).toBe(2);
  });

  test('several messages are several statements, with and without end marks', () => {
    expect(statements(`${message}\n${message}`).length).toBe(2);
    expect(statements(`${message.replace(/\n-$/, '')}\n${message}`).length).toBe(2);
    const blocks = `{1:F01KNABNL2HAXXX0000000000}{2:I940KNABNL2HXXXXN}{4:\n${message}}{5:}\n`;
    expect(statements(blocks + blocks).length).toBe(2);
  });

  test('behind an end mark a message without a reference begins as well', () => {
    const two = statements(`${message}\n${message.replace(':20:REF1\n', '')}`);
    expect(two.map(({ messageId, entries }) => [messageId, entries.length])).toEqual([
      ['REF1', 2],
      [undefined, 2],
    ]);
  });

  test('the reversal of a credit is a debit, that of a debit a credit', () => {
    const text = message
      .replace('C50,00NTRF', 'RC50,00NTRF')
      .replace('D20,NMSC', 'RDR20,NMSC')
      .replace('EUR130,00\n:64', 'EUR70,00\n:64');
    const entries = first(text).entries;
    expect(entries.map(({ amount, reversal }) => [amount, reversal])).toEqual([
      [-5000n, true],
      [2000n, true],
    ]);
    expect(reportStatements(bytesOf(text), 'day.sta').status).toBe('imported');
  });

  test('the entry date lies in the year that is closest to the value date', () => {
    const dates = (value: string) =>
      first(
        message.replace(':61:2603180318C', `:61:${value}C`),
      ).entries[0]?.bookingDate?.toString();
    expect(dates('2601021231')).toBe('2025-12-31');
    expect(dates('2512310102')).toBe('2026-01-02');
    expect(dates('9912310101')).toBe('2000-01-01');
  });

  test('free text may look like a field', () => {
    const text = message.replace('SECOND LINE', ':26:37 o clock\n:KO: nothing');
    expect(first(text).entries[1]?.remittance).toEqual([
      'PLAIN TEXT',
      ':26:37 o clock',
      ':KO: nothing',
    ]);
  });

  test('pages of one statement are checked against each other', () => {
    const pages = (opening: string) =>
      `${message.replace(':62F:C260318EUR130,00', ':62M:C260318EUR130,00')}\n` +
      `:20:REF1\n:25:NL18KNAB0200000000\n:28C:190/2\n:60M:C260318EUR${opening}\n:62F:C260318EUR${opening}\n-`;
    expect(reportStatements(bytesOf(pages('130,00')), 'a').status).toBe('imported');
    const broken = reportStatements(bytesOf(pages('131,00')), 'a');
    expect(broken.status !== 'refused' && broken.findings.map(({ code }) => code)).toEqual([
      'page_gap',
    ]);
  });

  test.each([
    ['no account', ':25:NL18KNAB0200000000\n', '', 'account_missing', ':25:'],
    ['an empty account', ':25:NL18KNAB0200000000', ':25:', 'account_missing', ':25:'],
    ['no amount', 'C50,00NTRF', 'CNTRF', 'value_unusable', ':61:'],
    ['an amount with three decimals', 'C50,00NTRF', 'C50,001NTRF', 'amount_unusable', ':61:'],
    ['an amount with two commas', 'C50,00NTRF', 'C5,0,00NTRF', 'amount_unusable', ':61:'],
    ['no mark', '0318C50,00', '031850,00', 'value_unusable', ':61:'],
    ['a date that does not exist', ':61:2603180318C', ':61:2613180318C', 'date_unusable', ':61:'],
    [
      'an entry date that does not exist',
      ':61:2603180318C',
      ':61:2603181318C',
      'date_unusable',
      ':61:',
    ],
    [
      'a balance date that does not exist',
      ':60F:C260317',
      ':60F:C260230',
      'date_unusable',
      ':60F:',
    ],
    ['an unknown currency', ':60F:C260317EUR', ':60F:C260317EUX', 'currency_unknown', ':60F:'],
    ['a balance that is none', ':62F:C260318EUR130,00', ':62F:nothing', 'value_unusable', ':62F:'],
    ['a balance without mark', ':62F:C260318', ':62F:260318', 'value_unusable', ':62F:'],
  ])('%s is refused with field and line', (_name, from, to, code, path) => {
    const text = message.replace(from, to);
    expect(text).not.toBe(message);
    const error = refusal(text);
    expect([error.code, error.path]).toEqual([code, path]);
    expect(error.line).toBeGreaterThan(0);
    expect(error.reason).toContain(`line ${error.line}`);
  });

  test('blocks that are not closed are cut off', () => {
    const text = `{1:F01KNABNL2HAXXX0000000000}{2:I940KNABNL2HXXXXN}{4:\n${message.replace(/\n:62F[\s\S]*$/, '')}`;
    expect(refusal(text).code).toBe('cut_off');
  });

  test('a file that ends before the closing balance is cut off', () => {
    const end = message.indexOf(':62F:') + ':62F:C260318EUR'.length;
    for (let length = 1; length <= end; length++) {
      const read = readStatements(bytesOf(message.slice(0, length)), 'day.sta');
      expect(read.ok).toBe(false);
    }
    expect(refusal(message.slice(0, message.indexOf(':62F:'))).code).toBe('cut_off');
  });

  test('a missing balance is reported', () => {
    const codes = (pattern: RegExp) => {
      const report = reportStatements(bytesOf(message.replace(pattern, '')), 'a');
      return report.status === 'refused' ? report.reason : report.findings.map(({ code }) => code);
    };
    expect(codes(/:62F.*\n/)).toEqual(['closing_missing']);
    expect(codes(/:60F.*\n/)).toEqual(['opening_missing']);
  });

  test('the thirtieth of February is taken as the last day and noted, in value dates only', () => {
    const report = reportStatements(
      bytesOf(message.replace(':61:2603180318C', ':61:2602300228C')),
      'a',
    );
    expect(report.status !== 'refused' && report.findings.map(({ sentence }) => sentence)).toEqual([
      'the date 2026-02-30 does not exist; taken as 2026-02-28',
    ]);
  });
});

describe('MT942', () => {
  const interim = `:20:REF2
:25:70011110/4005287001EUR
:28C:35/1
:34F:EURD0,
:34F:EURC0,
:13D:2603181230+0100
:61:2603180318C50,00NTRFNONREF
:86:166?00GUTSCHRIFT?20EREF+E2E-1?21SVWZ+RENT MARCH?30COBADEFF?31DE89370400440532013000?32A. PAYER
:61:260319ED7,00NTRFNONREF
:90D:1EUR7,00
:90C:1EUR50,00
-`;

  test('has totals in place of balances, and expected entries', () => {
    const statement = first(interim);
    expect(statement).toMatchObject({
      format: 'mt942',
      currency: 'EUR',
      createdAt: '2026-03-18T12:30:00+01:00',
      account: { id: '4005287001', servicer: { clearingMember: '70011110' } },
    });
    expect(statement.entries).toMatchObject([
      {
        amount: 5000n,
        status: 'booked',
        endToEndId: 'E2E-1',
        remittance: ['RENT MARCH'],
        debtor: { name: 'A. PAYER' },
        debtorAccount: { iban: 'DE89370400440532013000' },
        debtorAgent: { bic: 'COBADEFF' },
      },
      { amount: -700n, status: 'pending' },
    ]);
    const report = reportStatements(bytesOf(interim), 'a');
    expect(report.status).toBe('imported');
    expect(report.status !== 'refused' && report.notVerifiable.length).toBe(1);
  });

  test('totals that do not hold are reported', () => {
    const report = reportStatements(bytesOf(interim.replace('90C:1EUR50', '90C:2EUR51')), 'a');
    expect(report.status !== 'refused' && report.findings.map(({ code }) => code)).toEqual([
      'count_mismatch',
      'sum_mismatch',
    ]);
  });
});

test('MT941 tells balances and totals without entries, and MT950 entries without texts', () => {
  const balances =
    ':20:A\n:25:123\n:28:1\n:13D:2603181230+0100\n:60F:C260317EUR1,00\n:90D:5EUR2,00\n:62F:C260318EUR9,00\n-';
  const report = reportStatements(
    bytesOf(`{1:F01KNABNL2HAXXX0000000000}{2:I941KNABNL2HXXXXN}{4:\n${balances}}`),
    'a',
  );
  expect(report.status !== 'refused' && report.file.format).toBe('mt941');
  expect(report.status).toBe('imported');
  const plain = message.replace(/:86:[^:]*(?=:6)/g, '');
  const statement = reportStatements(
    bytesOf(`{1:F01KNABNL2HAXXX0000000000}{2:I950KNABNL2HXXXXN}{4:\n${plain}}`),
    'a',
  );
  expect(statement.status !== 'refused' && statement.file.format).toBe('mt950');
  expect(statement.status).toBe('imported');
});
