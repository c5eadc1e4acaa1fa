import ts from 'typescript';
import { at, type Check, isTest, type Violation, walk, wordsOf } from './source.ts';

const clocks = new Set(['packages/kernel/src/clock.ts', 'apps/sandbox/src/core/clock.ts']);

/** Time is a parameter or comes from the injected clock. */
export const noClock: Check = (source) => {
  if (clocks.has(source.path)) return [];
  const found: Violation[] = [];
  walk(source, (node) => {
    if (!readsClock(node)) return;
    const message = `${node.getText()} reads the machine's clock: take the time as a parameter`;
    found.push(at(source, node, 'clock', message));
  });
  return found;
};

function readsClock(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) {
    return node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0;
  }
  if (!ts.isCallExpression(node)) return false;
  const called = node.expression.getText();
  return called === 'Date.now' || called === 'Date' || called.startsWith('Temporal.Now.');
}

const moneyWords = new Set(['amount', 'amounts', 'minor', 'balance', 'balances', 'fen']);

/** Money is bigint: a float loses fen, silently. */
export const noFloatMoney: Check = (source) => {
  const found: Violation[] = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node)) return;
    const called = node.expression.getText();
    if (called === 'parseFloat' || called === 'Number.parseFloat') {
      found.push(at(source, node, 'float', 'parseFloat rounds: parse an integer or a decimal'));
    }
    const money = called === 'Number' ? node.arguments.find(namesMoney) : undefined;
    if (money === undefined) return;
    const message = `Number(${money.getText()}) makes a float of money: keep the bigint`;
    found.push(at(source, node, 'float', message));
  });
  return found;
};

function namesMoney(node: ts.Node): boolean {
  if (ts.isIdentifier(node)) return wordsOf(node.text).some((word) => moneyWords.has(word));
  return ts.forEachChild(node, (child) => namesMoney(child) || undefined) ?? false;
}

/** A catch that neither looks at the error nor throws says in a comment why that is right. */
export const noSwallowing: Check = (source) => {
  const found: Violation[] = [];
  const message = 'the error is swallowed: handle it, throw it, or say in a comment why not';
  walk(source, (node) => {
    if (ts.isCatchClause(node)) {
      const name = node.variableDeclaration?.name.getText();
      if (looksAt(node.block, name) || hasComment(node.block)) return;
      found.push(at(source, node, 'swallow', message));
    } else if (swallowsRejection(node) && !hasComment(statementOf(node))) {
      found.push(at(source, node, 'swallow', message));
    }
  });
  return found;
};

function swallowsRejection(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const [handler] = node.arguments;
  if (node.expression.name.text !== 'catch' || handler === undefined) return false;
  if (!ts.isArrowFunction(handler) && !ts.isFunctionExpression(handler)) return false;
  const [parameter] = handler.parameters;
  if (isFallback(handler.body)) return false;
  return !looksAt(handler.body, parameter?.name.getText());
}

/** `.catch(() => fallback)` gives a value instead, which is no silence; undefined and {} are. */
function isFallback(body: ts.Node): boolean {
  return !ts.isBlock(body) && !/^(undefined|null|void 0|\{\}|\(\{\}\))$/.test(body.getText());
}

function looksAt(body: ts.Node, name: string | undefined): boolean {
  const looks = (node: ts.Node): boolean => {
    if (ts.isThrowStatement(node)) return true;
    if (name !== undefined && ts.isIdentifier(node) && node.text === name) return true;
    return ts.forEachChild(node, (child) => looks(child) || undefined) ?? false;
  };
  return looks(body);
}

function statementOf(node: ts.Node): ts.Node {
  let at = node;
  while (!ts.isStatement(at) && at.parent !== undefined) at = at.parent;
  return at;
}

function hasComment(node: ts.Node): boolean {
  // The full text begins after the statement before, and so holds the comments above this one.
  const text = node.getSourceFile().text;
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false);
  scanner.setText(text.slice(node.pos, node.end));
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token === ts.SyntaxKind.SingleLineCommentTrivia) return true;
    if (token === ts.SyntaxKind.MultiLineCommentTrivia) return true;
  }
  return false;
}

/** Settings come in by one door per program. */
export const noEnvironment: Check = (source) => {
  const allowed = /(^|\/)config(\.ts$|\/)|\.config\.m?ts$|^(tools|bench|packages\/testkit)\//;
  if (allowed.test(source.path) || isTest(source.path)) return [];
  const found: Violation[] = [];
  walk(source, (node) => {
    if (!ts.isPropertyAccessExpression(node) || node.getText() !== 'process.env') return;
    const message = 'process.env is read in config only: take the setting as a parameter';
    found.push(at(source, node, 'environment', message));
  });
  return found;
};

/** The server speaks through its logger, which redacts. */
export const noConsole: Check = (source) => {
  const inModule = /^apps\/server\/src\/(?!main\/)/.test(source.path);
  if (!inModule || isTest(source.path)) return [];
  const found: Violation[] = [];
  walk(source, (node) => {
    if (!ts.isPropertyAccessExpression(node)) return;
    if (node.expression.getText() !== 'console') return;
    found.push(at(source, node, 'console', 'modules write to the logger, not to the console'));
  });
  return found;
};
