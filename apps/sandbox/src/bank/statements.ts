import type { DatabaseSync } from 'node:sqlite';
import { type WorldClock, worldInstant } from '../core/clock.ts';
import type { Fault, Faults } from '../core/faults.ts';
import { optionalText, text } from '../core/store.ts';
import type { Account, Accounts } from './accounts.ts';
import { faultInteger } from './fault-points.ts';
import type { Entry, Ledger } from './ledger.ts';
import { BankRefusal } from './refusals.ts';
import { type Statement, writeCamt053 } from './xml/camt053.ts';

/** When the statement of a day can be had: on the next day. */
const readyAt = '00:30';

export interface IssuedStatement {
  xml: string;
  /** The kind of the fault that it was issued with. */
  fault: string | undefined;
}

export interface Statements {
  /** The statement of a day; once issued it is the same for ever. Throws a BankRefusal. */
  issue(account: Account, ownerName: string, day: Temporal.PlainDate): string;
  issued(account: string, day: string): IssuedStatement | undefined;
  /** Forgets an issued statement, so that the next request gets a true one: a bank's correction. */
  withdraw(account: string, day: string): boolean;
}

/** An entry that nothing stands behind. */
function inventedEntry(statement: Statement, amount: bigint): Entry {
  const day = statement.day.toString();
  return {
    seq: 0,
    bankReference: `SEB${day.replaceAll('-', '')}X${statement.sequence}`,
    account: statement.account,
    virtualAccount: undefined,
    kind: 'incoming',
    amount,
    balanceAfter: statement.closing,
    bookedMs: worldInstant(statement.day, '12:00').epochMilliseconds,
    bookedOn: day,
    endToEndId: undefined,
    messageId: undefined,
    paymentInformationId: undefined,
    instructionId: undefined,
    debtorName: 'Unknown',
    debtorAccount: '00000000',
    creditorName: statement.ownerName,
    creditorAccount: statement.account,
    creditorAgent: undefined,
    remittance: '',
    returnReason: undefined,
    originalReference: undefined,
  };
}

/** The statement as the fault wants it; balances stay true but for `wrong_balance`. */
function distort(statement: Statement, fault: Fault): Statement {
  const { entries } = statement;
  const index = Math.min(faultInteger(fault, 'index', 0), entries.length - 1);
  const hit = entries[index];
  const by = BigInt(faultInteger(fault, 'by', 1));
  switch (fault.kind) {
    case 'wrong_balance':
      return { ...statement, closing: statement.closing + by };
    case 'extra_entry': {
      const amount = BigInt(faultInteger(fault, 'amount', 100));
      return { ...statement, entries: [...entries, inventedEntry(statement, amount)] };
    }
    case 'drop_entry':
      return { ...statement, entries: entries.filter((entry) => entry !== hit) };
    case 'duplicate_entry':
      return {
        ...statement,
        entries: entries.flatMap((each) => (each === hit ? [each, each] : [each])),
      };
    case 'change_amount':
      return {
        ...statement,
        entries: entries.map((each) =>
          each === hit ? { ...each, amount: each.amount + (each.amount < 0n ? -by : by) } : each,
        ),
      };
    default:
      return statement;
  }
}

/** The true statement of a day. */
function truthOf(ledger: Ledger, account: Account, day: Temporal.PlainDate) {
  const opening = ledger.balanceBefore(account.account, day.toString());
  const entries = ledger.entriesOf(account.account, day.toString());
  const closing = entries.reduce((balance, entry) => balance + entry.amount, opening);
  const last = entries.at(-1);
  if (last !== undefined && last.balanceAfter !== closing) {
    throw new Error(`the entries of ${account.account} on ${day} do not sum to its balance`);
  }
  const sequence = day.since(account.openedOn, { largestUnit: 'days' }).days + 1;
  return { account: account.account, name: account.name, day, sequence, opening, closing, entries };
}

function notReady(account: Account, day: Temporal.PlainDate): BankRefusal {
  const from = `${day.add({ days: 1 })} ${readyAt}`;
  return new BankRefusal(
    'STATEMENT_NOT_READY',
    `the statement of ${account.account} for ${day} is not ready: ask again from ${from} on`,
  );
}

export function createStatements(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  faults: Faults;
  accounts: Accounts;
  ledger: Ledger;
}): Statements {
  const { store, clock, faults, accounts, ledger } = deps;
  const select = store.prepare(
    'select xml, fault from bank_statement where account = ? and day = ?',
  );
  const insert = store.prepare('insert into bank_statement values (?, ?, ?, ?)');
  const remove = store.prepare('delete from bank_statement where account = ? and day = ?');

  function issued(account: string, day: string): IssuedStatement | undefined {
    const row = select.get(account, day);
    return row && { xml: text(row, 'xml'), fault: optionalText(row, 'fault') };
  }

  function issue(account: Account, ownerName: string, day: Temporal.PlainDate): string {
    if (Temporal.PlainDate.compare(day, account.openedOn) < 0) {
      throw new BankRefusal(
        'STATEMENT_UNKNOWN',
        `account ${account.account} was opened on ${account.openedOn}: ask for no earlier day`,
      );
    }
    const midnight = worldInstant(day.add({ days: 1 }), '00:00');
    const ready = worldInstant(day.add({ days: 1 }), readyAt);
    if (Temporal.Instant.compare(clock.now(), ready) < 0) throw notReady(account, day);
    const earlier = issued(account.account, day.toString());
    if (earlier !== undefined) return earlier.xml;
    const client_id = account.clientId;
    const subject = { client_id, account: account.account, date: day.toString() };
    const fault = faults.take('bank.statement', subject);
    if (fault?.kind === 'not_ready') throw notReady(account, day);
    const statement = { ...truthOf(ledger, account, day), ownerName, createdMs: clock.nowMs() };
    const xml = writeCamt053(fault === undefined ? statement : distort(statement, fault));
    insert.run(account.account, day.toString(), xml, fault?.kind ?? null);
    // Work that was due before midnight but runs only now must not change what was issued.
    accounts.notBefore(account.account, midnight.epochMilliseconds);
    return xml;
  }

  return {
    issue,
    issued,
    withdraw: (account, day) => Number(remove.run(account, day).changes) === 1,
  };
}

/** The day in a path or query, `YYYY-MM-DD`; undefined when it is none. */
export function parseDay(day: string): Temporal.PlainDate | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  try {
    return Temporal.PlainDate.from(day);
  } catch {
    // Well-formed, but not in the calendar: the 30th of February.
    return undefined;
  }
}
