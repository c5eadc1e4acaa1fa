import ts from 'typescript';

/** One file of the project as the checks see it. `path` is relative to the root, with slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** The syntax tree; undefined for files that are not TypeScript or JavaScript. */
  readonly tree: ts.SourceFile | undefined;
}

export interface Violation {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** Finds what one file does wrong. */
export type Check = (source: Source) => Violation[];

const kinds: Readonly<Record<string, ts.ScriptKind>> = {
  ts: ts.ScriptKind.TS,
  mts: ts.ScriptKind.TS,
  tsx: ts.ScriptKind.TSX,
  js: ts.ScriptKind.JS,
  mjs: ts.ScriptKind.JS,
};

export function toSource(path: string, text: string): Source {
  const kind = kinds[path.slice(path.lastIndexOf('.') + 1)];
  const tree =
    kind === undefined
      ? undefined
      : ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  return { path, text, lines: text.split('\n'), tree };
}

/** Code and SQL: what people write and read line by line. */
export function isCode(path: string): boolean {
  return /\.(ts|mts|tsx|mjs|js|sql|sh|css)$/.test(path) || path === '.ci/run';
}

/** Data from elsewhere and files made by programs follow their own rules. */
export function isForeign(path: string): boolean {
  return /(^|\/)(fixtures|generated|dist)\//.test(path) || path === 'package-lock.json';
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(^|\/)test\//.test(path);
}

/** Calls `visit` for each node of the file, parents first. */
export function walk(source: Source, visit: (node: ts.Node) => void): void {
  const descend = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, descend);
  };
  if (source.tree !== undefined) descend(source.tree);
}

/** The line, from 1, on which a node begins. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

export function at(source: Source, node: ts.Node, rule: string, message: string): Violation {
  return { path: source.path, line: lineOf(node), rule, message };
}

/** `paymentAmountMinor` and `payment_amount_minor` are: payment, amount, minor. */
export function wordsOf(name: string): string[] {
  const parts = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^A-Za-z0-9]+/);
  return parts.filter((part) => part !== '').map((part) => part.toLowerCase());
}
