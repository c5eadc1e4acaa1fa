import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isBankCode,
  isName,
  normalAccountNumber,
  normalCreditCode,
  normalDocument,
  normalName,
  normalPhone,
} from './identity.ts';

describe('a resident identity card', () => {
  // The examples of GB 11643-1999, annex A.
  it.each(['11010519491231002X', '440524188001010014'])('may have the number %s', (number) => {
    expect(normalDocument('resident_id', number)).toBe(number);
  });

  it('may be written with a small x and spaces around', () => {
    expect(normalDocument('resident_id', ' 11010519491231002x ')).toBe('11010519491231002X');
  });

  it.each([
    '110105194912310021',
    '11010519491331002X',
    '110105194902300029',
    '1101051949123100',
    '01010519491231002X',
    '',
  ])('cannot have the number %j', (number) => {
    expect(normalDocument('resident_id', number)).toBeUndefined();
  });

  it('is known to be wrong after any one digit was misread', () => {
    const digits = fc.integer({ min: 0, max: 16 });
    fc.assert(
      fc.property(digits, fc.integer({ min: 1, max: 9 }), (at, shift) => {
        const number = '440524188001010014';
        const misread = String((Number(number[at]) + shift) % 10);
        const wrong = number.slice(0, at) + misread + number.slice(at + 1);
        expect(normalDocument('resident_id', wrong)).toBeUndefined();
      }),
    );
  });
});

describe('other documents', () => {
  it('have 5 to 20 letters and digits', () => {
    expect(normalDocument('passport', 'e12345678')).toBe('E12345678');
    expect(normalDocument('passport', 'E123')).toBeUndefined();
    expect(normalDocument('taiwan_permit', '1234 5678')).toBeUndefined();
  });
});

describe('a unified social credit code', () => {
  // Published by the companies that have them: Tencent, Huawei, ICBC.
  it.each(['9144030071526726XG', '914403001922038216', '91100000100003962T'])('may be %s', (code) =>
    expect(normalCreditCode(code)).toBe(code),
  );

  it.each(['914403001922038217', '91440300192203821', 'I14403001922038216', ''])(
    'cannot be %j',
    (code) => expect(normalCreditCode(code)).toBeUndefined(),
  );

  it('is known to be wrong after two neighbours changed places', () => {
    const code = '914403001922038216';
    for (let at = 0; at < 16; at++) {
      const a = code.charAt(at);
      const b = code.charAt(at + 1);
      if (a === b) continue;
      const swapped = code.slice(0, at) + b + a + code.slice(at + 2);
      expect(normalCreditCode(swapped)).toBeUndefined();
    }
  });
});

describe('a telephone number', () => {
  it.each([
    ['13800138000', '+8613800138000'],
    ['138-0013 8000', '+8613800138000'],
    ['+85251234567', '+85251234567'],
    ['12800138000', undefined],
    ['1380013800', undefined],
    ['+0123456789', undefined],
    ['call me', undefined],
  ])('%j is kept as %j', (text, expected) => expect(normalPhone(text)).toBe(expected));
});

describe('an account number', () => {
  it.each([
    ['6222 0200 0000 0000 000', '6222020000000000000'],
    ['gb29nwbk60161331926819', 'GB29NWBK60161331926819'],
    ['12345', undefined],
    ['1'.repeat(35), undefined],
    ['6222_0200', undefined],
    ['６２２２０２００', undefined],
  ])('%j is kept as %j', (text, expected) => expect(normalAccountNumber(text)).toBe(expected));

  it('has a bank code of exactly twelve digits', () => {
    expect(isBankCode('102100099996')).toBe(true);
    for (const wrong of ['10210009999', '1021000999960', '10210009999X', '']) {
      expect(isBankCode(wrong)).toBe(false);
    }
  });
});

describe('a name', () => {
  it.each(['张三', '欧阳·娜娜', 'John Smith', '𠮷田'])('may be %j', (name) => {
    expect(isName(name)).toBe(true);
  });

  it.each(['', ' ', ' 张三', 'a\u0000b', 'a\nb', '\ud800', 'x'.repeat(101)])(
    'cannot be %j',
    (name) => expect(isName(name)).toBe(false),
  );

  it('is the same however its accents were typed', () => {
    expect(normalName(' Jose\u0301 ')).toBe('Jos\u00e9');
  });
});
