import { expect, test } from 'vitest';
import { consoleTexts } from './texts.ts';

interface Tree {
  readonly [key: string]: string | Tree;
}

function leaves(tree: Tree, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`),
  );
}

const zh = new Map(leaves(consoleTexts['zh-CN']));
const en = new Map(leaves(consoleTexts.en));

test('both languages say the same things', () => {
  expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
  expect(en.size).toBeGreaterThan(500);
});

test('both languages fill in the same values', () => {
  const values = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
  for (const [key, text] of en) expect(values(zh.get(key) ?? ''), key).toEqual(values(text));
});

test('no sentence is empty, and Chinese is Chinese', () => {
  const latin = /^(?:[A-Za-z0-9 .·,-]|\{\{\w+\}\})*$/;
  for (const [key, text] of [...en, ...zh]) expect(text.length, key).toBeGreaterThan(0);
  const untranslated = [...zh].filter(([, text]) => latin.test(text) && /[a-z]{3}/.test(text));
  expect(untranslated.map(([key]) => key)).toEqual([]);
});
