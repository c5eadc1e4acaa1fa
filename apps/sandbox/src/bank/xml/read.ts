import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** One element, its children in the order of the document. Text is trimmed and decoded. */
export interface XmlElement {
  /** Without its prefix. */
  name: string;
  /** The namespace that the element itself declares for its name. */
  namespace: string | undefined;
  attributes: Readonly<Record<string, string>>;
  children: readonly XmlElement[];
  text: string;
}

/** The document is not what it has to be; the sentence says where and why. */
export class XmlProblem extends Error {}

/** Entities stay untouched by the parser: what a document declares itself is never expanded. */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  trimValues: true,
});

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(/&([^;&\s]{1,10});|&/g, (whole, entity: string | undefined) => {
    const known = entity === undefined ? undefined : named[entity];
    if (known !== undefined) return known;
    const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(entity ?? '');
    const code =
      number === null
        ? Number.NaN
        : Number.parseInt(number[1] ?? number[2] ?? '', number[1] === undefined ? 10 : 16);
    if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
    throw new XmlProblem(`"${whole}" is no entity of XML: write & as &amp;`);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readAttributes(value: unknown): Record<string, string> {
  const attributes: Record<string, string> = {};
  if (!isRecord(value)) return attributes;
  for (const [name, text] of Object.entries(value)) attributes[name] = decoded(String(text));
  return attributes;
}

/** CDATA is text as it stands. */
function readRaw(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  return nodes.map((node) => (isRecord(node) ? String(node['#text'] ?? '') : '')).join('');
}

function readElement(qualified: string, attributeNodes: unknown, content: unknown): XmlElement {
  const attributes = readAttributes(attributeNodes);
  const colon = qualified.indexOf(':');
  const prefix = qualified.slice(0, Math.max(colon, 0));
  const namespace = attributes[prefix === '' ? 'xmlns' : `xmlns:${prefix}`];
  return { name: qualified.slice(colon + 1), namespace, attributes, ...readChildren(content) };
}

function readChildren(nodes: unknown): { children: XmlElement[]; text: string } {
  const children: XmlElement[] = [];
  let text = '';
  if (!Array.isArray(nodes)) return { children, text };
  for (const node of nodes) {
    if (!isRecord(node)) continue;
    for (const [name, content] of Object.entries(node)) {
      if (name === ':@') continue;
      if (name === '#text') text += decoded(String(content));
      else if (name === '#cdata') text += readRaw(content);
      else children.push(readElement(name, node[':@'], content));
    }
  }
  return { children, text };
}

/**
 * Reads a document strictly. Throws an XmlProblem when it is not well-formed, or when it brings a
 * document type: entity tricks start there and no ISO 20022 message has one.
 */
export function readXml(source: string): XmlElement {
  if (/<!DOCTYPE/i.test(source)) throw new XmlProblem('the document has a DOCTYPE: leave it out');
  const verdict = XMLValidator.validate(source);
  if (verdict !== true) {
    const { msg, line } = verdict.err;
    throw new XmlProblem(`the document is no well-formed XML: ${msg} (line ${line})`);
  }
  let nodes: unknown;
  try {
    nodes = parser.parse(source);
  } catch (error) {
    throw new XmlProblem(
      `the document cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  const [root, second] = readChildren(nodes).children;
  if (root === undefined || second !== undefined) {
    throw new XmlProblem('the document must have exactly one root element');
  }
  return root;
}

export function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

/** The only child of that name, or undefined when there is none. */
export function optionalChild(parent: XmlElement, name: string): XmlElement | undefined {
  const [first, second] = childrenOf(parent, name);
  if (second !== undefined) throw new XmlProblem(`${parent.name} has ${name} more than once`);
  return first;
}

export function requiredChild(parent: XmlElement, name: string): XmlElement {
  const child = optionalChild(parent, name);
  if (child === undefined) throw new XmlProblem(`${parent.name} lacks ${name}`);
  return child;
}

/** The element at the end of a path such as `PmtId/EndToEndId`, or undefined. */
export function optionalAt(parent: XmlElement, path: string): XmlElement | undefined {
  let current: XmlElement | undefined = parent;
  for (const name of path.split('/')) {
    if (current === undefined) return undefined;
    current = optionalChild(current, name);
  }
  return current;
}

/** The text at the end of a path, 1 to `maxLength` characters. */
export function requiredText(parent: XmlElement, path: string, maxLength: number): string {
  const text = optionalText(parent, path, maxLength);
  if (text === undefined) throw new XmlProblem(`${parent.name} lacks ${path}`);
  return text;
}

export function optionalText(parent: XmlElement, path: string, maxLength: number) {
  const found = optionalAt(parent, path);
  if (found === undefined) return undefined;
  const { length } = [...found.text];
  if (length === 0 || length > maxLength) {
    throw new XmlProblem(`${parent.name}/${path} has ${length} characters: 1 to ${maxLength} fit`);
  }
  return found.text;
}

/** Checks that the children are all known and stand in the order of the schema. */
export function checkSequence(parent: XmlElement, sequence: readonly string[]): void {
  let reached = 0;
  for (const child of parent.children) {
    const place = sequence.indexOf(child.name);
    if (place < 0) throw new XmlProblem(`${parent.name} cannot hold ${child.name}`);
    if (place < reached) throw new XmlProblem(`${child.name} stands too late in ${parent.name}`);
    reached = place;
  }
}
