import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import boundaries, { allowed, modules } from '../.dependency-cruiser.mjs';

const src = 'apps/server/src';

/** A small project with one planted violation per file, and neighbours that do nothing wrong. */
const planted: readonly (readonly [rule: string, file: string, code: string])[] = [
  [
    'order-movement-payments',
    `${src}/movement/payments/up.ts`,
    "import '../../flows/escrow/index.ts';",
  ],
  ['order-movement-payments', `${src}/movement/payments/right.ts`, "import '../payouts/index.ts';"],
  [
    'face-between-modules',
    `${src}/flows/escrow/deep.ts`,
    "import '../../movement/payments/store.ts';",
  ],
  ['face-of-modules', `${src}/main/deep.ts`, "import '../flows/escrow/service.ts';"],
  ['platform-below-modules', `${src}/platform/up.ts`, "import '../flows/escrow/index.ts';"],
  ['main-on-top', `${src}/flows/escrow/top.ts`, "import '../../main/start.ts';"],
  ['packages-packages-ledger', 'packages/ledger/src/up.ts', "import '@keyturn/bank-messages';"],
  [
    'packages-packages-bank-messages',
    'packages/bank-messages/src/up.ts',
    "import '@keyturn/ledger';",
  ],
  ['packages-apps-sandbox', 'apps/sandbox/src/shared.ts', "import '@keyturn/kernel';"],
  ['packages-apps-cashier', 'apps/cashier/src/money.ts', "import '@keyturn/kernel';"],
  ['packages-packages-ui', 'packages/ui/src/money.ts', "import '@keyturn/kernel';"],
  [
    'face-of-packages',
    `${src}/platform/deep.ts`,
    "import '../../../../packages/ledger/src/account.ts';",
  ],
  ['apps-apart', `${src}/platform/other.ts`, "import '../../../sandbox/src/server.ts';"],
  ['apps-apart', 'apps/sandbox/src/platform.ts', "import '../../server/src/platform/clock.ts';"],
  ['apps-apart', 'packages/ledger/src/server.ts', "import '../../../apps/sandbox/src/server.ts';"],
  ['kernel-without-the-world', 'packages/kernel/src/files.ts', "import 'node:fs';"],
  ['kernel-without-the-world', 'packages/kernel/src/hash.ts', "import 'node:crypto';"],
  ['decide-without-the-world', `${src}/flows/escrow/decide/net.ts`, "import 'node:net';"],
  ['decide-without-libraries-that-do', `${src}/flows/escrow/decide/query.ts`, "import 'pg';"],
  [
    'decide-without-its-surroundings',
    `${src}/flows/escrow/decide/load.ts`,
    "import '../store.ts';",
  ],
  [
    'decide-without-its-surroundings',
    `${src}/flows/escrow/decide/platform.ts`,
    "import '../../../platform/clock.ts';",
  ],
  ['no-test-in-production', `${src}/platform/tested.ts`, "import './clock.test.ts';"],
  ['no-cycles', `${src}/platform/chicken.ts`, "import './egg.ts';"],
  ['no-orphans', `${src}/platform/left-over.ts`, 'export const nobody = 1;'],
  ['no-unknown-packages', `${src}/platform/unknown.ts`, "import 'undeclared';"],
  ['no-missing-files', `${src}/platform/missing.ts`, "import './nowhere.ts';"],
];

