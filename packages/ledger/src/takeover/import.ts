import { namedId, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Tx } from '@keyturn/pipeline';
import { type Account, accountId, newAccount } from '../account.ts';
import { createHistoryImporter, type HistoryImporter } from '../import-history.ts';
import { readAccounts } from '../queries.ts';
import type { TakeoverContext } from './context.ts';
import { fitRows } from './decide/fit.ts';
import { refuse } from './errors.ts';
import { type SubjectMapping, sideOf } from './plan.ts';
import { byBooking, journalIdOf, journalOf, mapRow, movementOf } from './rows.ts';
import {
  closePiece,
  insertMovements,
  insertPiece,
  lockTakeover,
  notePairs,
  readMovements,
  readOpenPiece,
  readPieceRows,
  readTakeover,
  takeAccounts,
  updateTakeover,
} from './store.ts';
import type { Movement, Takeover } from './tables.ts';

/** Rows that are imported at once. */
export const importPage = 1_000;

export interface ImportProgress {
  readonly complete: boolean;
  readonly pieces: number;
  /** Rows that this run read. */
  readonly rows: number;
}

/**
 * Takes over the history of the old ledger up to a cut, in pieces, each with its own times. A
 * piece is decided and written down, then imported as it was written, then closed: killed
 * anywhere, the next run imports the open piece again, which is a repeat, and goes on.
 *
 * @param atMost pieces that this run may begin; all of them when absent
 */
export async function importOldHistory(
  context: TakeoverContext,
  atMost = Number.POSITIVE_INFINITY,
): Promise<Result<ImportProgress, Refusal>> {
  const importer = createHistoryImporter(context);
  try {
    return await importPieces(context, importer, atMost);
  } finally {
    await importer.close();
  }
}

async function importPieces(
  context: TakeoverContext,
  importer: HistoryImporter,
  atMost: number,
): Promise<Result<ImportProgress, Refusal>> {
  const { database, plan } = context;
  const cut = await makeCut(context);
  let rows = 0;
  for (let begun = 0; ; begun += 1) {
    const open = await readOpenPiece(database, plan.takeover);
    if (open !== undefined) {
      const refused = await importPiece(context, importer, open);
      if (refused) return { ok: false, error: refused };
    }
    const takeover = present(await readTakeover(database, plan.takeover), 'the takeover');
    const complete = takeover.historyReadAt !== null;
    if (complete) await closeImport(context, cut);
    if (complete || begun >= atMost) return ok({ complete, pieces: takeover.pieces, rows });
    rows += await decidePiece(context, takeover, cut);
  }
}

/** The state of the old ledger that the history is held against, taken once. */
async function makeCut(context: TakeoverContext): Promise<bigint> {
  const { database, old, plan, takeover } = context;
  if (takeover.cutPosition !== null) return takeover.cutPosition;
  const snapshot = await old.takeSnapshot();
  return database.transaction(async (tx) => {
    const locked = present(await lockTakeover(tx, plan.takeover), 'the takeover');
    if (locked.cutPosition !== null) return locked.cutPosition;
    updateTakeover(tx, {
      ...locked,
      cutSnapshot: snapshot.id,
      cutAt: snapshot.takenAt,
      cutPosition: snapshot.position,
    });
    return snapshot.position;
  });
}

/** Every piece is imported: what came after the cut can be read. */
async function closeImport(context: TakeoverContext, cut: bigint): Promise<void> {
  const { database, plan, clock } = context;
  await database.transaction(async (tx) => {
    const locked = present(await lockTakeover(tx, plan.takeover), 'the takeover');
    if (locked.importedAt !== null) return;
    updateTakeover(tx, { ...locked, importedAt: clock.now(), position: cut });
  });
}

async function decidePiece(
  context: TakeoverContext,
  takeover: Takeover,
  cut: bigint,
): Promise<number> {
  const { database, old, clock } = context;
  const cursor = takeover.historyCursor ?? undefined;
  const page = await old.readHistory({ through: cut, cursor, limit: importPage });
  const now = clock.now();
  await database.transaction(async (tx) => {
    const locked = present(await lockTakeover(tx, takeover.id), 'the takeover');
    if (locked.historyCursor !== takeover.historyCursor || locked.historyReadAt !== null) return;
    const number = locked.pieces + 1;
    const ids = page.rows.map(({ id }) => id);
    const known = new Set((await readMovements(tx, takeover.id, ids)).map(({ id }) => id));
    const rows = [...new Map(page.rows.map((row) => [row.id, row])).values()]
      .filter(({ id }) => !known.has(id))
      .map((row) => movementOf(takeover.id, row, context.planVersion, now))
      .sort(byBooking);
    await writePiece(tx, context, number, rows);
    updateTakeover(tx, {
      ...locked,
      historyCursor: page.next ?? locked.historyCursor,
      pieces: number,
      ...(page.next === undefined ? { historyReadAt: now } : {}),
    });
  });
  return page.rows.length;
}

