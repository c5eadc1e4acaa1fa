import { err, ok, type Result } from '@keyturn/kernel';

/** Text of a file and the encoding that it was read in. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: string;
}

const byteOrderMarks: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** The encodings that banks send, by the names that XML declarations use. */
const supported =
  /^(?:utf-?8|utf-?16(?:le|be)?|us-ascii|ascii|iso-8859-(?:1|2|3|4|5|6|7|8|9|10|13|14|15|16)|latin1|windows-125[0-8]|cp125[0-2]|gbk|gb2312|gb18030|cp936|big5)$/i;

function startsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}

/** The encoding that the byte order mark says, if there is one. */
export function byteOrderMark(bytes: Uint8Array): string | undefined {
  return byteOrderMarks.find(([head]) => startsWith(bytes, head))?.[1];
}

/** UTF-16 without a mark shows in the zero byte beside the first `<` (XML 1.0, appendix F). */
function utf16WithoutMark(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, [0x3c, 0, 0x3f, 0])) return 'utf-16le';
  if (startsWith(bytes, [0, 0x3c, 0, 0x3f])) return 'utf-16be';
  return undefined;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 400));
  const match = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']/.exec(head);
  return match?.[1];
}

/**
 * Reads bytes strictly: a byte sequence that the encoding does not know is refused, not replaced.
 */
export function decodeAs(bytes: Uint8Array, encoding: string): Result<DecodedText, string> {
  if (!supported.test(encoding)) return err(`the encoding ${encoding} is not supported`);
  const name = encoding.toLowerCase().replace(/^cp936$/, 'gbk');
  try {
    return ok({ text: new TextDecoder(name, { fatal: true }).decode(bytes), encoding: name });
  } catch {
    // The decoder says only that, not where: the label or the bytes are wrong.
    return err(`its bytes are not valid ${encoding}`);
  }
}

/** Exports of old systems fill up the last block or set an end-of-file mark behind the text. */
function withoutFiller(decoded: Result<DecodedText, string>): Result<DecodedText, string> {
  if (!decoded.ok) return decoded;
  const { text, encoding } = decoded.value;
  let end = text.length;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is where they are taken off
  while (end > 0 && /[\u0000\u001a\s]/.test(text.charAt(end - 1))) end -= 1;
  return ok({ text: text.slice(0, end), encoding });
}

/**
 * Reads the bytes of an XML file: byte order mark first, then the XML declaration, then UTF-8.
 * A declaration of UTF-16 over single-byte text (a known slip of some exports) is read as UTF-8.
 */
export function decodeXml(bytes: Uint8Array): Result<DecodedText, string> {
  const certain = byteOrderMark(bytes) ?? utf16WithoutMark(bytes);
  if (certain !== undefined) return withoutFiller(decodeAs(bytes, certain));
  const declared = declaredEncoding(bytes) ?? 'utf-8';
  return withoutFiller(decodeAs(bytes, /^utf-?16/i.test(declared) ? 'utf-8' : declared));
}
