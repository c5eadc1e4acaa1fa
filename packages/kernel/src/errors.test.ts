import { expect, test } from 'vitest';
import { defineErrors, mergeErrors, refuser, sentence } from './errors.ts';

const errors = defineErrors({
  door_closed: {
    status: 409,
    retryable: true,
    title: 'Closed',
    en: 'Door {door} is closed.',
    zh: '门 {door} 已关闭。',
  },
});

test('a refusal speaks both languages with its values', () => {
  const { error } = refuser(errors)('door_closed', { values: { door: '7' } });
  expect(sentence(errors, error, 'en')).toBe('Door 7 is closed.');
  expect(sentence(errors, error, 'zh-CN')).toBe('门 7 已关闭。');
});

test('a value that reads differently in Chinese is taken for the Chinese sentence', () => {
  const { error } = refuser(errors)('door_closed', { values: { door: 'front', door_zh: '前' } });
  expect(sentence(errors, error, 'en')).toBe('Door front is closed.');
  expect(sentence(errors, error, 'zh-CN')).toBe('门 前 已关闭。');
});

test('a code stands for one thing in the whole platform', () => {
  expect(() => mergeErrors(errors, errors)).toThrow('registered twice');
});
