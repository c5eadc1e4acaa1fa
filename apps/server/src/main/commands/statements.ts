import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { ImportOutcome, ReconciliationService } from '../../watch/reconciliation/index.ts';
import { print, table, yuan } from './output.ts';
import type { Environment } from './start.ts';
import { withPlatform } from './with-platform.ts';

/** What is said about one file of the command line. */
type FileOutcome =
  | (Partial<ImportOutcome> & { readonly file: string; readonly imported: boolean })
  | ImportOutcome;

const largestFile = 64 * 1024 * 1024;

export function registerStatements(program: Command, env: Environment): void {
  program
    .command('statement')
    .description('bank statements')
    .command('import')
    .description('take in statement files: camt.052/053/054, MT940, MT942')
    .argument('<files...>', 'files as the bank sent them')
    .option('--json', 'print one object for machines, with a list of files')
    .action((files: string[], options: { json?: boolean }) =>
      withPlatform(env, ({ platform }) =>
        importFiles(platform.reconciliation, files, options.json ?? false),
      ),
    );
}

async function importFiles(
  reconciliation: ReconciliationService,
  files: readonly string[],
  json: boolean,
): Promise<void> {
  const outcomes: FileOutcome[] = [];
  for (const file of files) {
    const outcome = await importFile(reconciliation, file);
    outcomes.push(outcome);
    if (!json) print(outcome, false, fileText);
  }
  if (json) print({ files: outcomes }, true, String);
  // A refusal is an answer about a file's content; a file that cannot be read at all is a failure.
  if (outcomes.some((outcome) => outcome.id === undefined)) process.exitCode = 1;
}

async function importFile(
  reconciliation: ReconciliationService,
  file: string,
): Promise<FileOutcome> {
  const bytes = await readBounded(file);
  if (typeof bytes === 'string') return unreadable(file, bytes);
  const result = await reconciliation.importStatement(bytes, basename(file));
  if (!result.ok) return unreadable(file, `${file}: refused (${result.error.code}).`);
  const { value } = result;
  // What is reported has its reasons in the findings; the first ones stand for them.
  const reason = value.findings.slice(0, 3).map((finding) => finding.sentence);
  return { ...value, ...(value.reported ? { reason: reason.join('; ') } : {}), file };
}

/** The file's bytes, or a sentence that says why there are none. */
async function readBounded(file: string): Promise<Uint8Array | string> {
  try {
    const { size } = await stat(file);
    if (size > largestFile) {
      return `${file} has ${size} bytes, more than ${largestFile}. Ask the bank for smaller files.`;
    }
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EACCES: 'there is no permission to read it',
      EISDIR: 'it is a folder; name the files in it',
    };
    return `${file} cannot be read: ${reasons[code] ?? code}.`;
  }
}

function unreadable(file: string, reason: string): FileOutcome {
  return {
    file,
    outcome: 'refused',
    imported: false,
    reported: false,
    refused: true,
    reason,
    statements: 0,
    entries: 0,
    opening: null,
    closing: null,
  };
}

function fileText(outcome: FileOutcome): string {
  const { file, statements = 0, entries = 0, opening, closing, currency, findings = [] } = outcome;
  const again = outcome.repeated ? ' (was here before; nothing changed)' : '';
  const balances =
    opening === null || opening === undefined || closing === null || closing === undefined
      ? ''
      : `, ${yuan(opening, currency ?? 'CNY')} -> ${yuan(closing, currency ?? 'CNY')} ${currency ?? ''}`;
  const head = outcome.refused
    ? `${file}: refused: ${outcome.reason ?? ''}`
    : `${file}: ${outcome.outcome}, ${statements} statements, ${entries} entries${balances}`;
  const found = findings.map((finding) => ['   ', JSON.stringify(finding)]);
  return [head + again, ...(found.length === 0 ? [] : [table(found)])].join('\n');
}
