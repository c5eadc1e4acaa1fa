/** The parts of a statement in which spaces and dashes mean themselves, and its comments. */
const parts =
  /('(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\2\$)|(?:--[^\n]*|\/\*[\s\S]*?\*\/|\s)+/g;

/** A snapshot has another name each time, and can be no parameter. */
const snapshot = /^(set transaction snapshot) '[\dA-F-]+'$/;

/** A statement without comments and with single spaces: by it two of them are the same. */
export function normalise(text: string): string {
  return text
    .replace(parts, (_part, quoted: string | undefined) => quoted ?? ' ')
    .trim()
    .replace(snapshot, "$1 'name'");
}

const columns = 100;
/** Where a reader wants a new line. */
const clause =
  /^(from|where|group by|order by|returning|union|on conflict|(cross |left )?join|set|values)\b/i;

/** A normalised statement in lines, which normalise again to the same. */
export function inLines(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const [position, word] of words(text)) {
    const full = line.length + word.length >= columns;
    const breaks = line.length > 40 && clause.test(text.slice(position));
    if (line !== '' && (full || breaks)) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** The words of a normalised statement with their places; what is quoted stays whole. */
function words(text: string): readonly (readonly [number, string])[] {
  const word = /(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\s'"])+/g;
  return [...text.matchAll(word)].map((match) => [match.index, match[0]]);
}

/** The table or view that a statement is about: the first that it names. */
export function subjectOf(text: string): string | undefined {
  const named = /\b(?:from|into|update|join)\s+("?\w+"?\."?\w+"?)/i.exec(text);
  return named?.[1]?.replaceAll('"', '').toLowerCase();
}

/** Whether the planner has a say in it. */
export function hasPlan(text: string): boolean {
  return /^(select|insert|update|delete|with|merge|values|\()/i.test(text);
}

/** The columns of a table say little about a statement: where it looks is what tells it apart. */
export function shortened(text: string): string {
  const short = text.replace(/^select .{80,}? from (?=\w+\.)/, 'select … from ');
  return short.length <= 300 ? short : `${short.slice(0, 300)} …`;
}
