import { wireTime, worldInstant } from '../../core/clock.ts';
import { formatYuan } from '../fen.ts';
import type { Entry } from '../ledger.ts';
import { creditDebit, type ReportedAccount, reportEntry, reportedAccount } from './entry.ts';
import { amount, document, element, leaf, type Xml } from './write.ts';

/** A day of an account. Amounts in fen. */
export interface Statement extends ReportedAccount {
  day: Temporal.PlainDate;
  /** Counts the account's days from 1. */
  sequence: number;
  createdMs: number;
  opening: bigint;
  closing: bigint;
  entries: readonly Entry[];
}

function balance(code: string, fen: bigint, day: string): Xml {
  return element(
    'Bal',
    element('Tp', element('CdOrPrtry', leaf('Cd', code))),
    amount('Amt', fen),
    creditDebit(fen),
    element('Dt', leaf('Dt', day)),
  );
}

function sum(entries: readonly Entry[]): bigint {
  return entries.reduce((total, entry) => total + entry.amount, 0n);
}

function totals(name: string, entries: readonly Entry[], net: boolean): Xml {
  const credits = sum(entries.filter((entry) => entry.amount > 0n));
  const debits = sum(entries.filter((entry) => entry.amount < 0n));
  const total = credits + debits;
  const netEntry = element(
    'TtlNetNtry',
    leaf('Amt', formatYuan(total < 0n ? -total : total)),
    creditDebit(total),
  );
  return element(
    name,
    leaf('NbOfNtries', String(entries.length)),
    leaf('Sum', formatYuan(credits - debits)),
    net ? netEntry : undefined,
  );
}

/** Writes a `camt.053.001.08` (BankToCustomerStatement): one account, one calendar day. */
export function writeCamt053(statement: Statement): string {
  const { day, entries } = statement;
  const id = `STM${day.toString().replaceAll('-', '')}${statement.account}`;
  const created = leaf('CreDtTm', wireTime(statement.createdMs));
  const start = worldInstant(day, '00:00').epochMilliseconds;
  const end = worldInstant(day.add({ days: 1 }), '00:00').epochMilliseconds;
  return document(
    'camt.053.001.08',
    element(
      'BkToCstmrStmt',
      element('GrpHdr', leaf('MsgId', id), created),
      element(
        'Stmt',
        leaf('Id', id),
        leaf('ElctrncSeqNb', String(statement.sequence)),
        leaf('LglSeqNb', String(statement.sequence)),
        created,
        element('FrToDt', leaf('FrDtTm', wireTime(start)), leaf('ToDtTm', wireTime(end))),
        reportedAccount(statement),
        balance('OPBD', statement.opening, day.toString()),
        balance('CLBD', statement.closing, day.toString()),
        element(
          'TxsSummry',
          totals('TtlNtries', entries, true),
          totals(
            'TtlCdtNtries',
            entries.filter((entry) => entry.amount > 0n),
            false,
          ),
          totals(
            'TtlDbtNtries',
            entries.filter((entry) => entry.amount < 0n),
            false,
          ),
        ),
        ...entries.map(reportEntry),
      ),
    ),
  );
}
