import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { payoutsErrors } from '../payouts/index.ts';
import { paymentsErrors } from './index.ts';

const movement = join(import.meta.dirname, '..');

function sources(wanted: (path: string) => boolean): string {
  return readdirSync(movement, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && wanted(path))
    .map((path) => readFileSync(join(movement, path), 'utf8'))
    .join('\n');
}

const tests = sources((path) => path.endsWith('.test.ts') && !path.endsWith('errors.test.ts'));
const code = sources((path) => !path.endsWith('.test.ts') && !path.endsWith('errors.ts'));
const all = { ...paymentsErrors, ...payoutsErrors };

test.each(Object.keys(all))('the refusal %s is given somewhere, and a test reaches it', (name) => {
  expect(code).toContain(`'${name}'`);
  expect(tests).toContain(name);
});

test.each(Object.entries(all))('%s says what to do, in both languages', (_name, definition) => {
  expect(definition.en).toMatch(/\.$/);
  expect(definition.zh).toMatch(/。$/);
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  expect(names(definition.zh)).toEqual(names(definition.en));
});
