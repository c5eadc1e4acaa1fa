import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../test/fixtures.ts';
import { readStatements } from '../read-statements.ts';
import { at, childrenOf, textAt } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import type { PaymentOrder, Transfer, TransferGroup } from './order.ts';
import { writePain001 } from './write-pain001.ts';

const schema = join(import.meta.dirname, '../../fixtures/xsd/pain.001.001.09.xsd');
const hasXmllint = spawnSync('xmllint', ['--version']).error === undefined;

function transfer(changes: Partial<Transfer> = {}): Transfer {
  return {
    endToEndId: 'E2E-1',
    amount: 123_456_789n,
    currency: 'CNY',
    creditorName: '张三 & 李四 <有限公司>',
    creditorAccount: { number: '6225880100000001' },
    creditorBank: { clearingMember: '102100099996' },
    remittance: '房款',
    ...changes,
  };
}

function group(changes: Partial<TransferGroup> = {}): TransferGroup {
  return {
    id: 'G1',
    executionDate: Temporal.PlainDate.from('2026-03-18'),
    debtorName: 'Keyturn Escrow',
    debtorAccount: { number: '622500001' },
    debtorBank: { clearingMember: '308100005019' },
    transfers: [transfer()],
    ...changes,
  };
}

function order(changes: Partial<PaymentOrder> = {}): PaymentOrder {
  return {
    messageId: 'M1',
    createdAt: Temporal.Instant.from('2026-03-18T01:30:00Z'),
    initiatingParty: { name: 'Keyturn' },
    groups: [group()],
    ...changes,
  };
}

function written(value: PaymentOrder): string {
  const text = writePain001(value);
  if (!text.ok) throw new Error(text.error.reason);
  return text.value;
}

function xmllint(text: string): string {
  const run = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schema, '-'], {
    input: text,
  });
  return run.status === 0 ? 'valid' : run.stderr.toString();
}

const full = order({
  initiatingParty: { name: 'Keyturn', id: 'KT01' },
  groups: [
    group({
      priority: 'HIGH',
      batchBooking: false,
      ultimateDebtor: { name: '买方', id: '622500001000017' },
      transfers: [
        transfer({
          instructionId: 'I-1',
          purpose: 'HLRP',
          ultimateCreditor: { name: '王五', id: '110101', kind: 'person' },
        }),
        transfer({
          endToEndId: 'E2E-2',
          amount: 5n,
          currency: 'JPY',
          creditorAccount: { iban: 'DE89370400440532013000' },
          creditorBank: { bic: 'COBADEFFXXX', name: 'Bank' },
        }),
      ],
    }),
    group({
      id: 'G2',
      transfers: [transfer({ endToEndId: 'E2E-3', ultimateDebtor: { id: '622500001000018' } })],
    }),
  ],
});

describe('a pain.001.001.09', () => {
  test('carries every transfer with its virtual account and CNAPS code', () => {
    const read = readXml(bytesOf(written(full)), 'order.xml');
    const body = read.ok ? at(read.value.root, 'CstmrCdtTrfInitn') : undefined;
    expect(textAt(body, 'GrpHdr', 'CreDtTm')).toBe('2026-03-18T09:30:00+08:00');
    expect(textAt(body, 'GrpHdr', 'NbOfTxs')).toBe('3');
    expect(textAt(body, 'GrpHdr', 'CtrlSum')).toBe('2469140.78');
    const [one, two] = childrenOf(body, 'PmtInf');
    expect(textAt(one, 'CtrlSum')).toBe('1234572.89');
    expect(textAt(one, 'UltmtDbtr', 'Id', 'OrgId', 'Othr', 'Id')).toBe('622500001000017');
    expect(textAt(two, 'CdtTrfTxInf', 'UltmtDbtr', 'Id', 'OrgId', 'Othr', 'Id')).toBe(
      '622500001000018',
    );
    const [first] = childrenOf(one, 'CdtTrfTxInf');
    expect(textAt(first, 'CdtrAgt', 'FinInstnId', 'ClrSysMmbId', 'MmbId')).toBe('102100099996');
    expect(textAt(first, 'CdtrAgt', 'FinInstnId', 'ClrSysMmbId', 'ClrSysId', 'Cd')).toBe('CNAPS');
    expect(textAt(first, 'UltmtCdtr', 'Id', 'PrvtId', 'Othr', 'Id')).toBe('110101');
    expect(textAt(first, 'Cdtr', 'Nm')).toBe('张三 & 李四 <有限公司>');
    expect(at(first, 'Amt', 'InstdAmt')?.attributes.get('Ccy')).toBe('CNY');
  });

  test('is no statement, and the import says so', () => {
    const read = readStatements(bytesOf(written(order())), 'order.xml');
    expect(!read.ok && read.error.reason).toContain(
      'order.xml is a pain.001 payment order (pain.001.001.09)',
    );
  });

  test.skipIf(!hasXmllint)(
    'is valid by its schema, from the least to the most (needs xmllint)',
    () => {
      expect(xmllint(written(order()))).toBe('valid');
      expect(xmllint(written(full))).toBe('valid');
    },
  );

  test.skipIf(!hasXmllint)('the schema check itself can fail (needs xmllint)', () => {
    expect(xmllint(written(order()).replace('<PmtMtd>TRF', '<PmtMtd>XXX'))).toContain('PmtMtd');
  });
});

