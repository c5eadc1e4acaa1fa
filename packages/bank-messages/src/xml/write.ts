/**
 * An element to be written: a name and its text or its children. Undefined children are left out.
 */
export interface XmlNode {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly content: string | readonly (XmlNode | undefined)[];
}

export function node(
  name: string,
  content: string | readonly (XmlNode | undefined)[],
  attributes: Readonly<Record<string, string>> = {},
): XmlNode {
  return { name, content, attributes };
}

/** A text element, or nothing when there is no text. */
export function optional(name: string, text: string | undefined): XmlNode | undefined {
  return text === undefined ? undefined : node(name, text);
}

/** An element around children, or nothing when all of them are absent. */
export function group(
  name: string,
  children: readonly (XmlNode | undefined)[],
): XmlNode | undefined {
  return children.some((item) => item !== undefined) ? node(name, children) : undefined;
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function write(item: XmlNode, indent: string): string {
  const attributes = Object.entries(item.attributes ?? {})
    .map(([name, value]) => ` ${name}="${escapeText(value)}"`)
    .join('');
  const open = `${indent}<${item.name}${attributes}>`;
  if (typeof item.content === 'string')
    return `${open}${escapeText(item.content)}</${item.name}>\n`;
  const inner = item.content
    .map((inside) => (inside === undefined ? '' : write(inside, `${indent}  `)))
    .join('');
  return `${open}\n${inner}${indent}</${item.name}>\n`;
}

/** Writes a document in UTF-8 text with its declaration. */
export function writeXml(root: XmlNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root, '')}`;
}
