import { randomBytes, randomInt } from 'node:crypto';
import { worldZone } from '../core/clock.ts';

function digits(count: number): string {
  let result = '';
  while (result.length < count) result += String(randomInt(1_000_000)).padStart(6, '0');
  return result.slice(0, count);
}

function day(at: Temporal.Instant): string {
  return at.toZonedDateTimeISO(worldZone).toPlainDate().toString().replaceAll('-', '');
}

/** 28 digits as WeChat's look: kind, random, the day, random. Uniqueness is the store's. */
export function newTransactionId(at: Temporal.Instant): string {
  return `4200${digits(6)}${day(at)}${digits(10)}`;
}

/** 29 digits. */
export function newRefundId(at: Temporal.Instant): string {
  return `50${digits(8)}${day(at)}${digits(11)}`;
}

/** What stands behind `pr=` in a code_url and in the payer's address. */
export function newToken(): string {
  return randomBytes(12).toString('base64url');
}

/** The payer as the merchant's app knows them: 28 characters that begin with o. */
export function newOpenid(): string {
  return `o${randomBytes(21).toString('base64url').slice(0, 27)}`;
}
