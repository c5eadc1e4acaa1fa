import { err, ok, type Result } from '@keyturn/kernel';
import { XMLParser } from 'fast-xml-parser';
import { type FileRefusal, fileRefusal } from '../errors.ts';
import type { XmlElement } from './element.ts';
import { defaultXmlLimits, scanXml, type XmlFault, type XmlLimits } from './guard.ts';
import { decodeXml } from './text.ts';

export interface XmlFile {
  readonly root: XmlElement;
  readonly encoding: string;
}

const textKey = '#text';
const cdataKey = '#cdata';
const attributesKey = ':@';

const predefined = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** A character reference that XML 1.0 allows; undefined otherwise. */
function character(code: number): string | undefined {
  const allowed =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return allowed ? String.fromCodePoint(code) : undefined;
}

/**
 * Resolves the five predefined entities and numeric references; there are no others without a
 * document type. A lone ampersand, which careless exports contain, stays what it is.
 */
function resolve(text: string, unknown: (name: string) => void): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|[A-Za-z][\w.-]{0,40});/g, (whole, name) => {
    const body = String(name);
    const value = body.startsWith('#x')
      ? character(Number.parseInt(body.slice(2), 16))
      : body.startsWith('#')
        ? character(Number.parseInt(body.slice(1), 10))
        : predefined.get(body);
    if (value === undefined) unknown(whole);
    return value ?? '';
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Building {
  count: number;
  unknownEntity: string | undefined;
}

interface Draft extends XmlElement {
  attributes: ReadonlyMap<string, string>;
  children: readonly Draft[];
  text: string;
  index: number | undefined;
}

function localName(qualified: string): { readonly name: string; readonly prefix: string } {
  const colon = qualified.indexOf(':');
  if (colon === -1) return { name: qualified, prefix: '' };
  return { name: qualified.slice(colon + 1), prefix: qualified.slice(0, colon) };
}

/** Most elements have no attributes, and most have no children: those share what is empty. */
const noAttributes: ReadonlyMap<string, string> = new Map();
const noChildren: readonly Draft[] = [];

function draft(
  qualified: string,
  attributes: ReadonlyMap<string, string>,
  parent: XmlElement | undefined,
): Draft {
  const { name, prefix } = localName(qualified);
  return { name, prefix, attributes, children: noChildren, text: '', parent, index: undefined };
}

function attributesOf(
  found: unknown,
  unknown: (name: string) => void,
): ReadonlyMap<string, string> {
  if (!isRecord(found)) return noAttributes;
  const attributes = new Map<string, string>();
  for (const [key, value] of Object.entries(found)) {
    if (typeof value === 'string') attributes.set(key, resolve(value, unknown));
  }
  return attributes;
}

/** Turns the parser's ordered nodes into elements under `into`. Depth is bounded by the scan. */
function fill(into: Draft, nodes: unknown, building: Building): void {
  if (!Array.isArray(nodes)) return;
  const unknown = (name: string) => {
    building.unknownEntity ??= name;
  };
  let text = '';
  const children: Draft[] = [];
  for (const node of nodes) {
    if (!isRecord(node)) continue;
    for (const key of Object.keys(node)) {
      if (key === attributesKey) continue;
      const value = node[key];
      if (key === textKey) text += resolve(typeof value === 'string' ? value : '', unknown);
      else if (key === cdataKey) text += cdataText(value);
      else {
        building.count += 1;
        const element = draft(key, attributesOf(node[attributesKey], unknown), into);
        fill(element, value, building);
        children.push(element);
      }
    }
  }
  into.text = text.trim();
  if (children.length === 0) return;
  into.children = children;
  if (children.length > 1) numberTwins(children);
}

/**
 * Gives brothers of the same name their place, so that a path can be said without counting again.
 */
function numberTwins(children: readonly Draft[]): void {
  const counts = new Map<string, number>();
  const firsts = new Map<string, Draft>();
  for (const element of children) {
    const count = (counts.get(element.name) ?? 0) + 1;
    counts.set(element.name, count);
    if (count === 1) firsts.set(element.name, element);
    else element.index = count;
    const first = firsts.get(element.name);
    if (count === 2 && first !== undefined) first.index = 1;
  }
}

function cdataText(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  return nodes
    .map((node: unknown) =>
      isRecord(node) && typeof node[textKey] === 'string' ? node[textKey] : '',
    )
    .join('');
}

function parser(limits: XmlLimits): XMLParser {
  return new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    allowBooleanAttributes: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    htmlEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    textNodeName: textKey,
    cdataPropName: cdataKey,
    maxNestedTags: limits.maxDepth + 1,
    jPath: false,
  });
}

function faultRefusal(file: string, fault: XmlFault): FileRefusal {
  const codes = {
    forbidden: 'xml_forbidden',
    malformed: 'xml_malformed',
    too_big: 'xml_too_big',
  } as const;
  return fileRefusal(codes[fault.kind], file, { line: fault.line }, { why: fault.why });
}

/** Builds the tree of text that the scan has passed. */
function build(text: string, elements: number, limits: XmlLimits): Result<XmlElement, string> {
  const building: Building = { count: 0, unknownEntity: undefined };
  const holder = draft('', noAttributes, undefined);
  try {
    fill(holder, parser(limits).parse(text), building);
  } catch (error) {
    return err(error instanceof Error ? error.message : 'it cannot be parsed');
  }
  if (building.unknownEntity !== undefined) {
    return err(`the entity ${building.unknownEntity} is not known`);
  }
  const root = holder.children[0];
  // The scan and the parser are two readings of the same text; where they differ neither is
  // believed.
  if (root === undefined || building.count !== elements) return err('its tags are ambiguous');
  return ok(withoutParent(root));
}

/** The root has no parent: the holder above it is none of the file's elements. */
function withoutParent(root: XmlElement): XmlElement {
  return Object.assign(root, { parent: undefined });
}

/**
 * Reads XML from a bank. Never opens a file or a connection and never expands an entity: a DOCTYPE
 * is refused, values stay strings, size, depth and number of elements are bounded.
 */
export function readXml(
  bytes: Uint8Array,
  file: string,
  limits: XmlLimits = defaultXmlLimits,
): Result<XmlFile, FileRefusal> {
  if (bytes.length > limits.maxBytes) {
    const values = { size: String(bytes.length), limit: String(limits.maxBytes) };
    return err(fileRefusal('file_too_large', file, {}, values));
  }
  const decoded = decodeXml(bytes);
  if (!decoded.ok) return err(fileRefusal('encoding_unusable', file, {}, { why: decoded.error }));
  const { text, encoding } = decoded.value;
  const scan = scanXml(text, limits);
  if ('why' in scan) return err(faultRefusal(file, scan));
  const built = build(text, scan.elements, limits);
  if (!built.ok) {
    return err(faultRefusal(file, { kind: 'malformed', line: 1, why: built.error }));
  }
  return ok({ root: built.value, encoding });
}
