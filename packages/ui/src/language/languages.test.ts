import { expect, test } from 'vitest';
import { firstLanguage, pickText } from './languages.ts';

test('what was chosen before wins over the browser', () => {
  expect(firstLanguage('en', ['zh-CN', 'zh'])).toBe('en');
});

test.each([
  [['de-DE', 'en-GB', 'zh-CN'], 'en'],
  [['zh-Hant-TW', 'en'], 'zh-CN'],
  [['fr'], 'zh-CN'],
  [[], 'zh-CN'],
] as const)('a browser that prefers %j is spoken to in %s', (preferred, language) => {
  expect(firstLanguage('klingon', preferred)).toBe(language);
});

test('a text in two languages is read in the reader’s', () => {
  expect(pickText({ zh: '定金', en: 'Deposit' }, 'zh-CN')).toBe('定金');
  expect(pickText({ zh: '定金', en: 'Deposit' }, 'en')).toBe('Deposit');
});
