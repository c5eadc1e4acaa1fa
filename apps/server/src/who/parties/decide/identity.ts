import type { DocumentKind } from '../types.ts';

/** Whether a text can be a name: 1 to 100 characters, no control character or half of a pair. */
export function isName(text: string): boolean {
  const length = [...text].length;
  return length >= 1 && length <= 100 && text === text.trim() && !/[\p{Cc}\p{Cs}]/u.test(text);
}

/**
 * A name as it is kept: without spaces around, in composed form, so that equal names are equal
 * texts.
 */
export function normalName(text: string): string {
  return text.trim().normalize('NFC');
}

/**
 * The number of an identity document as it is kept (upper case), or undefined when it cannot be
 * one. Resident identity cards by GB 11643-1999: region, real date of birth, sequence, check
 * character.
 */
export function normalDocument(kind: DocumentKind, number: string): string | undefined {
  const text = number.trim().toUpperCase();
  if (kind === 'resident_id') return isResidentId(text) ? text : undefined;
  return /^[0-9A-Z]{5,20}$/.test(text) ? text : undefined;
}

const residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

function isResidentId(text: string): boolean {
  const match = /^[1-9]\d{5}((?:18|19|20)\d{2})(\d{2})(\d{2})\d{3}[\dX]$/.exec(text);
  if (!match) return false;
  const born = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  if (!isDate(born)) return false;
  const sum = residentWeights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return text[17] === '10X98765432'[sum % 11];
}

function isDate(date: { year: number; month: number; day: number }): boolean {
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  return Temporal.PlainDate.from({ ...date, day: 1 }).daysInMonth >= date.day;
}

/**
 * A telephone number in E.164, or undefined. Eleven digits from 13 to 19 are a Chinese mobile
 * number.
 */
export function normalPhone(text: string): string | undefined {
  const number = text.replaceAll(/[\s-]/g, '');
  if (/^1[3-9]\d{9}$/.test(number)) return `+86${number}`;
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : undefined;
}

const creditCodeCharacters = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/**
 * A unified social credit code in upper case, or undefined when its check character is wrong (GB
 * 32100-2015).
 */
export function normalCreditCode(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  if (!/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(code)) return undefined;
  let weight = 1;
  let sum = 0;
  for (const character of code.slice(0, 17)) {
    sum += creditCodeCharacters.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return code[17] === creditCodeCharacters[(31 - (sum % 31)) % 31] ? code : undefined;
}

/**
 * A bank account number without its spaces and dashes, or undefined (ISO 20022 allows 34
 * characters).
 */
export function normalAccountNumber(text: string): string | undefined {
  const number = text.replaceAll(/[\s-]/g, '').toUpperCase();
  return /^[0-9A-Z]{6,34}$/.test(number) ? number : undefined;
}

/** CNAPS code of a bank's branch (大额支付系统行号). */
export function isBankCode(text: string): boolean {
  return /^\d{12}$/.test(text);
}
