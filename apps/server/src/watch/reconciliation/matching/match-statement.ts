import type { Database } from '@keyturn/pipeline';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { BankEntry } from '../../../banks/channels/index.ts';
import type { CustodyAccount } from '../../../banks/custody/index.ts';
import type { FoundDifference } from '../commands/exceptions.ts';
import type { ExceptionKind } from '../decide/exception-state.ts';
import {
  type EntryFacts,
  type EntryMatching,
  type EntryOutcome,
  entryKey,
  matchEntries,
} from '../decide/match-entries.ts';
import { readStatementsInForce } from '../store/files.ts';
import {
  pieces,
  readEntries,
  readMatchedElsewhere,
  readPayouts,
  readReceiptsOfDays,
  readReceiptsOfReferences,
  readSeen,
  writeMatches,
} from '../store/matching.ts';
import type { EntryMatchRow, StatementEntryRow, StatementRow } from '../tables.ts';
import type { ReconciliationDeps } from '../types.ts';
import type { Differences } from './differences.ts';

export interface StatementMatching {
  readonly entries: number;
  readonly matched: number;
  readonly exceptions: number;
  /**
   * Whether another look would find nothing else. Not when the statement contradicts itself: the
   * bank owes a corrected one; nor when pay-outs hear here first that the bank has debited them.
   */
  readonly final: boolean;
}

/** What a look at a statement can find, and so can find no more. */
const kinds: ReadonlySet<ExceptionKind> = new Set<ExceptionKind>([
  'missing_statement',
  'statement_contradicts_itself',
  'statement_chain_broken',
  'missing_at_bank',
  'missing_here',
  'amount_differs',
  'duplicate_at_bank',
  'unknown_entry',
]);

/** How far other statements are looked at for the same reference, in days. */
const horizon = 31;

/**
 * Holds the statement in force of an account's day against receipts and pay-outs. Movements that
 * nobody told us of are recorded with custody first, if the statement does not contradict itself:
 * credits are booked, and debits prove that pay-outs are paid.
 *
 * @returns undefined when there is no statement of the day
 */
export async function matchStatement(
  deps: ReconciliationDeps,
  differences: Differences,
  account: CustodyAccount,
  day: Temporal.PlainDate,
): Promise<StatementMatching | undefined> {
  const { database } = deps;
  const around = await readStatementsInForce(
    database,
    account.id,
    day.subtract({ days: horizon }),
    day.add({ days: horizon }),
  );
  const statements = around.filter((statement) => statement.day?.equals(day));
  if (statements.length === 0) return undefined;
  const others = around.filter((one) => !statements.includes(one)).map(({ id }) => id);
  const rows = await readEntries(
    database,
    statements.map(({ id }) => id),
  );
  const look = () => lookAt(database, account.id, day, rows, others);
  let matching = await look();
  const found: FoundDifference[] = [...aboutStatement(account, day, statements, rows, around)];
  const sound = statements.every((s) => s.result !== 'contradicted');
  const untold = sound ? matching.untold : [];
  const unseen = matching.entries.flatMap(({ entry, outcome }) =>
    outcome === 'unseen' ? [entry.id] : [],
  );
  if (sound && unseen.length + untold.length > 0) {
    const ids = new Set([...unseen, ...untold]);
    found.push(...(await record(deps, account, day, rows, ids)));
    matching = await look();
  }
  const outcomes = matching.entries.map((outcome) => settled(account, day, outcome));
  found.push(
    ...outcomes.flatMap(({ difference }) => (difference ? [difference] : [])),
    ...matching.missing.map((one) => missingAtBank(account, day, one)),
  );
  const now = deps.clock.now();
  await database.transaction((tx) =>
    writeMatches(
      tx,
      outcomes.map(({ row }) => ({ ...row, accountId: account.id, day, matchedAt: now })),
    ),
  );
  await differences.open(found);
  const keys = new Set(found.map(({ key }) => key));
  const note = `no longer found: the statement of ${day} in force does not show it any more`;
  await differences.clear({ accountId: account.id }, day, kinds, keys, note);
  const counterparts = outcomes.flatMap(({ row }) => row.counterpartId ?? []);
  await differences.settle(
    counterparts.map((id) => missingKey(account, id)),
    `found on the statement of ${day}`,
  );
  const matched = outcomes.filter(({ row }) => row.outcome === 'matched').length;
  const final = sound && untold.length === 0;
  return { entries: rows.length, matched, exceptions: keys.size, final };
}

function factsOf(row: StatementEntryRow): EntryFacts {
  const { id, bankReference, endToEndId, amountMinor: amount, currency } = row;
  return { id, bankReference, endToEndId, amount, currency };
}