/** Decides what of a piece can be booked in the order of its times, and writes all of it down. */
async function writePiece(
  tx: Tx,
  { plan, clock }: TakeoverContext,
  piece: number,
  rows: readonly Movement[],
): Promise<void> {
  const mapped = rows.map((row) => ({ row, known: mapRow(plan, row) }));
  const accounts = [
    ...new Map(mapped.flatMap(({ row, known }) => (known ? [[row.account, known] as const] : []))),
  ];
  const stored = await readAccounts(
    tx,
    accounts.map(([, known]) => accountId(known.account)),
  );
  const byId = new Map(stored.map((account) => [account.id, account]));
  const limits = new Map(
    accounts.map(([number, { account }]) => {
      return [number, byId.get(accountId(account)) ?? newAccount(account, clock.now())] as const;
    }),
  );
  const rooms = new Map([...limits].map(([number, found]) => [number, { left: leftOn(found) }]));
  const candidates = mapped.flatMap(({ row, known }) => {
    const limited = limits.get(row.account);
    if (!known || !limited || row.amount === 0n) return [];
    return [{ row, account: row.account, adds: adds(known.mapping, limited, row.amount) }];
  });
  const { wait } = fitRows(candidates, rooms);
  const waits = new Set(wait.map(({ row }) => row.id));
  const decided = mapped.map(({ row, known }): Movement => {
    if (known === undefined) return { ...row, piece, state: 'unmapped' };
    if (row.amount === 0n) return { ...row, piece };
    if (waits.has(row.id)) return { ...row, piece, state: 'waiting', reason: 'exceeds_credits' };
    return { ...row, piece, state: 'booked', journalId: journalIdOf(plan.takeover, row.id) };
  });
  const taken = mapped.map(({ row, known }) => {
    const { account: number, subject } = row;
    return { number, subject, accountId: known ? accountId(known.account) : null };
  });
  await takeAccounts(tx, plan.takeover, [
    ...new Map(taken.map((one) => [one.number, one])).values(),
  ]);
  insertPiece(tx, plan.takeover, piece, clock.now());
  insertMovements(tx, decided);
  notePairs(tx, plan.takeover, decided, clock.now());
}

/** What may still be taken from an account; undefined when it has no limit. */
function leftOn({ limitKind, creditsPosted, debitsPosted }: Account): bigint | undefined {
  if (limitKind === 'none') return undefined;
  const left = creditsPosted - debitsPosted;
  return limitKind === 'debits_must_not_exceed_credits' ? left : -left;
}

/** What a row adds to what may be taken: credits do where debits are limited. */
function adds(mapping: SubjectMapping, { limitKind }: Account, amount: bigint): bigint {
  const size = amount < 0n ? -amount : amount;
  const growing = limitKind === 'credits_must_not_exceed_debits' ? 'debit' : 'credit';
  return sideOf(mapping, amount) === growing ? size : -size;
}

async function importPiece(
  context: TakeoverContext,
  importer: HistoryImporter,
  piece: number,
): Promise<Refusal | undefined> {
  const { database, plan, clock } = context;
  const rows = await readPieceRows(database, plan.takeover, piece);
  if (rows.length > 0) {
    const journals = rows.map((row) => {
      const mapped = present(mapRow(plan, row), 'the mapping of a row that is booked');
      return { ...journalOf(plan, row, mapped), recordedAt: row.bookedAt };
    });
    const id = namedId(`takeover/${plan.takeover}/piece/${piece}`, plan.takeover);
    const result = await importer.importHistory({ id, book: plan.book, journals });
    if (!result.ok) {
      const reason = result.error.values?.['reason'] ?? result.error.code;
      return refuse('takeover_import_refused', { values: { piece: String(piece), reason } }).error;
    }
  }
  await closePiece(database, plan.takeover, piece, clock.now());
  return undefined;
}
