import { mergeErrors } from '@keyturn/kernel';
import { ledgerErrors } from '@keyturn/ledger';
import { describe, expect, it } from 'vitest';
import { platformErrors } from '../platform/index.ts';
import { accessErrors } from './access/index.ts';
import { partiesErrors } from './parties/index.ts';

const registries = { ...accessErrors, ...partiesErrors };

function placeholders(sentence: string): readonly string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}

describe('the errors of parties and access', () => {
  it('mean one thing each in the whole platform', () => {
    const all = mergeErrors(platformErrors, ledgerErrors, accessErrors, partiesErrors);
    expect(Object.keys(all)).toEqual(expect.arrayContaining(Object.keys(registries)));
  });

  it.each(Object.entries(registries))('%s says the same in both languages', (_code, error) => {
    expect(placeholders(error.zh)).toEqual(placeholders(error.en));
    expect(error.zh).toMatch(/\p{Script=Han}/u);
    expect(error.en).toMatch(/\.$/);
  });
});
