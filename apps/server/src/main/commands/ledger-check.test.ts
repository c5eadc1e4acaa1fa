import type { LedgerCheck } from '@keyturn/ledger';
import { describe, expect, it } from 'vitest';
import { StartError } from '../start/installation.ts';
import { checkText, readHead } from './ledger-check.ts';

const digest = 'ab'.repeat(32);

describe('a head on the command line', () => {
  it('is what the check prints: number, colon, digest', () => {
    expect(readHead(`12:${digest.toUpperCase()}`)).toEqual({ number: 12n, digest });
  });

  it.each(['', '12', `12:${digest}0`, `-1:${digest}`, `twelve:${digest}`])(
    'is refused when it is %j',
    (text) => {
      expect(() => readHead(text)).toThrow(StartError);
      expect(() => readHead(text)).toThrow('as "ledger check" prints them');
    },
  );
});

describe('what a check found', () => {
  const check: LedgerCheck = {
    balanced: true,
    accounts: 3n,
    journals: 12n,
    transfers: 13n,
    detachedParts: 0,
    seals: 6n,
    unsealedJournals: 2n,
    head: {
      number: 6n,
      digest,
      sealedAt: Temporal.Instant.from('2026-11-20T02:00:00Z'),
      keyId: '0123456789abcdef',
      signatureValid: true,
    },
    findings: [],
  };

  it('is said with the head, in the form in which it can be given to a later check', () => {
    const text = checkText(check);
    expect(text).toContain('The ledger is right.');
    expect(text).toContain('6 seals verified, 2 journals not sealed yet.');
    expect(readHead(text.slice(text.indexOf('Head ') + 'Head '.length))).toEqual({
      number: 6n,
      digest,
    });
  });

  it('names each finding', () => {
    const finding = { rule: 'a rule', subject: 'seal 3', detail: 'other content' };
    const text = checkText({ ...check, balanced: false, findings: [finding] });
    expect(text).toContain('The ledger is NOT right.');
    expect(text).toContain('a rule: seal 3 (other content)');
  });

  it('says when nothing is sealed yet', () => {
    expect(checkText({ ...check, seals: 0n, head: undefined })).toContain('Nothing is sealed yet.');
  });
});
