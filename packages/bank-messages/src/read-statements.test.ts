import { describe, expect, test } from 'vitest';
import { messageText, soundStatement } from '../test/camt-text.ts';
import {
  bytesOf,
  dig,
  fixture,
  fixtureJson,
  fixtureNames,
  isRecord,
  list,
  sampleNames,
} from '../test/fixtures.ts';
import { readStatements } from './read-statements.ts';
import { reportStatements } from './report.ts';
import type { Statement, StatementFile } from './statement.ts';

function readFixture(name: string): StatementFile {
  const read = readStatements(fixture(name), name);
  if (!read.ok) throw new Error(read.error.reason);
  return read.value;
}

/** The answer about a file in the form of outcomes.json. */
function outcome(name: string): unknown {
  const report = reportStatements(fixture(name), name.split('/').at(-1) ?? name);
  if (report.status === 'refused') {
    return { status: report.status, code: report.refusal.code, reason: report.reason };
  }
  const money = (balance: Statement['opening']) =>
    balance === undefined ? null : `${balance.amount} ${balance.currency}`;
  return {
    status: report.status,
    version: report.file.version,
    statements: report.statements.map(({ statement, check }) => ({
      account: statement.account.id,
      currency: statement.currency,
      entries: statement.entries.length,
      opening: money(statement.opening),
      closing: money(statement.closing),
      result: check.result,
      findings: check.findings.map(({ code }) => code),
    })),
  };
}

describe('the samples of banks and libraries', () => {
  const expected = fixtureJson('outcomes.json');

  test.each(sampleNames())('%s gets the answer that was checked by hand', (name) => {
    expect(isRecord(expected) && expected[name]).toBeDefined();
    expect(outcome(name)).toEqual(isRecord(expected) ? expected[name] : undefined);
  });

  test.each(sampleNames())('%s is read the same with CRLF line ends', (name) => {
    const latin = Buffer.from(fixture(name)).toString('latin1');
    const crlf = Buffer.from(latin.replace(/\r?\n/g, '\r\n'), 'latin1');
    const report = reportStatements(new Uint8Array(crlf), name.split('/').at(-1) ?? name);
    const before = isRecord(expected) ? expected[name] : undefined;
    expect(report.status).toBe(dig(before, 'status'));
    if (report.status === 'refused') return;
    const entries = list(dig(before, 'statements')).map((one) => dig(one, 'entries'));
    expect(report.statements.map(({ statement }) => statement.entries.length)).toEqual(entries);
  });
});

describe('a change to a published statement that holds is always noticed', () => {
  const names = sampleNames().filter((name) => {
    const report = reportStatements(fixture(name), name);
    return (
      report.status === 'imported' &&
      report.statements.every(({ check }) => check.result === 'verified')
    );
  });
  const status = (text: string) => reportStatements(bytesOf(text), 'changed').status;
  const textOf = (name: string) => new TextDecoder().decode(fixture(name));

  /** Each text that comes from raising one amount behind `before` by one. */
  function raised(text: string, before: RegExp): readonly string[] {
    return [...text.matchAll(before)].map((match) => {
      const figure = match[1] ?? '';
      const start = match.index + match[0].length - figure.length;
      return `${text.slice(0, start)}1${text.slice(start)}`;
    });
  }

  test('there are enough of them', () => {
    expect(names.length).toBeGreaterThan(10);
  });

  test.each(names)('%s: another amount in any booked entry', (name) => {
    const xml = /<Ntry>(?:\s*<NtryRef>[^<]*<\/NtryRef>)?\s*<Amt[^>]*>(\d+)/g;
    const mt = /^:61:\d{6}(?:\d{4})?R?[CD][A-Z]?(\d+)/gm;
    const changed = raised(textOf(name), name.startsWith('camt') ? xml : mt);
    expect(changed.map(status).filter((one) => one === 'imported')).toEqual([]);
  });

  test.each(names)('%s: no closing balance', (name) => {
    const xml = /<Bal>(?:(?!<\/Bal>)[\s\S])*(?:CLBD|ITBD)[\s\S]*?<\/Bal>/g;
    const mt = /^:62[FM]:.*\r?\n?/gm;
    const text = textOf(name);
    const without = text.replace(name.startsWith('camt') ? xml : mt, '');
    expect(without).not.toBe(text);
    const report = reportStatements(bytesOf(without), 'changed');
    expect(
      report.status === 'refused' ||
        report.statements.every(({ check }) => check.balanceHolds === undefined),
    ).toBe(true);
  });
});

