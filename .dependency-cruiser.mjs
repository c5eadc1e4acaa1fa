// The floors and faces of the house as rules. `npm run check` holds the code against them, and
// tools/boundaries.test.ts proves that each of them finds what it is meant to find.

/**
 * The modules in their one order, from the ground up. A module calls only what stands before it.
 * The names are those of the folders under apps/server/src.
 */
export const modules = [
  'who/parties',
  'who/access',
  'terms/risk',
  'terms/marketing',
  'banks/channels',
  'banks/custody',
  'movement/payments',
  'movement/payouts',
  'flows/settlement',
  'flows/escrow',
  'flows/terminals',
  'flows/transfers',
  'watch/reconciliation',
  'watch/insight',
  'watch/statements',
  'watch/operations',
  'watch/assistant',
];

/** Which packages of the project each package and program may import, besides itself. */
export const allowed = {
  'packages/kernel': [],
  'packages/pipeline': ['kernel'],
  'packages/ledger': ['kernel', 'pipeline'],
  'packages/bank-messages': ['kernel'],
  'packages/postgres': ['kernel'],
  'packages/testkit': ['kernel', 'pipeline', 'ledger', 'postgres'],
  'packages/contract': [],
  'packages/ui': ['contract'],
  'apps/cashier': ['ui', 'contract'],
  'apps/console': ['ui', 'contract'],
  'apps/merchant': ['ui', 'contract'],
  'apps/sandbox': [],
  'apps/server': ['kernel', 'pipeline', 'ledger', 'bank-messages', 'postgres'],
};

const server = '^apps/server/src';
const floors = [...new Set(modules.map((module) => module.split('/')[0]))];
const anyModule = `${server}/(?:${floors.join('|')})/[^/]+`;
/** Tests may look anywhere: at what is inside a module, and at what it must not know. */
const tests = ['\\.test\\.tsx?$', '/test/', '^packages/testkit/', '/fixtures/'];

/** @returns {import('dependency-cruiser').IForbiddenRuleType} */
function forbid(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to };
}

/** A module and everything that stands after it in the order. */
const order = modules
  .slice(0, -1)
  .map((module, index) =>
    forbid(
      `order-${module.replace('/', '-')}`,
      `${module} calls only what stands before it; what later ones must know leaves as an event.`,
      { path: `${server}/${module}/`, pathNot: tests },
      { path: `${server}/(?:${modules.slice(index + 1).join('|')})/` },
    ),
  );

const packages = Object.entries(allowed).map(([from, names]) =>
  forbid(
    `packages-${from.replace('/', '-')}`,
    `${from} imports ${names.length === 0 ? 'no package of the project' : names.join(', ')} only.`,
    { path: `^${from}/`, pathNot: tests },
    { path: `^packages/(?!(?:${[...names, from.split('/')[1]].join('|')})/)` },
  ),
);

const forbidden = [
  ...order,
  ...packages,
  forbid(
    'face-between-modules',
    "A module is known by its index.ts; what is behind it is the module's own.",
    { path: `(${anyModule})/`, pathNot: tests },
    { path: `${anyModule}/`, pathNot: ['^$1/', `${anyModule}/index\\.ts$`] },
  ),
  forbid(
    'face-of-modules',
    'main and everybody else know a module by its index.ts.',
    { pathNot: [`${anyModule}/`, ...tests] },
    { path: `${anyModule}/`, pathNot: [`${anyModule}/index\\.ts$`] },
  ),
  forbid(
    'face-of-packages',
    'A package is known by its index.ts.',
    { path: '^(?:packages|apps)/([^/]+)/', pathNot: tests },
    { path: '^packages/[^/]+/', pathNot: ['^packages/$1/', '^packages/[^/]+/src/index\\.ts$'] },
  ),
  forbid(
    'platform-below-modules',
    'The platform carries the modules and knows none of them.',
    { path: `${server}/platform/`, pathNot: tests },
    { path: [`${anyModule}/`, `${server}/main/`] },
  ),
  forbid(
    'main-on-top',
    'main composes the modules; none of them knows how.',
    { path: `${anyModule}/`, pathNot: tests },
    { path: `${server}/main/` },
  ),
  forbid(
    'apps-apart',
    'Programs talk over the network. The server and the outside world share no code.',
    { path: '^(?:apps/([^/]+)|packages/[^/]+)/', pathNot: ['^packages/testkit/'] },
    { path: '^apps/', pathNot: ['^apps/$1/'] },
  ),
  forbid(
    'kernel-without-the-world',
    'The kernel has no input and no output, and needs nothing but itself.',
    { path: '^packages/kernel/src/', pathNot: [...tests, '^packages/kernel/src/ids\\.ts$'] },
    { pathNot: '^packages/kernel/src/' },
  ),
  forbid(
    'kernel-ids-need-only-crypto',
    'Ids need random numbers and a hash, and nothing else of the world.',
    { path: '^packages/kernel/src/ids\\.ts$' },
    { pathNot: ['^packages/kernel/src/', '^(?:node:)?crypto$'] },
  ),
  forbid(
    'decide-without-the-world',
    'Decisions are pure: no network, no files, no processes.',
    { path: '/decide(?:/|\\.ts$)', pathNot: tests },
    { dependencyTypes: ['core'], pathNot: '^(?:node:)?crypto$' },
  ),
  forbid(
    'decide-without-libraries-that-do',
    'Decisions are pure: no database driver, no HTTP, no jobs, no log.',
    { path: '/decide(?:/|\\.ts$)', pathNot: tests },
    { path: 'node_modules/(?:pg|kysely|fastify|undici|graphile-worker|pino|prom-client)/' },
  ),
  forbid(
    'decide-without-its-surroundings',
    'Decisions are called by services and stores, never the other way round. Types are free.',
    { path: '/decide(?:/|\\.ts$)', pathNot: tests },
    {
      path: ['/(?:store|service|routes|jobs)(?:/|\\.ts$)', `${server}/platform/`],
      dependencyTypesNot: ['type-only'],
    },
  ),
  forbid(
    'no-test-in-production',
    'What runs in production does not know its tests.',
    { pathNot: [...tests, '^(?:bench|tools)/', '^vitest\\.config\\.ts$'] },
    { path: tests },
  ),
  forbid('no-cycles', 'Two files that need each other are one, or three.', {}, { circular: true }),
  forbid(
    'no-orphans',
    'A file that nobody imports and that imports nothing is left over.',
    {
      orphan: true,
      pathNot: [
        ...tests,
        '\\.d\\.m?ts$',
        '\\.config\\.m?ts$',
        '^(?:tools|bench)/',
        '/main(?:\\.tsx?$|/)',
        '^packages/[^/]+/src/index\\.ts$',
        '/generated/',
      ],
    },
    {},
  ),
  forbid(
    'no-unknown-packages',
    'A package that is imported stands in the package.json of the workspace that imports it.',
    { path: '^(?:packages|apps)/' },
    { dependencyTypes: ['npm-no-pkg', 'unknown'] },
  ),
  forbid('no-missing-files', 'An import leads somewhere.', {}, { couldNotResolve: true }),
];

export default {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)(?:dist|dist\\.new|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js', '.d.ts', '.json', '.css'],
    },
  },
};
