import { expect, test } from 'vitest';
import { stateKinds, stateMeaning, statesOf } from './state-meaning.ts';

test.each(stateKinds.map((kind) => [kind]))(
  'every state of %s has words in both languages',
  (kind) => {
    expect(statesOf(kind).length).toBeGreaterThan(0);
    for (const state of statesOf(kind)) {
      const zh = stateMeaning(kind, state, 'zh-CN');
      const en = stateMeaning(kind, state, 'en');
      expect(zh.label, state).toMatch(/\p{Script=Han}/u);
      expect(zh.meaning, state).toMatch(/\p{Script=Han}.*。$/u);
      expect(en.label, state).toMatch(/^[A-Z][\x20-\x7e’]+$/);
      expect(en.meaning, state).toMatch(/^[A-Z][^\p{Script=Han}]+\.$/u);
      expect(zh.tone).toBe(en.tone);
    }
  },
);

test('the states of one kind are told apart by their words', () => {
  for (const kind of stateKinds) {
    for (const language of ['zh-CN', 'en'] as const) {
      const labels = statesOf(kind).map((state) => stateMeaning(kind, state, language).label);
      expect(new Set(labels).size, `${kind} ${language}`).toBe(labels.length);
    }
  }
});

test('a state that is not known is shown by its code', () => {
  expect(stateMeaning('order', 'toString', 'en')).toEqual({
    tone: 'neutral',
    label: 'toString',
    meaning: '',
    known: false,
  });
});
