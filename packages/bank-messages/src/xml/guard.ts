/** Bounds of what is read. A bank's file within them is read in time proportional to its size. */
export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
}

export const defaultXmlLimits: XmlLimits = {
  maxBytes: 32 * 1024 * 1024,
  maxDepth: 60,
  maxElements: 2_000_000,
};

export interface XmlFault {
  readonly kind: 'forbidden' | 'malformed' | 'too_big';
  readonly line: number;
  readonly why: string;
}

export interface XmlScan {
  readonly elements: number;
}

const nameAt = /[A-Za-z_\u0080-\uffff][\w.\-:\u00b7\u0080-\uffff]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 does not allow
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

/** The position of the `>` that ends a tag, quoted values skipped; -1 when there is none. */
function tagEnd(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at;
    else if (character === '<') return -1;
  }
  return -1;
}

/** What begins with `<!` or `<?`: where it ends, or why it may not stand there. */
function skipMarkup(text: string, at: number, inside: boolean): number | string | undefined {
  if (text.startsWith('<!--', at)) return closing(text, '-->', at + 4, 'a comment');
  if (text.startsWith('<?', at)) return closing(text, '?>', at + 2, 'a processing instruction');
  if (text.startsWith('<![CDATA[', at)) {
    if (!inside) return 'a CDATA section stands outside the root element';
    return closing(text, ']]>', at + 9, 'a CDATA section');
  }
  return undefined;
}

function closing(text: string, end: string, from: number, what: string): number | string {
  const at = text.indexOf(end, from);
  return at === -1 ? `${what} is not closed` : at + end.length;
}

interface Walk {
  readonly open: string[];
  elements: number;
  rootClosed: boolean;
}

type Step = { readonly next: number } | { readonly kind: XmlFault['kind']; readonly why: string };

function closeTag(text: string, at: number, walk: Walk): Step {
  const end = text.indexOf('>', at);
  if (end === -1) return { kind: 'malformed', why: 'an end tag is not finished' };
  const name = text.slice(at + 2, end).trimEnd();
  const expected = walk.open.pop();
  if (expected !== name) {
    const due = expected === undefined ? 'nothing is open' : `</${expected}> is due`;
    return { kind: 'malformed', why: `</${name.slice(0, 60)}> stands where ${due}` };
  }
  walk.rootClosed = walk.open.length === 0;
  return { next: end + 1 };
}

function openTag(text: string, at: number, walk: Walk, limits: XmlLimits): Step {
  if (walk.rootClosed) return { kind: 'malformed', why: 'there is a second root element' };
  nameAt.lastIndex = at + 1;
  const name = nameAt.exec(text)?.[0];
  if (name === undefined) return { kind: 'malformed', why: 'a "<" is not followed by a name' };
  const end = tagEnd(text, at + 1 + name.length);
  if (end === -1)
    return { kind: 'malformed', why: `the tag <${name.slice(0, 60)}> is not finished` };
  walk.elements += 1;
  if (walk.elements > limits.maxElements) {
    return { kind: 'too_big', why: `there are more than ${limits.maxElements} elements` };
  }
  if (text.charAt(end - 1) === '/') {
    walk.rootClosed = walk.open.length === 0;
    return { next: end + 1 };
  }
  walk.open.push(name);
  if (walk.open.length > limits.maxDepth) {
    return { kind: 'too_big', why: `elements are nested deeper than ${limits.maxDepth}` };
  }
  return { next: end + 1 };
}

function step(text: string, at: number, walk: Walk, limits: XmlLimits): Step {
  const skipped = skipMarkup(text, at, walk.open.length > 0);
  if (typeof skipped === 'number') return { next: skipped };
  if (typeof skipped === 'string') return { kind: 'malformed', why: skipped };
  if (text.startsWith('<!', at)) {
    return { kind: 'forbidden', why: 'a document type declaration (DOCTYPE) is refused' };
  }
  return text.charAt(at + 1) === '/' ? closeTag(text, at, walk) : openTag(text, at, walk, limits);
}

/**
 * Walks once over XML text before it is parsed: refuses every document type declaration, what is
 * not well formed (cut off, wrongly nested), and what is deeper or longer than the limits.
 */
export function scanXml(text: string, limits: XmlLimits): XmlScan | XmlFault {
  const fault = (kind: XmlFault['kind'], position: number, why: string): XmlFault => ({
    kind,
    line: lineAt(text, position),
    why,
  });
  const control = text.search(illegal);
  if (control !== -1) return fault('malformed', control, 'there is a control character');
  const walk: Walk = { open: [], elements: 0, rootClosed: false };
  let position = 0;
  while (position < text.length) {
    const at = text.indexOf('<', position);
    const end = at === -1 ? text.length : at;
    if (walk.open.length === 0 && /[^\s\ufeff]/.test(text.slice(position, end))) {
      return fault('malformed', position, 'there is text outside the root element');
    }
    if (at === -1) break;
    const taken = step(text, at, walk, limits);
    if ('why' in taken) return fault(taken.kind, at, taken.why);
    position = taken.next;
  }
  const missing = walk.open.at(-1);
  if (missing !== undefined) {
    return fault('malformed', text.length, `the end is reached while <${missing}> is open`);
  }
  if (walk.elements === 0) return fault('malformed', 0, 'there is no element');
  return { elements: walk.elements };
}
