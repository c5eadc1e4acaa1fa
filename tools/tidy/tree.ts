import type { Source, Violation } from './source.ts';

/** The floors of the house that hold modules, from the top down. */
export const floors = ['watch', 'flows', 'movement', 'banks', 'terms', 'who'];

/** Each module has its face and its page. */
export function moduleFiles(paths: readonly string[]): Violation[] {
  const inModule = new RegExp(`^(apps/server/src/(?:${floors.join('|')})/[^/]+)/`);
  const modules = new Set(paths.flatMap((path) => inModule.exec(path)?.[1] ?? []));
  const present = new Set(paths);
  return [...modules].flatMap((module) =>
    ['README.md', 'index.ts']
      .filter((name) => !present.has(`${module}/${name}`))
      .map((name) => ({
        path: module,
        line: 1,
        rule: 'module-files',
        message: `the module lacks ${name}`,
      })),
  );
}

/** The lockfile says what to install by its content, not from where. */
export function lockfile(source: Source | undefined): Violation[] {
  if (source === undefined) return [];
  return source.lines.flatMap((text, index) =>
    /"resolved": "(https?|git)/.test(text)
      ? [
          {
            path: source.path,
            line: index + 1,
            rule: 'lockfile',
            message: 'a download address: npm writes none with omit-lockfile-registry-resolved',
          },
        ]
      : [],
  );
}
