import ts from 'typescript';
import { at, type Check, type Violation, walk, wordsOf } from './source.ts';

const bannedInPaths = new Set([
  ...['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'misc'],
]);
/** `common` is missing: the common prefix of two ids is a thing of its own. */
const bannedInCode = new Set(['util', 'utils', 'helper', 'helpers', 'manager', 'misc']);

/** `README.md`, `LICENSE`, `CHANGELOG.zh-CN.md`: names that the world expects in capitals. */
const capitals = /^[A-Z]+(_[A-Z]+)*(\.zh-CN)?(\.(md|txt))?$/;
const kebab = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const migration = /^\d{4}_[a-z0-9_]+\.sql$/;
const language = /^zh-CN(\.[a-z]+)*$/;

/** Folders and files are written in kebab-case. */
export const kebabCase: Check = ({ path }) => {
  const wrong = path
    .split('/')
    .filter((name) => !kebab.test(name) && !capitals.test(name) && !language.test(name))
    .filter((name) => !migration.test(name) && !/^(Dockerfile|Makefile)$/.test(name));
  return wrong.map((name) => ({
    path,
    line: 1,
    rule: 'kebab-case',
    message: `${name} is not kebab-case`,
  }));
};

/** A name says what is in it; these say that nobody knew. */
export const bannedPathNames: Check = ({ path }) => {
  const words = path.split(/[/.-]/).filter((word) => bannedInPaths.has(word));
  return words.map((word) => ({
    path,
    line: 1,
    rule: 'banned-name',
    message: `${word} says nothing: name the file or folder after what it holds`,
  }));
};

export const bannedCodeNames: Check = (source) => {
  const found: Violation[] = [];
  walk(source, (node) => {
    const name = declaredName(node);
    const word = name && wordsOf(name.text).find((one) => bannedInCode.has(one));
    if (name === undefined || word === undefined || word === '') return;
    const message = `${name.text}: "${word}" says nothing, name it after what it does`;
    found.push(at(source, name, 'banned-name', message));
  });
  return found;
};

function declaredName(node: ts.Node): ts.Identifier | undefined {
  const declares =
    ts.isVariableDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  return declares && node.name !== undefined && ts.isIdentifier(node.name) ? node.name : undefined;
}
