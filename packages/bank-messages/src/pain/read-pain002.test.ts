import { describe, expect, test } from 'vitest';
import { bytesOf, fixture, fixtureNames, sampleNames } from '../../test/fixtures.ts';
import { readPain002 } from './read-pain002.ts';
import type { PaymentStatusReport } from './status-report.ts';

function report(name: string): PaymentStatusReport {
  const read = readPain002(fixture(name), name);
  if (!read.ok) throw new Error(read.error.reason);
  return read.value;
}

describe('published status reports', () => {
  const names = fixtureNames('pain').filter((name) => /pain_?002/.test(name));

  test('all are read', () => {
    expect(names.length).toBe(9);
    expect(names.filter((name) => !readPain002(fixture(name)).ok)).toEqual([]);
  });

  test('a partly accepted order with its reason', () => {
    expect(report('pain/moov/pain002-epo_1110097605_0_2018031511252307.xml')).toMatchObject({
      version: 'pain.002.001.03.ch.02',
      originalMessageId: 'MsgId-001',
      status: undefined,
      groups: [
        {
          originalGroupId: 'PmtInfId-001-03',
          status: 'PART',
          transactions: [
            {
              originalInstructionId: 'InstrId-001-03-04',
              originalEndToEndId: 'EndToEndId-001-03-04',
              status: 'RJCT',
              reasons: [{ code: 'AC01', info: ['1301813;Konto ungültig'] }],
            },
          ],
        },
      ],
    });
  });

  test('an order rejected as a whole, and one rejected by group', () => {
    expect(report('pain/nordea/pain_002_v3_group_reject.xml')).toMatchObject({
      status: 'RJCT',
      reasons: [{ code: 'DU01', info: ['ISO Duplicate Message ID'] }],
    });
    expect(report('pain/nordea/pain_002_v3_payment_reject.xml').groups).toMatchObject([
      { status: 'RJCT', reasons: [{ code: 'NARR' }] },
    ]);
  });

  test('the bank reference and the amount of an accepted payment', () => {
    const { groups } = report('pain/goldman_sachs/pain_002_v3_accepted.xml');
    expect(groups[0]?.transactions[0]).toMatchObject({
      status: 'ACCP',
      bankReference: 'I200820000XXXXX',
      originalAmount: { amount: 1000n, currency: 'USD' },
    });
  });

  test('three payments under way, in a message without a usable namespace', () => {
    const { groups, version } = report('pain/cross_river/pain_002_debit_accepted.xml');
    expect(version).toBe('pain.002.001.03');
    expect(groups[0]?.transactions.map(({ status }) => status)).toEqual(['ACSP', 'ACSP', 'ACSP']);
  });
});

describe('version 10', () => {
  const answer = (status: string) => `<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-03-18T09:30:02+08:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>G1</OrgnlPmtInfId><TxInfAndSts><StsId>S1</StsId><OrgnlEndToEndId>E2E-1</OrgnlEndToEndId>${status}
<AccptncDtTm>2026-03-18T09:30:01+08:00</AccptncDtTm><AcctSvcrRef>BK1</AcctSvcrRef></TxInfAndSts></OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>`;

  test('a settled payment, a reason of the bank alone, several reasons', () => {
    const status =
      '<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><StsRsnInf><Rsn><Prtry>余额不足</Prtry></Rsn><AddtlInf>a</AddtlInf><AddtlInf>b</AddtlInf></StsRsnInf>';
    const read = readPain002(bytesOf(answer(status)));
    expect(read.ok && read.value.groups[0]?.transactions[0]).toMatchObject({
      statusId: 'S1',
      originalEndToEndId: 'E2E-1',
      status: 'RJCT',
      bankReference: 'BK1',
      acceptedAt: '2026-03-18T09:30:01+08:00',
      reasons: [
        { code: 'AM04', proprietary: undefined, info: [] },
        { code: undefined, proprietary: '余额不足', info: ['a', 'b'] },
      ],
    });
  });

  test('a report without any status says nothing and is refused', () => {
    const read = readPain002(bytesOf(answer('')), 'answer.xml');
    expect(!read.ok && read.error.reason).toContain(
      'there is no status of message, group or payment',
    );
  });
});

test('every other sample is refused as no status report', () => {
  const others = sampleNames().filter((name) => !/pain_?002/.test(name));
  expect(others.filter((name) => readPain002(fixture(name), name).ok)).toEqual([]);
  const read = readPain002(fixture('camt/nordea/example_camt.xml'), 'day.xml');
  expect(!read.ok && read.error.reason).toBe(
    'day.xml is a camt.053 account statement (camt.053.001.02), ' +
      'not a pain.002 payment status report.',
  );
});
