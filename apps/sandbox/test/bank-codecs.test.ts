import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatYuan, maxFen, parseYuan } from '../src/bank/fen.ts';
import type { Entry } from '../src/bank/ledger.ts';
import { writeCamt053 } from '../src/bank/xml/camt053.ts';
import { writeCamt054 } from '../src/bank/xml/camt054.ts';
import { readPain001 } from '../src/bank/xml/pain001.ts';
import { writePain002 } from '../src/bank/xml/pain002.ts';
import { readXml } from '../src/bank/xml/read.ts';
import { allAt, at, pain001, textAt } from './bank-party.ts';

const xmllint = (() => {
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    // It is not installed; what needs it says so in its name.
    return false;
  }
})();

/** Throws what xmllint says when the message breaks its schema. */
function validate(xml: string, schema: string): void {
  const file = join(mkdtempSync(join(tmpdir(), 'keyturn-xsd-')), 'message.xml');
  writeFileSync(file, xml);
  const xsd = new URL(`./fixtures/iso20022/${schema}.xsd`, import.meta.url).pathname;
  execFileSync('xmllint', ['--noout', '--nonet', '--schema', xsd, file], { stdio: 'pipe' });
}

const account = { account: '6225880100000001', name: '存管专户', ownerName: 'Keyturn <Escrow>' };

function entry(change: Partial<Entry> = {}): Entry {
  return {
    seq: 7,
    bankReference: 'SEB203103030000000007',
    account: account.account,
    virtualAccount: `${account.account}000001`,
    kind: 'incoming',
    amount: 123_456n,
    balanceAfter: 123_456n,
    bookedMs: Temporal.Instant.from('2031-03-03T10:00:00+08:00').epochMilliseconds,
    bookedOn: '2031-03-03',
    endToEndId: 'E2E-1',
    messageId: 'MSG-1',
    paymentInformationId: 'PI-1',
    instructionId: 'IN-1',
    debtorName: '李四 & 妻',
    debtorAccount: '6222020200112233',
    creditorName: 'Keyturn',
    creditorAccount: account.account,
    creditorAgent: '102100099996',
    remittance: '购房款'.repeat(60),
    returnReason: undefined,
    originalReference: undefined,
    ...change,
  };
}

const kinds: Entry[] = [
  entry(),
  entry({ kind: 'payment', amount: -500n }),
  entry({ kind: 'return', amount: 500n, returnReason: 'AC04', originalReference: 'SEB1' }),
  entry({ kind: 'opening', virtualAccount: undefined, endToEndId: undefined, remittance: '' }),
];

const statement = {
  ...account,
  day: Temporal.PlainDate.from('2031-03-03'),
  sequence: 3,
  createdMs: 1_930_000_000_000,
  opening: 100n,
  closing: 223n,
  entries: kinds,
};

describe('yuan and fen', () => {
  test('what is written is read back, for every amount that can be booked', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: maxFen }), (fen) => {
        expect(parseYuan(formatYuan(fen))).toBe(fen);
      }),
    );
  });

  test('a fraction of a fen, a sign, an exponent and too much are not read', () => {
    for (const text of ['0.001', '-1', '+1', '1e3', '1,5', '', '.5', '90071992547409.92']) {
      expect(parseYuan(text), text).toBeUndefined();
    }
    expect(parseYuan('1.5000')).toBe(150n);
  });
});

describe('the XML reader', () => {
  test('a document type is refused, so that no entity is ever expanded', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>';
    expect(() => readXml(bomb)).toThrow('DOCTYPE');
    expect(() => readXml('<a>&b;</a>')).toThrow('no entity');
  });

  test('character references, prefixes and CDATA mean what XML says they mean', () => {
    const root = readXml(
      '<x:a xmlns:x="urn:n" k="&lt;"><x:b>&#x5F20;&#19977; &amp;</x:b>' +
        '<c><![CDATA[&amp;]]></c></x:a>',
    );
    expect(root.namespace).toBe('urn:n');
    expect(root.attributes['k']).toBe('<');
    expect(textAt(root, 'b')).toBe('张三 &');
    expect(textAt(root, 'c')).toBe('&amp;');
  });
});

