/** What the text of field 86 says about a payment, in whichever of the usual structures. */
export interface Narrative {
  readonly endToEndId?: string | undefined;
  readonly customerReference?: string | undefined;
  readonly mandateId?: string | undefined;
  readonly creditorId?: string | undefined;
  readonly name?: string | undefined;
  readonly account?: string | undefined;
  readonly bank?: string | undefined;
  readonly ultimateName?: string | undefined;
  readonly businessCode?: string | undefined;
  readonly postingText?: string | undefined;
  readonly purpose?: string | undefined;
  readonly returnCode?: string | undefined;
  readonly remittance: readonly string[];
}

function given(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || /^(?:|NOTPROVIDED|NONREF)$/.test(trimmed) ? undefined : trimmed;
}

/** The identifiers inside the purpose of German structured text (DK Anlage 3, SEPA attributes). */
const sepaTag = /(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF|RCUR)\+/g;

function sepaParts(purpose: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  const marks = [...purpose.matchAll(sepaTag)];
  for (const [index, mark] of marks.entries()) {
    const from = mark.index + mark[0].length;
    const to = marks[index + 1]?.index ?? purpose.length;
    const name = mark[1] ?? '';
    parts.set(name, (parts.get(name) ?? '') + purpose.slice(from, to));
  }
  const before = purpose.slice(0, marks[0]?.index ?? purpose.length).trim();
  if (before !== '') parts.set('', before);
  return parts;
}

/**
 * Text in numbered subfields (`166?00GUTSCHRIFT?20SVWZ+…?32NAME`), the structure of German,
 * Austrian and Polish banks; some write `>` for the question mark.
 */
function numbered(text: string): Narrative | undefined {
  const head = /^(\d{3})\s*([?>~^])(?=\d\d)/.exec(text);
  if (!head) return undefined;
  const separator = head[2] ?? '?';
  const fields = new Map<string, string>();
  const rest = text.slice((head[1] ?? '').length);
  for (const part of rest.split(separator)) {
    const code = /^\d\d/.exec(part)?.[0];
    if (code !== undefined) fields.set(code, (fields.get(code) ?? '') + part.slice(2));
    else if (part.trim() !== '') appendLast(fields, separator + part);
  }
  const pick = (...codes: readonly string[]) =>
    codes.map((code) => fields.get(code) ?? '').join('');
  const range = (from: number, count: number) =>
    pick(...Array.from({ length: count }, (_, index) => String(from + index)));
  const parts = sepaParts(range(20, 10) + range(60, 4));
  const text86 = parts.get('SVWZ') ?? parts.get('') ?? '';
  return {
    endToEndId: given(parts.get('EREF')),
    customerReference: given(parts.get('KREF')),
    mandateId: given(parts.get('MREF')),
    creditorId: given(parts.get('CRED')),
    name: given(pick('32', '33')),
    account: given(pick('31') || pick('38') || parts.get('IBAN')),
    bank: given(pick('30') || parts.get('BIC')),
    ultimateName: given(parts.get('ABWA') ?? parts.get('ABWE')),
    businessCode: head[1],
    postingText: given(pick('00')),
    purpose: given(parts.get('PURP')),
    returnCode: undefined,
    remittance: given(text86) === undefined ? [] : [text86.trim()],
  };
}

function appendLast(fields: Map<string, string>, text: string): void {
  const last = [...fields.keys()].at(-1);
  if (last !== undefined) fields.set(last, (fields.get(last) ?? '') + text);
}

const slashWords =
  /\/(TRTP|IBAN|BIC|NAME|REMI|EREF|MARF|CSID|BENM|ORDP|ADDR|ISDT|PREF|NRTX|RTRN|RREF|TRCD|PURP|ULTC|ULTD|CNTP|USTD|STRD|SVCL|ID|OCMT|IACC|CHGS|EXCH|INIT)\//g;

/** Text in named parts (`/TRTP/SEPA OVERBOEKING/IBAN/…/REMI/…`), the structure of Dutch banks. */
function slashed(text: string): Narrative | undefined {
  const marks = [...text.matchAll(slashWords)];
  if (marks[0]?.index !== 0) return undefined;
  const parts = new Map<string, string>();
  // The next word's leading slash may be the one that ended this word: search again from there.
  for (const [index, mark] of marks.entries()) {
    const from = mark.index + mark[0].length;
    const to = marks[index + 1]?.index ?? text.length;
    const name = mark[1] ?? '';
    if (!parts.has(name)) parts.set(name, text.slice(from, Math.max(from, to)));
  }
  const counterparty = parts.get('CNTP')?.split('/') ?? [];
  const remittance = given(remittanceOf(parts.get('REMI') ?? ''));
  return {
    endToEndId: given(parts.get('EREF')),
    mandateId: given(parts.get('MARF')),
    creditorId: given(parts.get('CSID')),
    name: given(parts.get('NAME') ?? counterparty[2]),
    account: given(parts.get('IBAN') ?? counterparty[0]),
    bank: given(parts.get('BIC') ?? counterparty[1]),
    postingText: given(parts.get('TRTP')),
    purpose: given(parts.get('PURP')),
    returnCode: given(parts.get('RTRN')),
    remittance: remittance === undefined ? [] : [remittance],
  };
}

/** `/REMI/USTD//text` and `/REMI/STRD/CUR/reference` hold the text behind a second word. */
function remittanceOf(text: string): string {
  return text.replace(/^\/?(?:USTD\/\/|STRD\/[A-Z]*\/)/, '').replace(/^\/+|\/+$/g, '');
}

/**
 * Reads field 86. Text in a structure is joined without the line breaks that cut it after 65
 * characters; plain text keeps its lines.
 */
export function readNarrative(lines: readonly string[]): Narrative {
  const joined = lines.join('');
  const structured = numbered(joined) ?? slashed(joined.trimStart());
  if (structured !== undefined) return structured;
  const plain = lines.map((line) => line.trim()).filter((line) => line !== '');
  return { remittance: plain };
}

/**
 * Reads the numbered lines of the non-SWIFT field NS behind an entry: 01 to 14 purpose, 15 name of
 * the other party, 17 posting text.
 */
export function readNonSwift(lines: readonly string[]): Narrative {
  const coded = lines.map((line) => ({ code: line.slice(0, 2), text: line.slice(2).trim() }));
  const purposes = coded.filter(({ code }) => code >= '01' && code <= '14');
  return {
    name: given(coded.find(({ code }) => code === '15')?.text),
    postingText: given(coded.find(({ code }) => code === '17')?.text),
    remittance: purposes.map(({ text }) => text).filter((text) => text !== ''),
  };
}
