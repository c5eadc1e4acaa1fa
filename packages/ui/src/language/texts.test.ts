import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Texts } from './texts.ts';
import { uiTexts } from './ui-texts.ts';

function keysOf(texts: Texts, prefix = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${prefix}${key}`] : keysOf(value, `${prefix}${key}.`),
  );
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.tsx?$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

test('both languages say the same things', () => {
  expect(keysOf(uiTexts.en)).toEqual(keysOf(uiTexts['zh-CN']));
});

test('every sentence that a component asks for is there', () => {
  const asked = sources(join(import.meta.dirname, '..')).flatMap((text) =>
    [...text.matchAll(/\bt\('([\w.]+)'/g)].map((match) => match[1]),
  );
  expect(asked.length).toBeGreaterThan(10);
  expect(keysOf(uiTexts.en)).toEqual(expect.arrayContaining(asked));
});
