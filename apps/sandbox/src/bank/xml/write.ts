import { formatYuan } from '../fen.ts';

/** XML that is complete in itself: one element with all inside of it, or several in a row. */
export type Xml = string;

/** What XML 1.0 cannot carry at all, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(forbidden, '').replace(/[&<>"]/g, (character) => escapes[character] ?? '');
}

/** An element with elements inside; what is undefined is left out. */
export function element(name: string, ...children: (Xml | undefined)[]): Xml {
  return `<${name}>${children.filter((child) => child !== undefined).join('')}</${name}>`;
}

/** An element with text inside, cut to the schema's length in characters (MaxNText). */
export function leaf(name: string, text: string, maxLength = 35): Xml {
  const characters = [...text];
  const cut = characters.length > maxLength ? characters.slice(0, maxLength).join('') : text;
  return `<${name}>${escaped(cut)}</${name}>`;
}

/** The same when there is a text, nothing else. */
export function optionalLeaf(name: string, text: string | undefined, maxLength = 35) {
  return text === undefined || text === '' ? undefined : leaf(name, text, maxLength);
}

/** An amount in CNY from fen; ISO 20022 writes it without a sign. */
export function amount(name: string, fen: bigint): Xml {
  return `<${name} Ccy="CNY">${formatYuan(fen < 0n ? -fen : fen)}</${name}>`;
}

/** Free text as `RmtInf`, in pieces of 140 characters as the schema asks for. */
export function remittance(text: string): Xml | undefined {
  const pieces = text.match(/.{1,140}/gsu);
  return pieces === null
    ? undefined
    : element('RmtInf', ...pieces.map((piece) => leaf('Ustrd', piece, 140)));
}

/** `Id/Othr/Id` of an account. */
export function accountId(account: string): Xml {
  return element('Id', element('Othr', leaf('Id', account, 34)));
}

/** The whole message in the namespace of its schema, for example `camt.053.001.08`. */
export function document(schema: string, ...children: Xml[]): Xml {
  const namespace = `urn:iso:std:iso:20022:tech:xsd:${schema}`;
  const open = `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="${namespace}">`;
  return `${open}${children.join('')}</Document>\n`;
}
