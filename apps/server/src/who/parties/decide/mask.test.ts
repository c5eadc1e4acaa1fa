import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskAccountNumber, maskDocument, maskName, maskPhone } from './mask.ts';

describe('a mask', () => {
  it.each([
    ['张三', '*三'],
    ['欧阳娜娜', '***娜'],
    ['王', '*'],
    ['𠮷田', '*田'],
    ['John Smith', 'J*** S***'],
    ['Al', 'A***'],
  ])('shows the name %s as %s', (name, masked) => expect(maskName(name)).toBe(masked));

  it('shows a document by its first and last character', () => {
    expect(maskDocument('11010519491231002X')).toBe('1****************X');
  });

  it('shows a telephone number as Chinese readers know it, others by four digits', () => {
    expect(maskPhone('+8613800138000')).toBe('138****8000');
    expect(maskPhone('+85251234567')).toBe('+****4567');
  });

  it('shows of an account number four characters, whatever its length', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z]{6,34}$/), (number) => {
        expect(maskAccountNumber(number)).toBe(`****${number.slice(-4)}`);
      }),
    );
  });
});
