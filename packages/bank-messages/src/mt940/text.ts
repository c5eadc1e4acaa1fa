import { err, ok, type Result } from '@keyturn/kernel';
import { byteOrderMark, type DecodedText, decodeAs } from '../xml/text.ts';

/**
 * Whether bytes beyond ASCII come in pairs of high bytes, as Chinese characters of GB 2312 do.
 * Latin letters with accents stand alone between ASCII ones.
 */
function looksChinese(bytes: Uint8Array): boolean {
  let run = 0;
  let pairs = 0;
  for (const byte of bytes) {
    if (byte >= 0x80) {
      run += 1;
      continue;
    }
    if (run % 2 !== 0) return false;
    pairs += run / 2;
    run = 0;
  }
  return run % 2 === 0 && pairs + run / 2 > 0;
}

/**
 * Reads the bytes of an MT message, which does not say its encoding: byte order mark, UTF-8, then
 * by the look of the bytes GB 18030 or Windows-1252. Line ends become `\n`; the SOH, ETX and
 * end-of-file marks of transmission protocols become spaces.
 */
export function decodeMt(bytes: Uint8Array): Result<DecodedText, string> {
  const marked = byteOrderMark(bytes);
  const utf8 = decodeAs(bytes, marked ?? 'utf-8');
  const decoded =
    utf8.ok || marked !== undefined
      ? utf8
      : decodeAs(bytes, looksChinese(bytes) ? 'gb18030' : 'windows-1252');
  if (!decoded.ok) return decoded;
  const { text, encoding } = decoded.value;
  if (text.includes('\u0000')) return err('it holds zero bytes, so it is not text');
  const lines = text.replace(/\r\n?/g, '\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these frame or interrupt the text
  return ok({ text: lines.replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f]/g, ' '), encoding });
}
