import ts from 'typescript';
import { at, type Check, isCode, lineOf, type Source, type Violation, walk } from './source.ts';

export const maxFunctionLines = 70;
export const maxFileLines = 500;
export const maxColumns = 100;

/** A function fits on a screen. */
export const functionLength: Check = (source) => {
  const found: Violation[] = [];
  walk(source, (node) => {
    if (!isFunction(node) || isDescribe(node)) return;
    const lines = node.getSourceFile().getLineAndCharacterOfPosition(node.end).line + 2;
    const length = lines - lineOf(node);
    if (length <= maxFunctionLines) return;
    const message = `${nameOf(node)} has ${length} lines, at most ${maxFunctionLines} fit`;
    found.push(at(source, node, 'function-length', message));
  });
  return found;
};

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
 * long.
 */
export const lineWidth: Check = (source: Source) => {
  if (!isCode(source.path)) return [];
  return source.lines.flatMap((text, index) => {
    const columns = [...text].length;
    if (columns <= maxColumns || /\S{60}/.test(text)) return [];
    const message = `the line has ${columns} columns, at most ${maxColumns}`;
    return [{ path: source.path, line: index + 1, rule: 'line-width', message }];
  });
};