describe('reading pain.001', () => {
  const good = pain001([{ endToEndId: 'A', amount: '1234.50', virtualAccount: '99' }]);

  test('each transfer comes with its debtor, payee, amount, virtual account and remittance', () => {
    const message = readPain001(good);
    expect(message).toMatchObject({
      ok: true,
      initiation: {
        instructions: [
          {
            endToEndId: 'A',
            amount: 123_450n,
            virtualAccount: '99',
            debtorAccount: account.account,
            creditorName: '张三',
            creditorAccount: '6222020200112233',
            creditorAgent: '102100099996',
            remittance: '佣金 & 税费',
            reason: undefined,
          },
        ],
      },
    });
  });

  test('a virtual account of the whole block counts, unless a transfer names another', () => {
    const block = '<UltmtDbtr><Id><PrvtId><Othr><Id>11</Id></Othr></PrvtId></Id></UltmtDbtr>';
    const xml = pain001([
      { endToEndId: 'A', amount: '1.00' },
      { endToEndId: 'B', amount: '1.00', virtualAccount: '22' },
    ]).replace('</DbtrAgt>', `</DbtrAgt>${block}`);
    const message = readPain001(xml);
    const accounts = message.ok
      ? message.initiation.instructions.map(({ virtualAccount }) => virtualAccount)
      : [];
    expect(accounts).toEqual(['11', '22']);
  });

  test.each([
    ['a wrong namespace', good.replace('pain.001.001.09', 'pain.001.001.03'), 'namespace'],
    ['a missing end-to-end id', good.replace(/<EndToEndId>.*?<\/EndToEndId>/, ''), 'EndToEndId'],
    ['a wrong number of transfers', good.replace('<NbOfTxs>1<', '<NbOfTxs>2<'), 'NbOfTxs'],
    [
      'a wrong control sum',
      good.replace('<InitgPty>', '<CtrlSum>1.00</CtrlSum><InitgPty>'),
      'CtrlSum',
    ],
    ['an unknown element', good.replace('<RmtInf>', '<Hello/><RmtInf>'), 'cannot hold Hello'],
    [
      'elements out of order',
      good.replace(/(<RmtInf>.*<\/RmtInf>)(<\/CdtTrfTxInf>)/, '$1<Cdtr/>$2'),
      'stands too late',
    ],
    ['a negative amount', good.replace('1234.50', '-1.00'), 'InstdAmt'],
    ['a transfer by cheque', good.replace('>TRF<', '>CHK<'), 'PmtMtd'],
    ['a day that is none', good.replace('<Dt>2031-03-03', '<Dt>2031-02-30'), 'ReqdExctnDt'],
    ['broken XML', good.replace('</GrpHdr>', ''), 'well-formed'],
  ])('%s is refused with FF01 and told', (_what, xml, sentence) => {
    const message = readPain001(xml);
    expect(message).toMatchObject({ ok: false, reason: { code: 'FF01' } });
    expect(message.ok ? '' : message.reason.text).toContain(sentence);
  });

  test.each([
    ['another currency', 'EUR', '1.00', 'AM03'],
    ['a fraction of a fen', 'CNY', '1.005', 'AM12'],
    ['nothing', 'CNY', '0.00', 'AM01'],
  ])('an amount of %s is refused for its own transfer alone', (_what, currency, amount, code) => {
    const message = readPain001(pain001([{ endToEndId: 'A', amount, currency }]));
    expect(message).toMatchObject({
      ok: true,
      initiation: { instructions: [{ reason: { code } }] },
    });
  });

  test('any text, however odd, gives an answer and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(good.length), fc.nat(40), (junk, start, length) => {
        const message = readPain001(good.slice(0, start) + junk + good.slice(start + length));
        expect(typeof message.ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});

describe('writing', () => {
  test('the virtual account stands as party account, ultimate party and reference', () => {
    const tx = 'BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls';
    const number = `${account.account}000001`;
    const credit = at(readXml(writeCamt054(account, entry())), tx);
    expect(textAt(credit, 'RltdPties/CdtrAcct/Id/Othr/Id')).toBe(number);
    expect(textAt(credit, 'RltdPties/UltmtCdtr/Pty/Id/OrgId/Othr/Id')).toBe(number);
    expect(textAt(credit, 'Refs/Prtry/Tp')).toBe('VIRTUAL_ACCOUNT');
    expect(textAt(credit, 'Refs/Prtry/Ref')).toBe(number);
    const debit = at(readXml(writeCamt054(account, entry({ kind: 'payment', amount: -1n }))), tx);
    expect(textAt(debit, 'RltdPties/DbtrAcct/Id/Othr/Id')).toBe(number);
    expect(textAt(debit, 'RltdPties/UltmtDbtr/Pty/Id/OrgId/Othr/Id')).toBe(number);
    expect(textAt(debit, 'RltdPties/CdtrAcct/Id/Othr/Id')).toBe(account.account);
  });

  test('text that XML cannot carry does not break a message, and long text is cut to fit', () => {
    const xml = writeCamt054(account, entry({ debtorName: `a\u0000<\ud800${'名'.repeat(200)}` }));
    const name = textAt(
      readXml(xml),
      'BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls/RltdPties/Dbtr/Pty/Nm',
    );
    expect(name?.startsWith('a<名')).toBe(true);
    expect([...(name ?? '')].length).toBeLessThanOrEqual(140);
  });

  test('long remittance is written in pieces of 140 that join to the whole', () => {
    const xml = readXml(writeCamt054(account, entry()));
    const details = at(xml, 'BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls');
    const pieces = allAt(details, 'RmtInf/Ustrd').map(({ text }) => text);
    expect(pieces).toHaveLength(2);
    expect(pieces.join('')).toBe('购房款'.repeat(60));
  });

  const suffix = xmllint ? '' : ' (skipped: xmllint is not installed)';

  test.skipIf(!xmllint)(`camt.053 and camt.054 keep to their schemas${suffix}`, () => {
    for (const each of kinds) validate(writeCamt054(account, each), 'camt.054.001.08');
    validate(writeCamt053(statement), 'camt.053.001.08');
    validate(writeCamt053({ ...statement, entries: [] }), 'camt.053.001.08');
    expect(() =>
      validate(writeCamt053(statement).replace('OPBD', ''), 'camt.053.001.08'),
    ).toThrow();
  });

  test.skipIf(!xmllint)(`pain.002 keeps to the schema of the next version${suffix}`, () => {
    const reported = {
      paymentInformationId: 'PI',
      instructionId: 'IN',
      endToEndId: 'E',
      status: 'RJCT',
      reason: { code: 'AM04', text: 'too little '.repeat(20) },
      amount: 100n,
      acceptedMs: 1_930_000_000_000,
      bankReference: 'SEB1',
    } as const;
    const report = { id: 'PSR1', createdMs: 1_930_000_000_000, originalMessageId: 'M' };
    const messages = [
      { ...report, group: { status: 'PART', reason: reported.reason }, transactions: [reported] },
      { ...report, group: undefined, transactions: [{ ...reported, reason: undefined }] },
      { ...report, group: { status: 'RJCT', reason: undefined }, transactions: [] },
    ] as const;
    for (const message of messages) {
      const xml = writePain002(message).replace('pain.002.001.10', 'pain.002.001.11');
      validate(xml, 'pain.002.001.11');
    }
  });

  test.skipIf(!xmllint)(`the messages that these tests send keep to their schema${suffix}`, () => {
    const transfer = { endToEndId: 'A', amount: '1.00', virtualAccount: '99' };
    validate(pain001([transfer], { controlSum: '1.00' }), 'pain.001.001.09');
  });
});
