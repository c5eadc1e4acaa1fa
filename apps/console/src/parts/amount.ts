import { minorDigits } from '@keyturn/ui';

/**
 * Reads an amount as a person types it (`1,200.50`) into minor units. Undefined when it is no
 * plain amount above zero, or has more digits than the currency knows.
 */
export function parseAmount(typed: string, currency: string): bigint | undefined {
  const digits = minorDigits(currency);
  const match = /^(\d{1,13})(?:\.(\d*))?$/.exec(typed.trim().replace(/[,，\s]/g, ''));
  const [, whole, fraction = ''] = match ?? [];
  if (whole === undefined || fraction.length > digits) return undefined;
  const minor = BigInt(`${whole}${fraction.padEnd(digits, '0')}`);
  return minor > 0n ? minor : undefined;
}
