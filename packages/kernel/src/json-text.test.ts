import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from './json-text.ts';

test('a text is written as the engine writes it', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({
      unit: fc.constantFrom('"', '\\', '\0', '\u001f', ' ', '~', '\u007f', '\ud800', '钥'),
    }),
  );
  fc.assert(fc.property(texts, (text) => jsonText(text) === JSON.stringify(text)));
  expect(jsonText('')).toBe('""');
});