const harmless: Readonly<Record<string, string>> = {
  'packages/kernel/src/index.ts': "export * from './ids.ts';",
  'packages/kernel/src/ids.ts': "import { randomBytes } from 'node:crypto'; randomBytes(1);",
  'packages/ledger/src/index.ts': "import '@keyturn/kernel'; import './account.ts';",
  'packages/ledger/src/account.ts': 'export const account = 1;',
  'packages/ledger/src/account.test.ts': "import '@keyturn/testkit'; import './account.ts';",
  'packages/bank-messages/src/index.ts': "import '@keyturn/kernel';",
  'packages/testkit/src/index.ts': "import '@keyturn/ledger';",
  'packages/ui/src/index.ts': "import '@keyturn/contract';",
  'packages/contract/src/index.ts': 'export const contract = 1;',
  'apps/cashier/src/pages.ts': "import '@keyturn/ui'; import '@keyturn/contract';",
  'apps/sandbox/src/server.ts': "import 'node:http';",
  [`${src}/platform/clock.ts`]: "import '@keyturn/kernel'; import 'pg';",
  [`${src}/platform/clock.test.ts`]: "import './clock.ts'; import '../flows/escrow/store.ts';",
  [`${src}/platform/egg.ts`]: "import './chicken.ts';",
  [`${src}/main/start.ts`]: "import '../flows/escrow/index.ts'; import '../platform/clock.ts';",
  [`${src}/movement/payouts/index.ts`]: "import '@keyturn/kernel';",
  [`${src}/movement/payments/index.ts`]: "import './store.ts'; import '../../platform/clock.ts';",
  [`${src}/movement/payments/store.ts`]: "import '@keyturn/kernel';",
  [`${src}/flows/escrow/index.ts`]: "import './service.ts';",
  [`${src}/flows/escrow/service.ts`]: "import './store.ts'; import './decide/release.ts';",
  [`${src}/flows/escrow/store.ts`]: "import '../../movement/payments/index.ts';",
  [`${src}/flows/escrow/decide/release.ts`]:
    "import type { A } from '../../../platform/clock.ts'; import 'node:crypto';",
};

/** `node_modules` of the small project: links to its packages, and libraries of one empty file. */
function linkPackages(root: string): void {
  const names = Object.keys(allowed).map((folder) => folder.split('/')[1]);
  mkdirSync(join(root, 'node_modules', '@keyturn'), { recursive: true });
  for (const folder of Object.keys(allowed)) {
    const name = `@keyturn/${folder.split('/')[1]}`;
    const dependencies = Object.fromEntries(names.map((one) => [`@keyturn/${one}`, '0.1.0']));
    const manifest = {
      name,
      version: '0.1.0',
      exports: { '.': './src/index.ts' },
      dependencies: { ...dependencies, pg: '1.0.0' },
    };
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'package.json'), JSON.stringify(manifest));
    symlinkSync(join(root, folder), join(root, 'node_modules', name));
  }
  for (const library of ['pg', 'undeclared']) {
    const folder = join(root, 'node_modules', library);
    mkdirSync(folder);
    const manifest = { name: library, version: '1.0.0', main: 'index.js' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'index.js'), '');
  }
}

let root: string;
let found: readonly { readonly rule: string; readonly from: string }[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'keyturn-boundaries-'));
  const manifest = { name: 'small', workspaces: ['packages/*', 'apps/*'] };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  linkPackages(root);
  const files = [...Object.entries(harmless), ...planted.map(([, file, code]) => [file, code])];
  for (const [file = '', code = ''] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `${code}\nexport {};\n`);
  }
  const { forbidden, options } = boundaries;
  const { enhancedResolveOptions, ...rest } = options;
  const result = await cruise(
    ['apps', 'packages'],
    { ...rest, baseDir: root, validate: true, ruleSet: { forbidden }, enhancedResolveOptions },
    enhancedResolveOptions,
  );
  const { summary } = result.output as ICruiseResult;
  found = summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each(planted)('%s finds %s', (rule, file) => {
  expect(found.filter((one) => one.from === file).map((one) => one.rule)).toContain(rule);
});

it('finds nothing else', () => {
  const guilty = new Set(planted.map(([, file]) => file));
  expect(found.filter((one) => !guilty.has(one.from))).toEqual([]);
});

describe('the order of the modules', () => {
  const rule = (module: string) =>
    boundaries.forbidden.find((one) => one.name === `order-${module.replace('/', '-')}`);

  it('forbids each module all that stand after it and none that stand before', () => {
    for (const [index, module] of modules.slice(0, -1).entries()) {
      const found = rule(module);
      const to = new RegExp(String(found !== undefined && 'to' in found ? found.to.path : ''));
      const forbidden = modules.filter((other) => to.test(`${src}/${other}/index.ts`));
      expect(forbidden).toEqual(modules.slice(index + 1));
    }
  });

  it('lets the last module call all others', () => {
    expect(rule(modules.at(-1) ?? '')).toBeUndefined();
  });
});
