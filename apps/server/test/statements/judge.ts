import { present } from '@keyturn/kernel';
import type { Captured } from './capture.ts';
import { libraries, type Registered } from './registry.ts';
import { normalise, shortened } from './sql-text.ts';

/** What all processes of a run sent. */
export interface RunRecord {
  /** Every test was run, and passed: what was not sent now is sent by nobody, or hardly ever. */
  readonly whole: boolean;
  readonly statements: readonly SentStatement[];
  readonly libraries: readonly string[];
}

export interface SentStatement {
  readonly text: string;
  readonly sentBy: readonly string[];
  /** One of the tests in which it was seen. */
  readonly seenIn: string;
}

export function gather(lines: readonly Captured[], whole: boolean): RunRecord {
  const own = lines.filter(({ author }) => author.kind === 'platform');
  const byText = Map.groupBy(own, ({ text }) => normalise(text));
  const statements = [...byText].map(([text, sent]) => ({
    text,
    sentBy: [...new Set(sent.map(({ author }) => fileOf(author)))].sort(),
    seenIn: present(sent[0], 'a sender').seenIn,
  }));
  const foreign = lines.flatMap(({ author }) => (author.kind === 'library' ? [author.name] : []));
  return { whole, statements, libraries: [...new Set(foreign)].sort() };
}

function fileOf(author: Captured['author']): string {
  return author.kind === 'platform' ? author.file : '';
}

/** What is wrong with a run: a sentence each, that says what to do. */
export function judge(run: RunRecord, registered: readonly Registered[]): readonly string[] {
  const known = new Set(registered.map(({ text }) => text));
  return [
    ...run.statements.filter(({ text }) => !known.has(text)).map(unregistered),
    ...run.libraries.filter((name) => libraries[name] === undefined).map(strange),
  ];
}

/**
 * What is registered and was not sent in a whole run. Said, and no failure: what only happens
 * when two processes meet at an odd moment need not happen in every run.
 */
export function stale(run: RunRecord, registered: readonly Registered[]): readonly string[] {
  if (!run.whole) return [];
  const sent = new Set(run.statements.map(({ text }) => text));
  return registered.filter(({ text }) => !sent.has(text)).map(({ text }) => notSent(text));
}

function unregistered({ text, sentBy, seenIn }: SentStatement): string {
  return (
    `This statement is not registered: ${shortened(text)}\n` +
    `    Sent by ${sentBy.join(', ')}, seen in ${seenIn}.\n` +
    '    Run npm run statements, read what it wrote about its plan, and commit it.'
  );
}

function notSent(text: string): string {
  return (
    `This statement is registered, and no test of the whole run sent it: ${shortened(text)}\n` +
    '    If it is gone, npm run statements takes it out; if it is still sent, test it.'
  );
}

function strange(name: string): string {
  return (
    `The library ${name} sends statements to the database.\n` +
    '    Name it, with the reason, among the libraries in apps/server/test/statements/registry.ts.'
  );
}
