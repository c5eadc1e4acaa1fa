/** One field of an MT message: `:61:` with the lines that belong to it. */
export interface MtField {
  readonly tag: string;
  readonly lines: string[];
  /** The line of the tag, counted from 1. */
  readonly line: number;
}

/** One MT message as it stands in a file. */
export interface MtMessage {
  /** What stands before field 20: SWIFT blocks 1 to 3, or a bank's own header lines. */
  readonly preamble: string;
  readonly fields: MtField[];
  readonly line: number;
  /** Block 4 was opened with a brace and never closed. */
  readonly unclosed: boolean;
  /** An end mark or another message follows: what is missing was not cut off. */
  readonly ended: boolean;
  /** The lines of entries that stand after the message's end mark. */
  readonly strayLines: readonly number[];
}

/**
 * The fields of MT940, 941, 942, 950, and those by which MT900 and 910 are recognised. Only these
 * begin a field: free text may well begin a line with something like `:26:37`.
 */
const tagPattern =
  /^:(20|21|25P?|28C?|13D?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|NS|32A|52[AD]|50[AFK]|56[AD]|72):(.*)$/;

interface Draft {
  preamble: string[];
  fields: MtField[];
  line: number;
  opened: boolean;
  closed: boolean;
  strayLines: number[];
}

function empty(line: number): Draft {
  return { preamble: [], fields: [], line, opened: false, closed: false, strayLines: [] };
}

/** A line that ends a message: `-`, `-}`, `-}{5:…}`, `-XXX`, `XXX`. */
function isEnd(line: string): boolean {
  return /^-\s*$|^-\}|^-?XXX\s*$/.test(line);
}

/** Puts block openings on lines of their own, and joins a colon that was torn from its tag. */
function normalise(text: string): readonly string[] {
  return text
    .replace(/\{4:[ \t]*(?=:)/g, '{4:\n')
    .replace(/\n:\n(?=\d\d[A-Z]?:)/g, '\n\n:')
    .split('\n');
}

function finish(draft: Draft, last: boolean): MtMessage {
  return {
    preamble: draft.preamble.join('\n'),
    fields: draft.fields,
    line: draft.line,
    unclosed: draft.opened && !draft.closed,
    ended: draft.closed || !last,
    strayLines: draft.strayLines,
  };
}

/** Fields that stand only at the head of a message: behind an end mark they begin the next one. */
const headTags = /^(?:21|25P?|28C?|13D?|34F|60[FM]|32A)$/;

function begins(tag: string, current: Draft | undefined): boolean {
  return tag === '20' || current === undefined || (current.closed && headTags.test(tag));
}

/** Reads the file line by line; field 20 begins a message, an end mark ends it. */
export function splitMessages(text: string): readonly MtMessage[] {
  const messages: Draft[] = [];
  let preamble: string[] = [];
  let opened = false;
  let current: Draft | undefined;
  for (const [index, raw] of normalise(text).entries()) {
    const line = raw.trimEnd();
    const tagged = tagPattern.exec(line);
    const tag = tagged?.[1];
    if (tag !== undefined && begins(tag, current)) {
      current = empty(index + 1);
      current.preamble = preamble;
      current.opened = opened || preamble.some((part) => part.includes('{4:'));
      preamble = [];
      opened = false;
      messages.push(current);
    }
    if (tag !== undefined && current !== undefined) {
      if (current.closed && tag === '61') current.strayLines.push(index + 1);
      current.fields.push({ tag, lines: [tagged?.[2] ?? ''], line: index + 1 });
    } else if (current === undefined || current.closed) {
      preamble.push(line);
      if (current?.closed && current.strayLines.length > 0) continueField(current, line);
    } else if (isEnd(line)) current.closed = true;
    else if (/^\{1:|^:94\d:$/.test(line)) {
      // The next message's header without an end mark before it.
      current.closed = !current.opened;
      preamble = [line];
      current = undefined;
    } else continueField(current, line);
  }
  return messages.map((draft, index) => finish(draft, index === messages.length - 1));
}

function continueField(draft: Draft, line: string): void {
  draft.fields.at(-1)?.lines.push(line);
}

/** The kind of message: from block 2, a header line, or its fields. */
export function messageType(message: MtMessage): string {
  const block = /\{2:[IO](\d{3})/.exec(message.preamble)?.[1];
  if (block !== undefined) return block;
  const header = /^:?(9[0-9]{2})(?::|\s+\d{2})?\s*$/m.exec(message.preamble)?.[1];
  const has = (...tags: readonly string[]) =>
    message.fields.some((field) => tags.includes(field.tag));
  if (has('32A')) return has('52A', '52D', '50A', '50F', '50K') ? '910' : '900';
  if (header !== undefined) return header;
  if (has('34F') || (has('13', '13D') && !has('60F', '60M'))) return '942';
  return '940';
}

/** The bank that sent the message, when its header says so. */
export function senderBic(message: MtMessage): string | undefined {
  const header = message.preamble;
  const blockOne = /\{1:[A-Z]\d{2}([A-Z]{6}[A-Z0-9]{2})[A-Z0-9]([A-Z0-9]{3})/.exec(header);
  const output = /\{2:O\d{13}([A-Z]{6}[A-Z0-9]{2})[A-Z0-9]([A-Z0-9]{3})/.exec(header);
  const plain =
    /^0000 01([A-Z]{6}[A-Z0-9]{2})[A-Z0-9]([A-Z0-9]{3})/m.exec(header) ??
    /^([A-Z]{6}[A-Z0-9]{2})([A-Z0-9]{3})?\s*$/m.exec(header);
  const found = output ?? blockOne ?? plain;
  if (!found) return undefined;
  const branch = found[2];
  return branch === undefined || branch === 'XXX' ? found[1] : `${found[1]}${branch}`;
}
