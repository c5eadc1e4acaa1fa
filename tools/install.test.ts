import { expect, it } from 'vitest';
import { matchesLock } from './install.mjs';

const library = { version: '1.2.3', integrity: 'sha512-a' };
const forAnotherPlatform = { version: '1.0.0', integrity: 'sha512-b', optional: true };
const lock = {
  packages: {
    '': { name: 'keyturn' },
    'packages/kernel': { version: '0.1.0' },
    'node_modules/library': library,
    'packages/kernel/node_modules/library': { ...library, version: '2.0.0' },
    'node_modules/native-other': forAnotherPlatform,
    'node_modules/@keyturn/kernel': { resolved: 'packages/kernel', link: true },
  },
};
const installed = {
  'node_modules/library': library,
  'packages/kernel/node_modules/library': { ...library, version: '2.0.0' },
  'node_modules/@keyturn/kernel': { resolved: 'packages/kernel', link: true },
};

it('takes an installation for complete that lacks only what is for other platforms', () => {
  expect(matchesLock(lock, { packages: installed })).toBe(true);
});

it('sees that nothing is installed', () => {
  expect(matchesLock(lock, undefined)).toBe(false);
  expect(matchesLock(lock, { packages: {} })).toBe(false);
});

it.each([
  ['another version', { ...library, version: '1.2.4' }],
  ['another content', { ...library, integrity: 'sha512-c' }],
])('sees that %s of a package is installed', (_what, other) => {
  const packages = { ...installed, 'node_modules/library': other };
  expect(matchesLock(lock, { packages })).toBe(false);
});

it('sees that a workspace or a nested package is missing', () => {
  for (const path of ['node_modules/@keyturn/kernel', 'packages/kernel/node_modules/library']) {
    const packages = Object.fromEntries(Object.entries(installed).filter(([key]) => key !== path));
    expect(matchesLock(lock, { packages })).toBe(false);
  }
});
