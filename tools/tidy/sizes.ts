import ts from 'typescript';
import { at, type Check, isCode, lineOf, type Source, type Violation, walk } from './source.ts';

export const maxFunctionLines = 70;
export const maxFileLines = 500;
export const maxColumns = 100;

/**
 * A function fits on a screen. The named functions inside it, such as those that a service closes
 * over its dependencies, are read and counted on their own.
 */
export const functionLength: Check = (source) => {
  const found: Violation[] = [];
  walk(source, (node) => {
    if (!isFunction(node) || isDescribe(node)) return;
    const length = linesOf(node) - innerLines(node);
    if (length <= maxFunctionLines) return;
    const message = `${nameOf(node)} has ${length} lines, at most ${maxFunctionLines} fit`;
    found.push(at(source, node, 'function-length', message));
  });
  return found;
};

function linesOf(node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.end).line + 2 - lineOf(node);
}

function innerLines(node: ts.Node): number {
  let lines = 0;
  ts.forEachChild(node, (child) => {
    lines += ts.isFunctionDeclaration(child) ? linesOf(child) : innerLines(child);
  });
  return lines;
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isGetAccessor(node) ||
    ts.isSetAccessor(node)
  );
}

/** The callback of a test suite holds tests, as a file does. */
function isDescribe(node: ts.Node): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText());
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) {
    return parent.name.getText();
  }
  return 'a function';
}

/** A file is read in one sitting. */
export const fileLength: Check = (source) => {
  if (!isCode(source.path)) return [];
  const length = source.text.endsWith('\n') ? source.lines.length - 1 : source.lines.length;
  if (length <= maxFileLines) return [];
  const message = `the file has ${length} lines, at most ${maxFileLines}: make it a folder`;
  return [{ path: source.path, line: 1, rule: 'file-length', message }];
};

/**
 * A line is read without scrolling. What cannot be broken, such as an address or a key, may be
 * long, and so may a sentence in quotes: breaking it would hide it from a search.
 */
export const lineWidth: Check = (source: Source) => {
  if (!isCode(source.path)) return [];
  return source.lines.flatMap((text, index) => {
    const columns = [...text].length;
    if (columns <= maxColumns || /\S{60}/.test(text) || isQuoted(text)) return [];
    const message = `the line has ${columns} columns, at most ${maxColumns}`;
    return [{ path: source.path, line: index + 1, rule: 'line-width', message }];
  });
};

/** Whether the line would fit but for its longest text in quotes. */
function isQuoted(text: string): boolean {
  const quotes = text.match(/'[^']*'|`[^`]*`|"[^"]*"/g) ?? [];
  const longest = Math.max(0, ...quotes.map((quote) => [...quote].length));
  return longest > 40 && [...text].length - longest <= maxColumns;
}
