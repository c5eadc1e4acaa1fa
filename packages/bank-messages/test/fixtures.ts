import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'fixtures');

/** The bytes of a fixture. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, name)));
}

/** A fixture's JSON, for second opinions. */
export function fixtureJson(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

/** The names of all files below a folder of the fixtures, sorted. */
export function fixtureNames(below: string): readonly string[] {
  return readdirSync(join(folder, below), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** All samples that somebody might drop into the import, second opinions and schemas left out. */
export function sampleNames(): readonly string[] {
  const folders = ['camt', 'pain', 'head', 'mt940', 'malformed'];
  return folders
    .flatMap(fixtureNames)
    .filter((name) => !name.endsWith('.json') || name.startsWith('malformed'));
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Walks into JSON of unknown shape; undefined when a step is not there. */
export function dig(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((current, key) => {
    if (Array.isArray(current) && typeof key === 'number') return current[key];
    return isRecord(current) ? current[key] : undefined;
  }, value);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
