import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '@keyturn/kernel';
import { readConfig } from '../platform/index.ts';
import { composePlatform } from './compose.ts';
import { createApi } from './http.ts';

/** Where the document lies, for those who read it and for the client that is generated from it. */
export const documentFile: string = fileURLToPath(
  new URL('../../../../packages/contract/openapi.json', import.meta.url),
);

/**
 * The OpenAPI document of the running code, as text. Composes the API without connecting to
 * anything: pools and clients open connections at their first use only.
 */
export async function writeOpenApi(): Promise<string> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'keyturn-openapi-'));
  try {
    const config = readConfig({
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
      KEYTURN_DATA: dataDirectory,
      KEYTURN_LOG_LEVEL: 'silent',
    });
    const platform = await composePlatform(config, 'openapi');
    const app = await createApi(platform);
    try {
      await app.ready();
      return `${JSON.stringify(sorted(app.swagger()), null, 2)}\n`;
    } finally {
      await app.close();
      await platform.close();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** Paths in the order of their names; all else as the code has it, which is the order to read. */
function sorted(document: { readonly paths?: unknown }): object {
  assert(typeof document.paths === 'object' && document.paths !== null, 'the document has paths');
  const paths = Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, paths: Object.fromEntries(paths) };
}

if (import.meta.main) await writeFile(documentFile, await writeOpenApi());
