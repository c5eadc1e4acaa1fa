import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Refusal, Result } from '@keyturn/kernel';
import { readPlan } from '@keyturn/ledger';
import { expect, test } from 'vitest';
import { amountOf, countOf, patiently, readPlanFile } from './steps.ts';

function answers(...codes: readonly string[]) {
  let asked = 0;
  const step = async (): Promise<Result<number, Refusal>> => {
    const code = codes[Math.min(asked, codes.length - 1)] ?? 'ok';
    asked += 1;
    return code === 'ok' ? { ok: true, value: asked } : { ok: false, error: { code } };
  };
  return step;
}

test('a step waits for its turn, and for nothing else', async () => {
  const busy = 'takeover_busy';
  expect(await patiently(answers(busy, busy, 'ok'))).toEqual({ ok: true, value: 3 });
  const other = await patiently(answers(busy, 'takeover_unknown', 'ok'));
  expect(other).toEqual({ ok: false, error: { code: 'takeover_unknown' } });
  expect(await patiently(answers(busy))).toEqual({ ok: false, error: { code: busy } });
});

test('amounts and counts are whole numbers, or it is said what they are', () => {
  expect(amountOf('9007199254740993')).toBe(9_007_199_254_740_993n);
  expect([countOf(undefined), countOf('12')]).toEqual([undefined, 12]);
  for (const text of ['0', '-1', '1.5', '1,000', 'x', '']) {
    expect(() => amountOf(text)).toThrow(`"${text}" is no whole number from 1`);
    expect(() => countOf(text)).toThrow(`"${text}" is no count of pieces`);
  }
});

test('a plan that is not there, or no JSON, is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-plan-'));
  const file = join(folder, 'plan.json');
  await expect(readPlanFile(file)).rejects.toThrow(`${file} is not there. Name a plan's file.`);
  await writeFile(file, '{');
  await expect(readPlanFile(file)).rejects.toThrow(`${file} is no JSON: `);
  await writeFile(file, '{"takeover":"t"}');
  expect(await readPlanFile(file)).toEqual({ takeover: 't' });
  await rm(folder, { recursive: true, force: true });
});

test('the plan that the guide shows can be used', async () => {
  const guide = new URL('../../../../../../docs/guide/moving.md', import.meta.url);
  const [, plan = ''] = /^```json\n(.*?)^```$/ms.exec(await readFile(guide, 'utf8')) ?? [];
  expect(readPlan(JSON.parse(plan))).toMatchObject({ ok: true });
});