/** Dates of the second opinion are instants in UTC; ours are the day that the bank wrote. */
function sameDay(theirs: unknown, ours: Temporal.PlainDate | undefined): boolean {
  const text = dig(theirs, '0');
  if (typeof text !== 'string') return ours === undefined;
  if (ours === undefined) return false;
  const day = Temporal.PlainDate.from(text.slice(0, 10));
  return Math.abs(day.until(ours).days) <= 1;
}

describe('what genkgo/camt reads from its samples is what we read', () => {
  const names = fixtureNames('camt/genkgo').filter((name) => name.endsWith('.json'));

  test.each(names)('%s', (name) => {
    const theirs = fixtureJson(name);
    const file = readFixture(name.replace(/json$/, 'xml'));
    const entries = file.statements.flatMap((statement) => statement.entries);
    expect(entries.length).toBe(list(dig(theirs, 'getEntries')).length);
    let compared = 0;
    for (const [index, entry] of entries.entries()) {
      const other = dig(theirs, 'getEntries', index);
      expect(String(entry.amount)).toBe(dig(other, 'getAmount', 'getAmount'));
      expect(entry.currency).toBe(dig(other, 'getAmount', 'getCurrency', 'getCode'));
      expect(entry.statusCode).toBe(dig(other, 'getStatus'));
      expect(entry.bankReference ?? '').toBe(dig(other, 'getAccountServicerReference') ?? '');
      expect(sameDay(dig(other, 'getBookingDate'), entry.bookingDate)).toBe(true);
      expect(sameDay(dig(other, 'getValueDate'), entry.valueDate)).toBe(true);
      expect(entry.reversal).toBe(dig(other, 'getReversalIndicator') ?? false);
      expect(entry.details.length).toBe(list(dig(other, 'getTransactionDetails')).length);
      const domain = dig(other, 'getBankTransactionCode', 'getDomain');
      expect(entry.bankTransactionCode?.domain).toBe(dig(domain, 'getCode'));
      expect(entry.bankTransactionCode?.subFamily).toBe(
        dig(domain, 'getFamily', 'getSubFamilyCode'),
      );
      for (const [place, detail] of entry.details.entries()) {
        const one = dig(other, 'getTransactionDetails', place);
        // The dump writes a repeated object as a mark; the first detail stands by itself as well.
        const whole = isRecord(one)
          ? one
          : place === 0
            ? dig(other, 'getTransactionDetail')
            : undefined;
        if (!isRecord(whole)) continue;
        compared += 1;
        const reference = dig(whole, 'getReference');
        expect(detail.endToEndId ?? null).toBe(dig(reference, 'getEndToEndId') ?? null);
        expect(detail.instructionId ?? null).toBe(dig(reference, 'getInstructionId') ?? null);
      }
    }
    expect(compared > 0 || entries.every(({ details }) => details.length === 0)).toBe(true);
    const record = dig(theirs, 'getRecords', 0);
    const statement = file.statements[0];
    if (!isRecord(record)) return; // The dump refers to it from the entries only.
    expect(statement?.statementId).toBe(dig(record, 'getId'));
    expect(statement?.account.id).toBe(dig(record, 'getAccount', 'getIdentification'));
    const balances = list(dig(record, 'getBalances')).map((balance) =>
      dig(balance, 'getAmount', 'getAmount'),
    );
    expect(statement?.balances.map(({ amount }) => String(amount))).toEqual(balances);
  });
});

