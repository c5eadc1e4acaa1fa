import {
  type ComparisonReport,
  type Difference,
  differenceSentences,
  type ImportProgress,
  type ShadowProgress,
  type SubjectFigures,
  type SubjectGate,
  type Switched,
  type TakeoverStatus,
} from '@keyturn/ledger';
import { table, yuan } from '../output.ts';

/** What the steps of a takeover say to people. */

export function importText(
  imported: ImportProgress & { readonly verified: ComparisonReport | undefined },
): string {
  const { complete, pieces, rows, verified } = imported;
  const read = `${rows} rows read, ${pieces} pieces imported.`;
  if (!complete) return `${read} Run it again to go on.`;
  if (!verified) return `${read} The history is complete, and was compared since.`;
  return [`${read} The history is complete.`, comparisonText(verified)].join('\n');
}

export function shadowText({
  rows,
  repeated,
  conflicts,
  position,
  states,
}: ShadowProgress): string {
  const by = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  const known = `${repeated} repeated, ${conflicts} with another content`;
  return `${rows} rows up to position ${position}: ${by.join(', ') || 'nothing new'}; ${known}.`;
}

export function comparisonText({
  number,
  differing,
  snapshot,
  subjects,
}: ComparisonReport): string {
  const verdict =
    differing === 0 ? 'no account differs' : `${differing} accounts differ or have open rows`;
  return [
    `Comparison ${number} at ${snapshot.takenAt}, position ${snapshot.position}: ${verdict}.`,
    figuresText(subjects),
  ].join('\n');
}

function figuresText(subjects: readonly SubjectFigures[]): string {
  const rows = subjects.map((one) => [
    one.subject,
    String(one.accounts),
    String(one.differing),
    yuan(one.oldMinor),
    yuan(one.ledgerMinor),
    yuan(one.waitingMinor),
  ]);
  return table([['subject', 'accounts', 'differ', 'old', 'new', 'not booked'], ...rows]);
}

export function differencesText(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'No differences.';
  const rows = differences.map((one) => [
    one.id,
    one.subject,
    one.account,
    one.class,
    one.oldMinor === null ? 'no account' : yuan(one.oldMinor),
    yuan(one.ledgerMinor),
    yuan(one.waitingMinor),
    yuan(one.amount),
    one.closedBy ?? 'open',
    one.firstSeen.toString(),
    one.evidence.slice(0, 3).join(' '),
  ]);
  const head = ['difference', 'subject', 'account', 'class', 'old', 'new', 'not booked'];
  const classes = [...new Set(differences.map((one) => one.class))];
  const advice = classes.map((one) => [one, differenceSentences[one].en]);
  const all = table([[...head, 'unexplained', 'state', 'first seen', 'evidence'], ...rows]);
  return [all, '', table(advice)].join('\n');
}

export function gateText(gates: readonly SubjectGate[]): string {
  const rows = gates.map(({ subject, leads, open, cleanDays, needed, missing }) => [
    subject,
    leads,
    open ? 'open' : 'closed',
    `${cleanDays}/${needed}`,
    missing.map(({ en }) => en).join('; '),
  ]);
  return table([['subject', 'leads', 'gate', 'clean days', 'missing'], ...rows]);
}

export function moved({ subjects, leads, since }: Switched): string {
  return `The ${leads} ledger leads ${subjects.join(', ')} since ${since} (the old ledger's clock).`;
}

export function statusText(status: TakeoverStatus): string {
  const { takeover, planVersion, mirror, lastComparison, openDifferences, unbookedRows } = status;
  const imported =
    takeover.importedAt === null
      ? `History: ${takeover.pieces} pieces, not complete.`
      : `History: complete since ${takeover.importedAt}, ${takeover.pieces} pieces.`;
  const compared =
    lastComparison === undefined
      ? ['Not compared yet.']
      : [
          `Comparison ${lastComparison.number} at ${lastComparison.snapshotAt}:`,
          figuresText(status.figures),
        ];
  const waiting =
    mirror.since === null ? 'empty' : `${mirror.waiting} journals, the oldest of ${mirror.since}`;
  const history = status.authority.map((one) => [
    one.subject,
    one.leads,
    one.since.toString(),
    one.decidedBy,
    one.why,
  ]);
  return [
    `${takeover.id} into ${takeover.bookId}, plan version ${planVersion}.`,
    imported,
    `Rows read up to position ${takeover.position}, ${unbookedRows} of them not booked.`,
    ...compared,
    `${openDifferences} differences open. Mirror: ${waiting}.`,
    ...(history.length === 0
      ? ['The old ledger leads every subject.']
      : [table([['subject', 'leads', 'since', 'by', 'why'], ...history])]),
  ].join('\n');
}
