// `npm run check`: style, types, boundaries and house rules. All are run even when one fails.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { runNode } from './launch.mjs';
import { installed, root } from './paths.mjs';
import { main } from './say.mjs';

function bin(name) {
  return installed('.bin', name);
}

/** The workspaces that are not in the root's TypeScript project, such as the web apps. */
function ownProjects() {
  return ['apps', 'packages'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .map((name) => `${kind}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'tsconfig.json'))),
  );
}

function steps() {
  const scanned = ['apps', 'packages', 'bench', 'tools'].filter((name) =>
    existsSync(join(root, name)),
  );
  const config = ['--config', '.dependency-cruiser.mjs'];
  return [
    { name: 'style (biome)', args: [bin('biome'), 'check', '.'] },
    { name: 'types (tsc)', args: [bin('tsc'), '-p', '.'] },
    ...ownProjects().map((folder) => ({
      name: `types of ${folder} (tsc)`,
      args: [bin('tsc'), '-p', folder, '--noEmit'],
    })),
    {
      name: 'boundaries (dependency-cruiser)',
      args: [bin('depcruise'), ...config, '--output-type', 'err-long', ...scanned],
    },
    { name: 'house rules (tidy)', args: [join(root, 'tools', 'tidy', 'main.ts')] },
  ];
}

await main(async () => {
  await ensureInstalled();
  const failed = [];
  for (const step of steps()) {
    process.stdout.write(`— ${step.name}\n`);
    const code = await runNode(step.args, { cwd: root });
    process.stdout.write(code === 0 ? '  in order\n' : `  FAILED (exit code ${code})\n`);
    if (code !== 0) failed.push(step.name);
  }
  const verdict = failed.length === 0 ? 'All checks passed' : `Failed: ${failed.join(', ')}`;
  process.stdout.write(`${verdict}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});
