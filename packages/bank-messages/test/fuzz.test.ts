import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPain002, reportStatements, type Statement } from '../src/index.ts';
import { bytesOf, fixture, sampleNames } from './fixtures.ts';

/** What must hold of any statement that leaves the reader, whatever the bytes were. */
function isWhole(statement: Statement): boolean {
  const balances = statement.balances.every(
    (balance) =>
      typeof balance.amount === 'bigint' && balance.currency !== '' && balance.type !== '',
  );
  const entries = statement.entries.every(
    (entry) =>
      typeof entry.amount === 'bigint' &&
      entry.currency !== '' &&
      (entry.amount === 0n || entry.amount > 0n === (entry.direction === 'credit')) &&
      entry.details.every(
        (detail) => (detail.amount === undefined) === (detail.currency === undefined),
      ),
  );
  return balances && entries && statement.account.id !== '' && statement.currency !== '';
}

/** Reads bytes by every face; true when nothing was thrown and what came out is whole. */
function holds(bytes: Uint8Array): boolean {
  const report = reportStatements(bytes, 'fuzz');
  readPain002(bytes, 'fuzz');
  if (report.status === 'refused') {
    return report.reason !== '' && !/\{(?:file|where|line|what|why|value)\}/.test(report.reason);
  }
  return (
    report.statements.length > 0 && report.statements.every(({ statement }) => isWhole(statement))
  );
}

const samples = sampleNames().map((name) => fixture(name));

/** A real file with pieces changed, cut out, doubled or put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat(40),
        kind: fc.constantFrom('change', 'cut', 'double', 'insert'),
        bytes: fc.uint8Array({ maxLength: 12 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([sample, changes]) => {
    let bytes = Buffer.from(sample);
    for (const { at, length, kind, bytes: other } of changes) {
      const start = Math.floor(at * bytes.length);
      const end = Math.min(bytes.length, start + length);
      const middle = { change: other, cut: [], double: bytes.subarray(start, end), insert: other }[
        kind
      ];
      const tail = bytes.subarray(kind === 'insert' || kind === 'double' ? start : end);
      bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(middle), tail]);
    }
    return new Uint8Array(bytes);
  });

/** Text built of what the formats are made of, so that it gets past the door. */
const shards = fc
  .array(
    fc.constantFrom(
      '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">',
      '</Document>',
      '<BkToCstmrStmt>',
      '</BkToCstmrStmt>',
      '<Stmt>',
      '</Stmt>',
      '<Ntry>',
      '</Ntry>',
      '<Amt Ccy="CNY">',
      '</Amt>',
      '1.00',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '&#x41;',
      '<?x',
      '?>',
      '"',
      '<',
      ':20:A\n',
      ':25:1\n',
      ':60F:C260318CNY1,00\n',
      ':61:2603180318C1,00NTRFX//Y\n',
      ':86:166?20EREF+1\n',
      ':62F:C260318CNY2,00\n',
      '-}\n',
      '{1:F01AAAABBCCXXXX0000000000}{4:\n',
      '\n',
      '中',
      '\u0000',
    ),
    { maxLength: 40 },
  )
  .map((parts) => bytesOf(parts.join('')));

describe('whatever the bytes, nothing is thrown and nothing half-read comes out', () => {
  test('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), holds), { numRuns: 1000 });
  });

  test('random text of the formats', () => {
    fc.assert(fc.property(shards, holds), { numRuns: 3000 });
  });

  test('real files with random changes', () => {
    fc.assert(fc.property(mutated, holds), { numRuns: 1500 });
  });

  test('real files cut off at any place', () => {
    const cut = fc
      .tuple(fc.constantFrom(...samples), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([sample, part]) => sample.subarray(0, Math.floor(sample.length * part)));
    fc.assert(fc.property(cut, holds), { numRuns: 500 });
  });
});

test('a fair share of the changed files still gets past the door', () => {
  const reports = fc
    .sample(mutated, { numRuns: 300, seed: 42 })
    .map((bytes) => reportStatements(bytes, 'fuzz').status);
  expect(reports.filter((status) => status !== 'refused').length).toBeGreaterThan(30);
});

describe('input that is made to be slow is read in its stride', () => {
  const repeated = (text: string, times: number) => bytesOf(text.repeat(times));

  test.each([
    ['open comments', bytesOf(`<a>${'<!-- '.repeat(200_000)}`)],
    ['open tags', repeated('<a ', 200_000)],
    ['ampersands', bytesOf(`<a>${'&'.repeat(500_000)}</a>`)],
    ['quotes', bytesOf(`<a ${'x="'.repeat(200_000)}`)],
    [
      'slashes in free text',
      bytesOf(
        `:20:A\n:25:1\n:60F:C260318CNY1,00\n:61:260318C1,00NTRFX\n:86:${'/NAME//REMI'.repeat(50_000)}`,
      ),
    ],
    [
      'question marks in free text',
      bytesOf(
        `:20:A\n:25:1\n:60F:C260318CNY1,00\n:61:260318C1,00NTRFX\n:86:166${'?20'.repeat(100_000)}`,
      ),
    ],
    ['lines without end', bytesOf(`:20:A\n${'\n'.repeat(500_000)}`)],
    ['field marks', repeated(':61:\n', 100_000)],
    ['blanks in an amount line', bytesOf(`:20:A\n:25:1\n:60F:C260318CNY${' '.repeat(200_000)}`)],
    ['braces', repeated('{4:', 200_000)],
  ])('%s', (_name, bytes) => {
    expect(holds(bytes)).toBe(true);
  });
});
