import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Captured } from './capture.ts';
import { directoryVariable } from './directory.ts';
import { gather, judge, type RunRecord, stale } from './judge.ts';
import { readRegistry } from './registry.ts';

const root = dirname(dirname(dirname(dirname(import.meta.dirname))));
const record = join(root, 'node_modules', '.cache', 'keyturn', 'statements.json');

/** Around a run: has all its processes write down what they send, and judges it at the end. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'keyturn-statements-'));
  process.env[directoryVariable] = directory;
  return async () => {
    const run = gather(await readCaptured(directory), await isWhole(project));
    await rm(directory, { recursive: true, force: true });
    await keep(run);
    const registered = await readRegistry();
    for (const remark of stale(run, registered)) process.stderr.write(`\n ! ${remark}\n`);
    const complaints = judge(run, registered);
    if (complaints.length === 0) return;
    for (const complaint of complaints) process.stderr.write(`\n ✗ ${complaint}\n`);
    throw new Error(`${complaints.length} statements are not as they are registered (see above)`);
  };
}

async function readCaptured(directory: string): Promise<readonly Captured[]> {
  const captured: Captured[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const lines = (await readFile(join(directory, name), 'utf8')).split('\n');
    // A process that was killed may have left its last line unfinished.
    for (const line of lines.slice(0, -1)) captured.push(JSON.parse(line) as Captured);
  }
  return captured;
}

/** Every test file there is was run with all its tests, nothing was skipped and nothing failed. */
async function isWhole(project: TestProject): Promise<boolean> {
  const { testNamePattern, shard } = project.vitest.config;
  if (testNamePattern !== undefined || shard !== undefined) return false;
  const modules = project.vitest.state.getTestModules();
  const ran = new Set(modules.map((module) => module.moduleId));
  const { testFiles } = await project.globTestFiles();
  const passed = modules.every((module) =>
    [...module.children.allTests()].every((test) => test.result().state === 'passed'),
  );
  return passed && testFiles.every((file) => ran.has(file));
}

/** For the command that keeps the registry up to date; what else runs here keeps its own. */
async function keep(run: RunRecord): Promise<void> {
  await mkdir(dirname(record), { recursive: true });
  const fresh = `${record}.${process.pid}`;
  await writeFile(fresh, JSON.stringify(run));
  await rename(fresh, record);
}

/** The last run's record; undefined before the first. */
export async function readRecord(): Promise<RunRecord | undefined> {
  try {
    return JSON.parse(await readFile(record, 'utf8')) as RunRecord;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
