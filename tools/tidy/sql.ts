import ts from 'typescript';
import { at, type Check, isTest, type Violation, walk } from './source.ts';

/**
 * Who may speak to the database. The sandbox is another world: its store is a file of its own
 * process, and none of its statements has a plan or a lock that anybody waits for.
 */
const speakers = [
  /^apps\/sandbox\//,
  /(^|\/)store(\.ts$|\/|-[a-z-]+\.ts$)/,
  /(^|\/)migrations\//,
  /^packages\/(ledger|testkit|postgres|pipeline)\//,
  /^apps\/server\/src\/platform\//,
  /^(bench|tools)\//,
];

/** How a statement begins. */
const beginnings = [
  'select\\s[^]*\\bfrom\\s',
  'select\\s+[\\w.]+\\(',
  'insert\\s+into\\s',
  'update\\s+[\\w."]+(\\s+(as\\s+)?\\w+)?\\s+set\\s',
  'delete\\s+from\\s',
  'merge\\s+into\\s',
  'with\\s+(recursive\\s+)?\\w+\\s*(\\([^)]*\\)\\s*)?as\\s*(not\\s+)?(materialized\\s*)?\\(',
  '(create|alter|drop)\\s+(table|index|unique|schema|role|view|function|trigger|database)\\b',
  'truncate\\s+\\w',
  'lock\\s+table\\s',
  '(grant|revoke)\\s+\\w+[^]*\\bon\\s',
];
const statement = new RegExp(`^\\s*(${beginnings.join('|')})`, 'i');

/** All SQL stands in the modules' stores, where its plans and locks are looked after. */
export const sqlInStores: Check = (source) => {
  if (isTest(source.path) || speakers.some((speaker) => speaker.test(source.path))) return [];
  const found: Violation[] = [];
  walk(source, (node) => {
    const text = literalText(node);
    if (text === undefined || !looksLikeSql(text)) return;
    found.push(at(source, node, 'sql', "SQL belongs into the module's store.ts"));
  });
  return found;
};

/**
 * Keywords stand in capitals or in small letters; a sentence for people ("Select a bank from the
 * list") begins with one capital.
 */
function looksLikeSql(text: string): boolean {
  const [first = ''] = text.trim().split(/\s/, 1);
  const oneCase = first === first.toUpperCase() || first === first.toLowerCase();
  return oneCase && statement.test(text);
}

/** The text of a whole string; what is filled into a template counts as a name. */
function literalText(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map((span) => `x${span.literal.text}`).join('');
}
