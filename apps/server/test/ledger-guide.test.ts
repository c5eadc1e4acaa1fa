import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createLedgerApp,
  type LedgerApp,
  password,
} from '../src/platform/ledger/test/ledger-app.ts';

const page = new URL('../../../docs/guide/ledger.md', import.meta.url);
const run = promisify(execFile);

let world: LedgerApp;
let folder: string;

beforeAll(async () => {
  world = await createLedgerApp();
  await world.operator('admin', 'admin');
  folder = await mkdtemp(join(tmpdir(), 'keyturn-guide-'));
  await mkdir(join(folder, '.keyturn'));
  const installation = JSON.stringify({ operators: { admin: password } });
  await writeFile(join(folder, '.keyturn', 'installation.json'), installation);
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

interface Example {
  readonly commands: string;
  /** What the page says that it answers. */
  readonly shown: unknown;
}

/** The page's commands, each with the answer that is shown below it. */
function examplesOf(text: string): readonly Example[] {
  const blocks = [...text.matchAll(/^```(sh|json)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, language, content = ''], index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    const shown = next?.[1] === 'json' ? JSON.parse(next[2] ?? '') : undefined;
    return [{ commands: content, shown }];
  });
}

/** What differs from run to run: ids that the platform makes, and moments. */
const forms = [
  /^int_[0-9a-z]{26}/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
];

/** All that is shown has to be there; ids and moments by their form. */
function likeness(shown: unknown): unknown {
  if (typeof shown === 'string') {
    const form = forms.find((one) => one.test(shown));
    return form === undefined ? shown : expect.stringMatching(form);
  }
  if (Array.isArray(shown)) return shown.map(likeness);
  if (typeof shown !== 'object' || shown === null) return shown;
  const entries = Object.entries(shown).map(([name, value]) => [name, likeness(value)]);
  return expect.objectContaining(Object.fromEntries(entries));
}

it('does, command by command, what the page about the ledger over HTTP shows', async () => {
  const examples = examplesOf(await readFile(page, 'utf8'));
  const mark = '=== end of an example ===';
  const script = examples.map(({ commands }) => `${commands}\necho; echo "${mark}"`).join('\n');
  const { stdout } = await run(
    'bash',
    ['-euo', 'pipefail', '-c', script.replaceAll('http://127.0.0.1:7070', world.url)],
    { cwd: folder, env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` } },
  );
  const said = stdout.split(mark);
  expect(examples.filter(({ shown }) => shown !== undefined).length).toBeGreaterThan(8);
  for (const [index, { commands, shown }] of examples.entries()) {
    if (shown === undefined) continue;
    expect(JSON.parse(said[index] ?? ''), commands).toEqual(likeness(shown));
  }
});
