import {
  type CursorPart,
  decodeCursor,
  encodeId,
  ok,
  type Page,
  pageOf,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { refuse } from './errors.ts';
import {
  readBillPage,
  readFile,
  readFiles,
  readStatementPage,
  readStatementPageOf,
} from './store/files.ts';
import { readLastProofs, readProofLines, readProofPage, readProofVersion } from './store/proofs.ts';
import type { PageQuery, ReconciliationDeps, ReconciliationService } from './types.ts';
import { billView, importOutcome, type ProofView, proofView, statementView } from './views.ts';

/** A cursor of these parts; refused when it is not one of ours. */
function cursorOf(
  page: PageQuery,
  parts: readonly CursorPart[],
): Result<readonly string[] | undefined, Refusal> {
  if (page.cursor === undefined) return ok(undefined);
  const read = decodeCursor(page.cursor, parts);
  if (read) return ok(read);
  return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
}

/** One page of a list: its cursor read, its rows cut, each shown. */
export async function list<Row, View>(
  page: PageQuery,
  parts: readonly CursorPart[],
  read: (after: readonly string[] | undefined, limit: number) => Promise<readonly Row[]>,
  key: (row: Row) => readonly string[],
  show: (row: Row) => View,
): Promise<Result<Page<View>, Refusal>> {
  const after = cursorOf(page, parts);
  if (!after.ok) return after;
  const limit = page.limit ?? 20;
  const cut = pageOf(await read(after.value, limit + 1), limit, key);
  return ok({ items: cut.items.map(show), nextCursor: cut.nextCursor });
}

/** A position of two parts. */
export const pair = (after: readonly string[] | undefined) =>
  after === undefined ? undefined : ([after[0] ?? '', after[1] ?? ''] as const);

/** Files, statements and bills as they were taken in. */
export function fileLists(
  deps: Pick<ReconciliationDeps, 'database'>,
): Pick<ReconciliationService, 'files' | 'file' | 'statements' | 'bills'> {
  const { database } = deps;
  return {
    files: (page) =>
      list(
        page,
        ['instant', 'uuid'],
        (after, limit) => readFiles(database, pair(after), limit),
        (row) => [row.importedAt.toString(), row.id],
        (row) => importOutcome(row, false),
      ),
    file: async (id) => {
      const row = await readFile(database, id);
      if (row) return ok(importOutcome(row, false));
      return refuse('statement_file_not_found', { values: { file_id: encodeId('stm', id) } });
    },
    statements: ({ accountId, ...page }) =>
      list(
        page,
        ['instant', 'uuid', 'date'],
        (after, limit) =>
          accountId === undefined
            ? readStatementPage(database, pair(after), limit)
            : readStatementPageOf(
                database,
                accountId,
                after && [after[0] ?? '', after[1] ?? '', after[2] ?? ''],
                limit,
              ),
        (row) => [row.importedAt.toString(), row.id, row.day?.toString() ?? '0001-01-01'],
        statementView,
      ),
    bills: ({ contractId, ...page }) =>
      list(
        page,
        ['date', 'uuid'],
        (after, limit) => readBillPage(database, contractId, pair(after), limit),
        (row) => [row.day.toString(), row.fileId],
        billView,
      ),
  };
}

/** Proofs as they were made. */
export function proofLists(
  deps: Pick<ReconciliationDeps, 'database'>,
): Pick<ReconciliationService, 'storedProof' | 'proofs'> {
  const { database } = deps;
  return {
    storedProof: async (day, version) => {
      const row =
        version === undefined ? undefined : await readProofVersion(database, day, version);
      const view =
        version === undefined
          ? await lastProof(deps, day)
          : row && proofView(row, await readProofLines(database, [row.id]));
      if (view) return ok(view);
      return refuse('proof_not_found', { values: { date: day.toString() } });
    },
    proofs: async (page) => {
      const rows = await list(
        page,
        ['date'],
        (after, limit) => readProofPage(database, after?.[0], limit),
        (row) => [row.day.toString()],
        (row) => row,
      );
      if (!rows.ok) return rows;
      const { items, nextCursor } = rows.value;
      const lines = await readProofLines(
        database,
        items.map(({ id }) => id),
      );
      const bare = lines.map((line) => ({ ...line, items: [] }));
      const views = items.map((proof) =>
        proofView(
          proof,
          bare.filter((line) => line.proofId === proof.id),
        ),
      );
      return ok({ items: views, nextCursor });
    },
  };
}

/** The latest proof of a day. */
export async function lastProof(
  deps: Pick<ReconciliationDeps, 'database'>,
  day: Temporal.PlainDate,
): Promise<ProofView | undefined> {
  const [proof] = await readLastProofs(deps.database, [day]);
  return proof && proofView(proof, await readProofLines(deps.database, [proof.id]));
}