async function lookAt(
  database: Database,
  accountId: string,
  day: Temporal.PlainDate,
  rows: readonly StatementEntryRow[],
  others: readonly string[],
): Promise<EntryMatching> {
  const references = [...new Set(rows.flatMap((row) => row.bankReference ?? []))];
  const numbers = [...new Set(rows.flatMap((row) => row.endToEndId ?? []))];
  const near = [day.subtract({ days: 1 }), day.add({ days: 1 })] as const;
  const receipts = [
    ...(await readReceiptsOfDays(database, accountId, ...near)),
    ...(await readReceiptsOfReferences(database, accountId, references)),
  ];
  const payouts = await readPayouts(database, accountId, day, numbers);
  const ofDay = [
    ...receipts.filter(({ bookedOn }) => bookedOn.equals(day)),
    ...payouts.filter(({ paidOn }) => paidOn?.equals(day)),
  ].map(({ id }) => id);
  const elsewhere = await readMatchedElsewhere(
    database,
    [...receipts, ...payouts].map(({ id }) => id),
    others,
  );
  const seen = await readSeen(database, accountId, references, others);
  return matchEntries({
    entries: rows.map(factsOf),
    receipts: [...new Map(receipts.map((receipt) => [receipt.id, receipt])).values()],
    payouts,
    expected: new Set(ofDay.filter((id) => !elsewhere.has(id))),
    seenBefore: new Set(seen.map((one) => entryKey(one.direction, one.bankReference))),
  });
}

const DetailsSchema = Type.Object({
  counterpartyName: Type.Optional(Type.String()),
  counterpartyAccount: Type.Optional(Type.String()),
  remittance: Type.Optional(Type.String()),
  returned: Type.Optional(Type.String()),
});

/** An entry as custody takes it; undefined when it lacks what tells it from another. */
function bankEntry(deps: ReconciliationDeps, row: StatementEntryRow): BankEntry | undefined {
  const { bankReference, bookedOn, detailsSealed, endToEndId, virtualNumber } = row;
  if (bankReference === null || bookedOn === null || row.amountMinor === 0n) return undefined;
  const opened =
    detailsSealed === null
      ? '{}'
      : deps.sealer.open(detailsSealed, `reconciliation.entry:${row.id}`);
  const { returned, ...other } = Value.Parse(DetailsSchema, JSON.parse(opened));
  const named = endToEndId === null ? {} : { endToEndId };
  return {
    bankReference,
    ...named,
    amount: row.amountMinor < 0n ? -row.amountMinor : row.amountMinor,
    currency: row.currency,
    direction: row.direction,
    bookedOn,
    valueOn: row.valueOn ?? bookedOn,
    ...(virtualNumber === null ? {} : { virtualAccount: virtualNumber }),
    ...other,
    ...(returned === undefined ? {} : { returned: { ...named, reason: returned } }),
  };
}

/**
 * Tells custody of movements that no notice told of; each credit is an exception to be looked at.
 */
async function record(
  deps: ReconciliationDeps,
  account: CustodyAccount,
  day: Temporal.PlainDate,
  rows: readonly StatementEntryRow[],
  ids: ReadonlySet<string>,
): Promise<readonly FoundDifference[]> {
  const entries = rows.flatMap((row) => {
    const entry = ids.has(row.id) ? bankEntry(deps, row) : undefined;
    return entry ? [entry] : [];
  });
  const found: FoundDifference[] = [];
  for (const piece of pieces(entries, 500)) {
    const recorded = await deps.custody.recordEntries(account.id, 'statement', piece);
    if (!recorded.ok) {
      // An entry that custody refuses stays unseen, and becomes an exception below.
      deps.logger.warn({ account: account.id, code: recorded.error.code }, 'entries not recorded');
      continue;
    }
    for (const [index, { receiptId, recorded: isNew }] of recorded.value.entries()) {
      const entry = piece[index];
      if (!entry || !isNew || entry.direction === 'debit') continue;
      found.push({
        ...placeOf(account, day),
        key: `entry_without_notice/${account.id}/${entry.bankReference}`,
        kind: 'entry_without_notice',
        subject: entry.bankReference,
        amount_minor: entry.amount,
        currency: entry.currency,
        evidence: { bank_reference: entry.bankReference, receipt_id: receiptId },
      });
    }
  }
  return found.length > told ? [feedGap(account, day, found)] : found;
}

/** Entries without a notice that are told one by one; more than these are a gap of the feed. */
const told = 50;

function feedGap(
  account: CustodyAccount,
  day: Temporal.PlainDate,
  found: readonly FoundDifference[],
): FoundDifference {
  const sum = found.reduce((total, one) => total + (one.amount_minor ?? 0n), 0n);
  return {
    ...placeOf(account, day),
    key: `entry_without_notice/${account.id}/gap/${day}`,
    kind: 'entry_without_notice',
    subject: `${found.length} entries`,
    amount_minor: sum,
    currency: account.currency,
    evidence: { count: found.length, first: found.slice(0, 20).map(({ subject }) => subject) },
  };
}

function placeOf(account: CustodyAccount, day: Temporal.PlainDate) {
  return { accountId: account.id, book: account.book, day: day.toString() };
}

