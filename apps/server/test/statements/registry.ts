import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasPlan, inLines, normalise, subjectOf } from './sql-text.ts';

/** A statement that the platform is known to send. */
export interface Registered {
  readonly text: string;
  /** The files that send it. */
  readonly sentBy: readonly string[];
  /** What its plan reads, a sentence each, in the order of the plan. */
  readonly reads: readonly string[];
  /** Why it may read a large table whole, or cost more than others. Written by hand. */
  readonly because?: string;
}

/** Libraries that send statements of their own, which are theirs to plan. */
export const libraries: Readonly<Record<string, string>> = {
  'graphile-worker': 'takes, runs and removes the jobs of its own schema',
};

export const registryFolder = join(import.meta.dirname, 'registered');

export async function readRegistry(folder = registryFolder): Promise<readonly Registered[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort();
  const pages = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return pages.flatMap(parsePage);
}

/** Writes one page for each module; pages of modules that send nothing any more go. */
export async function writeRegistry(
  entries: readonly Registered[],
  folder = registryFolder,
): Promise<void> {
  const pages = Map.groupBy(entries, moduleOf);
  for (const name of await readdir(folder)) {
    if (name.endsWith('.md') && !pages.has(name.slice(0, -3))) await rm(join(folder, name));
  }
  for (const [module, own] of pages) {
    await writeFile(join(folder, `${module}.md`), formatPage(module, own));
  }
}

/** The module that sends a statement; rows that the pipeline writes are their table's module's. */
export function moduleOf({ text, sentBy }: Registered): string {
  if (!hasPlan(text)) return 'platform';
  const file = sentBy[0] ?? '';
  const module = /^apps\/server\/src\/(?:who|terms|banks|movement|flows|watch)\/([^/]+)\//.exec(
    file,
  );
  if (module?.[1] !== undefined) return module[1];
  const workspace = /^packages\/([^/]+)\//.exec(file)?.[1];
  if (workspace !== undefined && workspace !== 'pipeline') return workspace;
  return (workspace === 'pipeline' && subjectOf(text)?.split('.')[0]) || 'platform';
}

export function formatPage(module: string, entries: readonly Registered[]): string {
  const bySubject = Map.groupBy(entries, ({ text }) => subjectOf(text) ?? 'no table');
  const sections = [...bySubject]
    .sort(([a], [b]) => order(a, b))
    .map(([subject, own]) => {
      const sorted = own.toSorted((a, b) => order(a.text, b.text));
      return `## ${subject}\n\n${sorted.map(formatEntry).join('\n')}`;
    });
  return `# Statements of ${module}\n\n${sections.join('\n')}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function formatEntry({ text, sentBy, reads, because }: Registered): string {
  const parts = [
    sentBy.length === 0 ? [] : [`Sent by ${sentBy.map((file) => `\`${file}\``).join(', ')}`, ''],
    reads.map((sentence) => `- ${sentence}`),
    reads.length === 0 ? [] : [''],
    because === undefined ? [] : [`Because ${because}`, ''],
    ['```sql', inLines(text), '```', ''],
  ];
  return parts.flat().join('\n');
}

export function parsePage(page: string): readonly Registered[] {
  const entries: Registered[] = [];
  const blocks = page.split(/^```sql\n/m);
  let head = blocks[0] ?? '';
  for (const block of blocks.slice(1)) {
    const [sql = '', ...rest] = block.split(/^```$/m);
    entries.push({ text: normalise(sql), ...parseHead(head) });
    head = rest.join('');
  }
  return entries;
}

function parseHead(head: string): Omit<Registered, 'text'> {
  const lines = head.split('\n');
  const sender = lines.find((line) => line.startsWith('Sent by ')) ?? '';
  const because = lines.find((line) => line.startsWith('Because '))?.slice('Because '.length);
  return {
    sentBy: [...sender.matchAll(/`([^`]+)`/g)].flatMap((match) => match[1] ?? []),
    reads: lines.filter((line) => line.startsWith('- ')).map((line) => line.slice(2)),
    ...(because === undefined ? {} : { because }),
  };
}
