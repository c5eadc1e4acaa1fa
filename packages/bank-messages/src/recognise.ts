import { describeKind } from './message-kind.ts';

/**
 * Says what a file is that is neither XML nor an MT statement, so that a person sees the mix-up.
 */
export function recogniseOther(bytes: Uint8Array, text: string | undefined): string {
  return magic(bytes) ?? (text === undefined ? 'binary data' : textKind(text));
}

function magic(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 8));
  if (head.startsWith('%PDF')) return 'a PDF document';
  if (head.startsWith('PK\u0003\u0004')) return 'a ZIP archive or an Office document';
  if (head.startsWith('\u001f\u008b')) return 'a gzip archive';
  if (head.startsWith('\u00d0\u00cf\u0011\u00e0')) return 'an old Office document';
  return undefined;
}

function jsonKind(text: string): string {
  const head = text.slice(0, 20_000);
  const named = /\b([a-z]{4}\.\d{3})\.\d{3}\.\d{2}\b/.exec(head)?.[1];
  const kind = named ?? /"(CstmrPmtStsRpt)"/.exec(head)?.[1]?.replace('CstmrPmtStsRpt', 'pain.002');
  return kind === undefined ? 'JSON' : `JSON (with ${describeKind(kind, kind)}), not XML`;
}

function textKind(text: string): string {
  const trimmed = text.trimStart();
  if (trimmed === '') return 'blank';
  if (/^[[{]/.test(trimmed) && !/^\{\d:/.test(trimmed)) return jsonKind(trimmed);
  if (/^<!doctype html|^<html/i.test(trimmed)) return 'an HTML page';
  const lines = trimmed.split(/\r?\n/, 60).filter((line) => line.trim() !== '');
  const table = [',', ';', '\t', '|'].some((separator) => isTable(lines, separator));
  if (table) return 'a table of separated values (CSV)';
  return 'text in no format that is known here';
}

/** Whether the lines have one number of columns: all of them, or several below a heading. */
function isTable(lines: readonly string[], separator: string): boolean {
  const counts = lines.map((line) => line.split(separator).length - 1);
  if (lines.length > 1 && counts.every((count) => count > 0)) return true;
  const most = Math.max(...counts);
  return most > 1 && counts.filter((count) => count === most).length > 2;
}
