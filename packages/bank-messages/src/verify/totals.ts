import { formatStatementAmount } from '../currency.ts';
import { type Finding, finding } from '../findings.ts';
import type {
  BankTransactionCode,
  DeclaredTotal,
  Statement,
  StatementEntry,
} from '../statement.ts';

interface Counted {
  readonly count: bigint;
  readonly sum: bigint;
  readonly net: bigint;
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

function countUp(entries: readonly StatementEntry[]): Counted {
  return {
    count: BigInt(entries.length),
    sum: entries.reduce((total, entry) => total + magnitude(entry.amount), 0n),
    net: entries.reduce((total, entry) => total + entry.amount, 0n),
  };
}

function hasCode(entry: StatementEntry, code: BankTransactionCode): boolean {
  const own = entry.bankTransactionCode;
  if (own === undefined) return false;
  const same = (wanted: string | undefined, found: string | undefined) =>
    wanted === undefined || wanted === found;
  return (
    same(code.domain, own.domain) &&
    same(code.family, own.family) &&
    same(code.subFamily, own.subFamily) &&
    same(code.proprietary, own.proprietary)
  );
}

/**
 * What may be meant by "the entries": the booked ones, or all that stand in the message. ISO 20022
 * leaves it open, so a figure is right when it fits either.
 */
function candidates(statement: Statement, total: DeclaredTotal): readonly Counted[] {
  const { code, of } = total;
  const ours = statement.entries.filter(
    (entry) =>
      entry.currency === statement.currency && (code === undefined || hasCode(entry, code)),
  );
  const booked = ours.filter((entry) => entry.status === 'booked');
  if (of === 'all') return [countUp(booked), countUp(ours)];
  const plain = (entry: StatementEntry) =>
    entry.direction === (of === 'credits' ? 'credit' : 'debit');
  // Some count the reversal of a credit among the credits that it takes back.
  const turned = (entry: StatementEntry) => plain(entry) !== entry.reversal;
  return [booked, ours].flatMap((entries) => [
    countUp(entries.filter(plain)),
    countUp(entries.filter(turned)),
  ]);
}

const words = { all: 'all entries', credits: 'credit entries', debits: 'debit entries' } as const;

function nameOf(total: DeclaredTotal): string {
  const code = total.code;
  if (code === undefined) return words[total.of];
  const parts = [code.domain, code.family, code.subFamily, code.proprietary];
  return `${words[total.of]} with code ${parts.filter((part) => part !== undefined).join('/')}`;
}

function checkTotal(statement: Statement, total: DeclaredTotal): readonly Finding[] {
  const counted = candidates(statement, total);
  const place = { path: total.path, line: total.line };
  const findings: Finding[] = [];
  const compare = (what: 'count' | 'sum' | 'net') => {
    const declared = total[what];
    if (declared === undefined || counted.some((one) => one[what] === declared)) return;
    const say = (value: bigint) =>
      what === 'count' ? String(value) : formatStatementAmount(value, statement.currency);
    const figures = [...new Set(counted.map((one) => say(one[what])))];
    const values = {
      what: `${what === 'net' ? 'net of ' : ''}${nameOf(total)}`,
      declared: say(declared),
      counted: figures.join(' or '),
    };
    findings.push(finding(what === 'count' ? 'count_mismatch' : 'sum_mismatch', place, values));
  };
  compare('count');
  compare('sum');
  compare('net');
  return findings;
}

export interface TotalsCheck {
  readonly findings: readonly Finding[];
  readonly notVerifiable: string | undefined;
}

/** Checks the counts and sums that the bank declares about its entries. */
export function checkTotals(statement: Statement): TotalsCheck {
  if (statement.format === 'mt941' && statement.entries.length === 0) {
    return { findings: [], notVerifiable: undefined };
  }
  const findings = statement.declared.flatMap((total) => checkTotal(statement, total));
  // The totals of a statement cut into pages may stand for all pages together.
  const whole =
    statement.page === undefined ||
    (statement.opening?.type === 'OPBD' && statement.closing?.type === 'CLBD');
  if (whole || findings.length === 0) return { findings, notVerifiable: undefined };
  const why = 'the declared totals may cover all pages of the statement, and this is one of them';
  return { findings: [], notVerifiable: why };
}
