import { decodeId } from '@keyturn/kernel';
import { RefusedError } from '../http/refused.ts';

/** Reads an id of any kind from the wire: whatever has a prefix and 26 characters. */
export function uuidOfAnyId(text: string, param: string): string {
  const prefix = text.slice(0, Math.max(text.lastIndexOf('_'), 0));
  const uuid = prefix === '' ? undefined : decodeId(prefix, text);
  if (uuid === undefined) {
    const values = { value: text, prefix: '<kind>' };
    throw new RefusedError({ code: 'id_invalid', param, values });
  }
  return uuid;
}