function minor(text: unknown): string {
  if (typeof text !== 'string') return '';
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(2, '0')}`).toString();
}

describe('what wolph/mt940 reads from its samples is what we read', () => {
  const readable = fixtureNames('mt940/wolph')
    .filter((name) => name.endsWith('.sta'))
    .filter((name) => readStatements(fixture(name), name).ok);

  test('most samples are whole messages', () => {
    expect(readable.length).toBe(10);
  });

  test.each(readable)('%s', (name) => {
    const theirs = fixtureJson(name.replace(/sta$/, 'expected.json'));
    const entries = readFixture(name).statements.flatMap((statement) => statement.entries);
    const others = list(dig(theirs, 'transactions')).map((one) => dig(one, 'data'));
    expect(entries.length).toBe(others.length);
    for (const [index, entry] of entries.entries()) {
      const other = others[index];
      expect(String(entry.amount)).toBe(minor(dig(other, 'amount', 'amount')));
      expect(entry.valueDate?.toString()).toBe(dig(other, 'date'));
      if (entry.bookingDate !== undefined) {
        expect(entry.bookingDate.toString()).toBe(dig(other, 'entry_date'));
      }
      expect(entry.bankTransactionCode?.proprietary).toBe(dig(other, 'id'));
      expect(entry.bankReference ?? null).toBe(dig(other, 'bank_reference') ?? null);
      const e2e = dig(other, 'end_to_end_reference');
      if (typeof e2e === 'string') expect(entry.endToEndId).toBe(e2e.trim());
      const name32 = dig(other, 'applicant_name');
      if (typeof name32 === 'string') expect((entry.creditor ?? entry.debtor)?.name).toBe(name32);
    }
  });
});

/** Their numbers have at most two decimals, which JavaScript writes back exactly. */
function cents(value: unknown): string {
  return typeof value === 'number' ? minor(value.toFixed(2)) : '';
}

describe('what webschik/mt940-js reads from its samples is what we read', () => {
  const names = ['webschik/abn-amro-1.STA', 'webschik/base-1.mta', 'webschik/base-2.mta'];

  test.each(names)('%s', (name) => {
    const theirs = list(fixtureJson(`mt940/${name.replace(/\.\w+$/, '.json')}`));
    const statements = readFixture(`mt940/${name}`).statements;
    expect(statements.length).toBe(theirs.length);
    for (const [index, statement] of statements.entries()) {
      const other = theirs[index];
      expect(statement.messageId).toBe(dig(other, 'referenceNumber'));
      expect(statement.account.id).toBe(dig(other, 'accountId'));
      expect(statement.sequence.electronic).toBe(dig(other, 'number'));
      expect(statement.currency).toBe(dig(other, 'closingBalance', 'currency'));
      const closing = dig(other, 'closingBalance', 'value');
      expect(String(statement.closing?.amount)).toBe(cents(closing));
      expect(statement.opening?.date.toString()).toBe(dig(other, 'openingBalance', 'date'));
      const transactions = list(dig(other, 'transactions'));
      expect(statement.entries.length).toBe(transactions.length);
      for (const [place, entry] of statement.entries.entries()) {
        const one = transactions[place];
        expect(entry.direction === 'credit').toBe(dig(one, 'isCredit'));
        expect(String(entry.amount).replace('-', '')).toBe(cents(dig(one, 'amount')));
        expect(entry.valueDate?.toString()).toBe(dig(one, 'valueDate'));
        expect(entry.bookingDate?.toString() ?? '').toBe(dig(one, 'entryDate'));
        expect(entry.entryReference ?? '').toBe(dig(one, 'customerReference'));
        expect(entry.bankReference ?? '').toBe(dig(one, 'bankReference'));
        expect(entry.bankTransactionCode?.proprietary).toBe(dig(one, 'code'));
      }
    }
  });
});

describe('encodings', () => {
  const text = messageText(soundStatement()).replace('<Id>S1</Id>', '<Id>对账单 Müller</Id>');
  const utf16 = (mark: boolean, swap: boolean) => {
    const buffer = Buffer.from((mark ? '\ufeff' : '') + text.replace('UTF-8', 'UTF-16'), 'utf16le');
    return new Uint8Array(swap ? buffer.swap16() : buffer);
  };
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['UTF-8', bytesOf(text), 'utf-8'],
    ['UTF-8 with a byte order mark', bytesOf(`\ufeff${text}`), 'utf-8'],
    ['UTF-16 little endian with a mark', utf16(true, false), 'utf-16le'],
    ['UTF-16 big endian with a mark', utf16(true, true), 'utf-16be'],
    ['UTF-16 little endian without a mark', utf16(false, false), 'utf-16le'],
    ['UTF-16 big endian without a mark', utf16(false, true), 'utf-16be'],
    ['UTF-8 that says UTF-16', bytesOf(text.replace('UTF-8', 'utf-16')), 'utf-8'],
  ];

  test.each(cases)('XML in %s is read', (_name, bytes, encoding) => {
    const read = readStatements(bytes, 'day.xml');
    expect(read.ok && read.value.encoding).toBe(encoding);
    expect(read.ok && read.value.statements[0]?.statementId).toBe('对账单 Müller');
  });

  test('XML in ISO-8859-1 is read by its declaration', () => {
    const latin = messageText(soundStatement()).replace('<Id>S1</Id>', '<Id>Müller</Id>');
    const bytes = Buffer.from(latin.replace('UTF-8', 'ISO-8859-1'), 'latin1');
    const read = readStatements(new Uint8Array(bytes), 'day.xml');
    expect(read.ok && read.value.statements[0]?.statementId).toBe('Müller');
  });

  test('XML in GBK is read by its declaration', () => {
    const before = messageText(soundStatement()).replace('UTF-8', 'GBK');
    const [head = '', tail = ''] = before.split('S1');
    const gbk = Buffer.concat([
      Buffer.from(head),
      Buffer.from([0xb6, 0xd4, 0xd5, 0xcb]),
      Buffer.from(tail),
    ]);
    const read = readStatements(new Uint8Array(gbk), 'day.xml');
    expect(read.ok && read.value.statements[0]?.statementId).toBe('对账');
  });

  test('bytes that are not what the declaration says are refused', () => {
    const bytes = Buffer.from(messageText(soundStatement()).replace('S1', 'M\u00fcller'), 'latin1');
    const read = readStatements(new Uint8Array(bytes), 'day.xml');
    expect(!read.ok && read.error.reason).toBe(
      'day.xml cannot be read as text: its bytes are not valid UTF-8.',
    );
  });

  test('an encoding that nobody knows is refused by name', () => {
    const read = readStatements(
      bytesOf(messageText(soundStatement()).replace('UTF-8', 'EBCDIC-1')),
      'a.xml',
    );
    expect(!read.ok && read.error.reason).toContain('the encoding EBCDIC-1 is not supported');
  });

  const mt = (name: Buffer) =>
    new Uint8Array(
      Buffer.concat([
        Buffer.from(
          ':20:A\n:25:123\n:28C:1/1\n:60F:C260318CNY100,00\n:61:260318C1,00NTRFNONREF\n:86:',
        ),
        name,
        Buffer.from('\n:62F:C260318CNY101,00\n-'),
      ]),
    );
  test.each([
    ['UTF-8', Buffer.from('对账'), '对账', 'utf-8'],
    ['GBK', Buffer.from([0xb6, 0xd4, 0xd5, 0xcb]), '对账', 'gb18030'],
    ['Windows-1252', Buffer.from('Müller', 'latin1'), 'Müller', 'windows-1252'],
  ])('MT940 in %s is read by the look of its bytes', (_name, bytes, text86, encoding) => {
    const read = readStatements(mt(bytes), 'day.sta');
    expect(read.ok && read.value.encoding).toBe(encoding);
    expect(read.ok && read.value.statements[0]?.entries[0]?.remittance).toEqual([text86]);
  });
});

describe('files of other kinds', () => {
  test.each([
    ['', 'file_empty', 'is empty'],
    ['   \n', 'format_unknown', 'is blank'],
    ['%PDF-1.7 …', 'format_unknown', 'is a PDF document'],
    ['PK\u0003\u0004 …', 'format_unknown', 'is a ZIP archive'],
    ['a,b,c\n1,2,3\n', 'format_unknown', 'is a table of separated values (CSV)'],
    ['{"a":1}', 'format_unknown', 'is JSON'],
    ['<html><body>Log in</body></html>', 'format_unknown', 'XML with the root element html'],
    [
      ':20:A\n:21:B\n:25:1\n:32A:260318CNY1,00\n:52A:ABNANL2A\n-',
      'not_a_statement',
      'is an MT910 confirmation of credit',
    ],
  ])('%j is refused for what it is', (text, code, words) => {
    const read = readStatements(bytesOf(text), 'file.bin');
    expect(!read.ok && read.error.code).toBe(code);
    expect(!read.ok && read.error.reason).toContain(words);
  });

  test('a file larger than the limit is refused before it is read', () => {
    const limits = { maxBytes: 10, maxDepth: 60, maxElements: 100 };
    const read = readStatements(bytesOf(messageText(soundStatement())), 'big.xml', limits);
    expect(!read.ok && read.error.code).toBe('file_too_large');
  });
});