type MatchOutcome = Pick<
  EntryMatchRow,
  | 'entryId'
  | 'outcome'
  | 'counterpartKind'
  | 'counterpartId'
  | 'matchedBy'
  | 'amountMinor'
  | 'exceptionKey'
>;

/** An entry's row, and its difference when it has one. */
function settled(
  account: CustodyAccount,
  day: Temporal.PlainDate,
  outcome: EntryOutcome,
): { readonly row: MatchOutcome; readonly difference?: FoundDifference } {
  const { entry } = outcome;
  const base = { entryId: entry.id, amountMinor: entry.amount };
  if (outcome.outcome === 'matched') {
    const { kind: counterpartKind, id: counterpartId } = outcome.counterpart;
    const matched = { counterpartKind, counterpartId, matchedBy: outcome.by, exceptionKey: null };
    return { row: { ...base, outcome: 'matched', ...matched } };
  }
  const kind = outcome.outcome === 'unseen' ? 'unknown_entry' : outcome.kind;
  const differs =
    outcome.outcome === 'unseen'
      ? ['nobody told us of it, and it was not recorded']
      : outcome.differs;
  const counterpart = outcome.outcome === 'unseen' ? undefined : outcome.counterpart;
  const ours = outcome.outcome === 'unseen' ? 0n : (outcome.ours ?? 0n);
  const subject = entry.bankReference ?? entry.endToEndId ?? entry.id;
  // A reference that is there twice is told apart by its entry.
  const suffix = kind === 'duplicate_at_bank' ? `/${day}` : '';
  const key = `${kind}/${account.id}/${subject}${suffix}`;
  const difference: FoundDifference = {
    ...placeOf(account, day),
    key,
    kind,
    subject,
    amount_minor: entry.amount - ours,
    currency: entry.currency,
    evidence: {
      entry_id: entry.id,
      bank_reference: entry.bankReference,
      end_to_end_id: entry.endToEndId,
      differs: [...differs],
      ...(counterpart === undefined ? {} : { counterpart: { ...counterpart } }),
    },
  };
  const about = {
    counterpartKind: counterpart?.kind ?? null,
    counterpartId: counterpart?.id ?? null,
    matchedBy: null,
  };
  return { row: { ...base, outcome: 'exception', ...about, exceptionKey: key }, difference };
}

export function missingKey(account: Pick<CustodyAccount, 'id'>, counterpart: string): string {
  return `missing_at_bank/${account.id}/${counterpart}`;
}

function missingAtBank(
  account: CustodyAccount,
  day: Temporal.PlainDate,
  missing: EntryMatching['missing'][number],
): FoundDifference {
  const { counterpart, reference, amount, currency } = missing;
  return {
    ...placeOf(account, day),
    key: missingKey(account, counterpart.id),
    kind: 'missing_at_bank',
    subject: reference,
    amount_minor: -amount,
    currency,
    evidence: { counterpart: { ...counterpart }, reference },
  };
}

/** Closing less opening and booked entries; undefined when a balance is missing. */
export function contradictionOf(
  statements: readonly StatementRow[],
  rows: readonly Pick<StatementEntryRow, 'amountMinor'>[],
): bigint | undefined {
  const opening = statements[0]?.openingMinor ?? null;
  const closing = statements.at(-1)?.closingMinor ?? null;
  if (opening === null || closing === null) return undefined;
  return closing - opening - rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** What is wrong with the statement as a whole. */
function aboutStatement(
  account: CustodyAccount,
  day: Temporal.PlainDate,
  statements: readonly StatementRow[],
  rows: readonly StatementEntryRow[],
  around: readonly StatementRow[],
): readonly FoundDifference[] {
  const found: FoundDifference[] = [];
  const [first] = statements;
  const findings = statements.flatMap((statement) => statement.findings).slice(0, 50);
  if (first && findings.length > 0) {
    found.push({
      ...placeOf(account, day),
      key: `statement_contradicts_itself/${account.id}/${first.id}`,
      kind: 'statement_contradicts_itself',
      subject: `statement of ${day}`,
      amount_minor: contradictionOf(statements, rows) ?? 0n,
      currency: first.currency,
      evidence: { statement_id: first.id, findings: findings.map(({ sentence }) => sentence) },
    });
  }
  const yesterday = day.subtract({ days: 1 });
  const before = around.filter((one) => one.day?.equals(yesterday)).at(-1);
  const [closed, opened] = [before?.closingMinor ?? null, first?.openingMinor ?? null];
  if (first && before && closed !== null && opened !== null && closed !== opened) {
    found.push({
      ...placeOf(account, day),
      key: `statement_chain_broken/${account.id}/${before.id}/${first.id}`,
      kind: 'statement_chain_broken',
      subject: `statement of ${day}`,
      amount_minor: opened - closed,
      currency: first.currency,
      evidence: {
        statement_id: first.id,
        statement_before: before.id,
        opening_minor: opened,
        closing_before_minor: closed,
      },
    });
  }
  return found;
}
