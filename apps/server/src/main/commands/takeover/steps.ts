import { readFile } from 'node:fs/promises';
import { type Refusal, type Result, sentence } from '@keyturn/kernel';
import type { Settled, TakeoverService } from '@keyturn/ledger';
import { errorCode } from '@keyturn/pipeline';
import { StartError } from '../../start/installation.ts';
import { print } from '../output.ts';
import type { Environment } from '../start.ts';
import { withPlatform } from '../with-platform.ts';

export interface Flags {
  readonly json?: boolean;
}

export const jsonFlag = ['--json', 'print one object for machines'] as const;

/** What a step works with. */
export interface Platform {
  readonly takeovers: TakeoverService;
}

/**
 * Carries out a step and prints what it says. A refusal is a sentence on standard error, or with
 * `--json` an object with the sentence in both languages; the exit code is 1, as for an answer
 * that is not in order.
 */
export async function show<T>(
  env: Environment,
  { json = false }: Flags,
  step: (platform: Platform) => Promise<Result<T, Refusal>>,
  text: (value: T) => string,
  isInOrder: (value: T) => boolean = () => true,
): Promise<void> {
  await withPlatform(env, async ({ platform }) => {
    const result = await patiently(() => step(platform));
    if (result.ok) {
      print(result.value, json, text);
      if (!isInOrder(result.value)) process.exitCode = 1;
      return;
    }
    const { code } = result.error;
    const detail = sentence(platform.errors, result.error, 'en');
    if (!json) throw new StartError(`${detail} (${code})`);
    const detail_zh = sentence(platform.errors, result.error, 'zh-CN');
    const retryable = platform.errors[code]?.retryable ?? false;
    print({ error: { code, detail, detail_zh, retryable } }, true, String);
    process.exitCode = 1;
  });
}

/** So often a step is tried while the worker is at it; each waits as long as for any lock. */
const turns = 15;

/** Waits for its turn: the worker reads every second, and compares for as long as it takes. */
export async function patiently<T>(
  step: () => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  for (let turn = 1; ; turn += 1) {
    const result = await step();
    if (result.ok || result.error.code !== 'takeover_busy' || turn === turns) return result;
  }
}

/** A plan as it stands in a file. */
export async function readPlanFile(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? `is no JSON: ${error.message}` : undefined;
    const missing = errorCode(error) === 'ENOENT' ? 'is not there' : undefined;
    throw new StartError(`${file} ${reason ?? missing ?? 'cannot be read'}. Name a plan's file.`);
  }
}

/** A number of pieces; undefined when it is not said. */
export function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number.parseInt(text, 10);
  throw new StartError(`"${text}" is no count of pieces. Write a whole number from 1.`);
}

/** A whole number of minor units. */
export function amountOf(text: string): bigint {
  if (/^[1-9]\d{0,17}$/.test(text)) return BigInt(text);
  throw new StartError(`"${text}" is no whole number from 1. Write it without a point or comma.`);
}

/** Of a journal, what a person wants to know. */
export async function take(
  answer: ReturnType<TakeoverService['refund']>,
): Promise<Result<{ readonly journal: string; readonly replayed: boolean }, Refusal>> {
  const found = await answer;
  if (!found.ok) return found;
  const { journal, replayed } = found.value;
  return { ok: true, value: { journal: journal.id, replayed } };
}

export function settled({ settlement, journal, adopted }: Settled): string {
  const booked = journal === undefined ? 'no journal was needed' : `journal ${journal}`;
  return `Settlement ${settlement} is booked: ${booked}, ${adopted} rows adopted.`;
}
