import { err, ok, type Result } from '@keyturn/kernel';
import { isCamtFormat, readCamt } from './camt/statement.ts';
import { type FileRefusal, fileRefusal } from './errors.ts';
import { describeKind, emptyDocument, findMessages } from './message-kind.ts';
import { looksLikeMt, readMt } from './mt940/read.ts';
import { decodeMt } from './mt940/text.ts';
import { createProblems, type Problems } from './problems.ts';
import { recogniseOther } from './recognise.ts';
import type { StatementFile } from './statement.ts';
import { defaultXmlLimits, type XmlLimits } from './xml/guard.ts';
import { readXml, type XmlFile } from './xml/read.ts';

/** Whether the first thing in the file, byte order mark and blanks aside, is `<`. */
function looksLikeXml(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(0, 256)) {
    if (byte === 0x3c) return true;
    const skipped = [0x20, 0x09, 0x0a, 0x0d, 0x00, 0xef, 0xbb, 0xbf, 0xfe, 0xff];
    if (!skipped.includes(byte)) return false;
  }
  return false;
}

function readXmlStatements(xml: XmlFile, problems: Problems): Result<StatementFile, FileRefusal> {
  const file = problems.file;
  const messages = findMessages(xml.root);
  const other = messages.find(({ kind }) => !isCamtFormat(kind));
  const first = messages[0];
  if (first === undefined) {
    const promised = emptyDocument(xml.root);
    const path = `/${xml.root.name}`;
    if (promised !== undefined) {
      const what = `the Document is empty though its namespace says ${promised}`;
      return err(fileRefusal('nothing_inside', file, { path }, { what }));
    }
    const what = `XML with the root element ${xml.root.name.slice(0, 60)} and no ISO 20022 message`;
    return err(fileRefusal('format_unknown', file, { path }, { what }));
  }
  if (other !== undefined) {
    const name = other.body.name.slice(0, 60);
    const known = other.kind === undefined ? undefined : describeKind(other.kind, other.version);
    const what = `${known ?? 'an unknown XML message'} with the element ${name}`;
    return err(fileRefusal('not_a_statement', file, { path: name }, { what }));
  }
  const statements = messages.flatMap((message) =>
    isCamtFormat(message.kind) ? readCamt(message, message.kind, problems) : [],
  );
  const refusal = problems.refusal();
  if (refusal !== undefined) return err(refusal);
  const sample = statements[0];
  if (sample === undefined) {
    return err(fileRefusal('nothing_inside', file, {}, { what: 'there is no statement' }));
  }
  const { format, version } = sample;
  return ok({ fileName: file, format, version, encoding: xml.encoding, statements });
}

/**
 * Reads the account statements in a bank's file: camt.052, camt.053 and camt.054 of any version and
 * in any envelope, MT940, MT941, MT942 and MT950 in the dialects of the banks. The format is told
 * from the content; `fileName` only stands in sentences.
 *
 * What can be used is returned even where the bank's figures contradict each other: see
 * `verifyStatement`. Refused is a file of another kind, a broken one, and one in which an amount, a
 * direction, a currency, a date or the account of anything is missing or unusable.
 *
 * Amounts are signed minor units of their currency. Never throws; time and memory are bounded by
 * the limits (32 MiB, 60 levels, two million elements by default).
 */
export function readStatements(
  bytes: Uint8Array,
  fileName: string,
  limits: XmlLimits = defaultXmlLimits,
): Result<StatementFile, FileRefusal> {
  if (bytes.length === 0) return err(fileRefusal('file_empty', fileName, {}, {}));
  if (bytes.length > limits.maxBytes) {
    const values = { size: String(bytes.length), limit: String(limits.maxBytes) };
    return err(fileRefusal('file_too_large', fileName, {}, values));
  }
  const problems = createProblems(fileName);
  if (looksLikeXml(bytes)) {
    const xml = readXml(bytes, fileName, limits);
    return xml.ok ? readXmlStatements(xml.value, problems) : xml;
  }
  const decoded = decodeMt(bytes);
  if (decoded.ok && looksLikeMt(decoded.value.text)) {
    return readMt(decoded.value.text, decoded.value.encoding, problems);
  }
  const what = recogniseOther(bytes, decoded.ok ? decoded.value.text : undefined);
  return err(fileRefusal('format_unknown', fileName, {}, { what }));
}