describe('what no bank would take is refused with its place', () => {
  const one = (changes: Partial<Transfer>) =>
    order({ groups: [group({ transfers: [transfer(changes)] })] });
  const place = 'groups[0].transfers[0]';

  test.each([
    ['no groups', order({ groups: [] }), 'groups'],
    ['no transfers', order({ groups: [group({ transfers: [] })] }), 'groups[0].transfers'],
    ['an empty id', order({ messageId: '' }), 'messageId'],
    ['an id of 36 characters', one({ endToEndId: 'x'.repeat(36) }), `${place}.endToEndId`],
    ['an id that ends with a blank', one({ endToEndId: 'x ' }), `${place}.endToEndId`],
    ['a control character', one({ creditorName: 'a\u0000b' }), `${place}.creditorName`],
    ['half a character', one({ creditorName: 'a\ud800b' }), `${place}.creditorName`],
    ['no money', one({ amount: 0n }), `${place}.amount`],
    ['negative money', one({ amount: -1n }), `${place}.amount`],
    ['more money than the schema holds', one({ amount: 10n ** 18n }), `${place}.amount`],
    ['no IBAN', one({ creditorAccount: { iban: '12' } }), `${place}.creditorAccount.iban`],
    [
      'a CNAPS code of 11 digits',
      one({ creditorBank: { clearingMember: '10210009999' } }),
      `${place}.creditorBank.clearingMember`,
    ],
    ['a bank without any name', one({ creditorBank: {} }), `${place}.creditorBank`],
    ['no BIC', one({ creditorBank: { bic: 'ABC' } }), `${place}.creditorBank.bic`],
    ['a long remittance', one({ remittance: '长'.repeat(141) }), `${place}.remittance`],
    [
      'an end-to-end id twice',
      order({ groups: [group({ transfers: [transfer(), transfer()] })] }),
      'endToEndId',
    ],
    [
      'a group id twice',
      order({ groups: [group(), group({ transfers: [transfer({ endToEndId: 'E2' })] })] }),
      'groups',
    ],
    [
      'two ultimate debtors',
      order({
        groups: [
          group({
            ultimateDebtor: { id: '1' },
            transfers: [transfer({ ultimateDebtor: { id: '2' } })],
          }),
        ],
      }),
      `${place}.ultimateDebtor`,
    ],
  ])('%s', (_name, value, path) => {
    const result = writePain001(value);
    expect(!result.ok && result.error.path).toBe(path);
    expect(!result.ok && result.error.reason).toContain(path);
  });

  test('140 characters beyond the basic plane are 140 characters', () => {
    expect(writePain001(one({ remittance: '𠮷'.repeat(140) })).ok).toBe(true);
  });
});

test('what is written is read back as it was, whatever the texts and amounts', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .map((value) => value.trim())
    .filter((value) => value !== '' && [...value].length <= 34 && !/[\r\n\t]/.test(value));
  const amounts = fc.bigInt({ min: 1n, max: 10n ** 15n });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, amounts), { minLength: 1, maxLength: 5 }), (rows) => {
      const transfers = rows.map(([name, amount], index) =>
        transfer({ endToEndId: `E${index}`, amount, creditorName: name, remittance: name }),
      );
      const result = writePain001(order({ groups: [group({ transfers })] }));
      if (!result.ok) return /XML does not allow/.test(result.error.reason);
      const read = readXml(bytesOf(result.value), 'order.xml');
      if (!read.ok) return false;
      const back = childrenOf(at(read.value.root, 'CstmrCdtTrfInitn', 'PmtInf'), 'CdtTrfTxInf');
      return back.every((element, index) => {
        const row = rows[index];
        const money = textAt(element, 'Amt', 'InstdAmt')?.replace('.', '');
        return (
          textAt(element, 'Cdtr', 'Nm') === row?.[0] &&
          textAt(element, 'RmtInf', 'Ustrd') === row?.[0] &&
          BigInt(money ?? '0') === row?.[1]
        );
      });
    }),
    { numRuns: 200 },
  );
});
