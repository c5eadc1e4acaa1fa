import { bankDate } from '@keyturn/kernel';
import { billOverdue, isOver, statementOverdue } from './decide/schedule.ts';
import { countOpenExceptions } from './store/exceptions.ts';
import { readBillPage, readLastStatementDay } from './store/files.ts';
import { hasTrades } from './store/matching.ts';
import { readProofPage } from './store/proofs.ts';
import { readRunEdges } from './store/runs.ts';
import type { ReconciliationDeps } from './types.ts';
import type { HealthView } from './views.ts';

interface Feed {
  readonly last_day?: string;
  readonly expected_day?: string;
  readonly missing: boolean;
}

/**
 * Whether the feeds come. What is expected follows from the clock alone, so that a reconciliation
 * that has stopped is seen as well as a bank that has.
 */
export async function healthOf(deps: ReconciliationDeps): Promise<HealthView> {
  const { database } = deps;
  const now = deps.clock.now();
  const { first } = await readRunEdges(database);
  const accounts = (await deps.custody.accounts()).filter(({ state }) => state === 'open');
  const contracts = (await deps.channels.contracts()).filter(
    ({ adapter, state }) => adapter === 'wechat_pay_v3' && state === 'enabled',
  );
  const statements = await Promise.all(
    accounts.map(async ({ id }) => {
      const last = await readLastStatementDay(database, id);
      return { account_id: id, ...feed(last, first, statementOverdue, now) };
    }),
  );
  const bills = await Promise.all(
    contracts.map(async ({ id }) => {
      const [bill] = await readBillPage(database, id, undefined, 1);
      const said = { contract_id: id, ...feed(bill?.day, first, billOverdue, now) };
      const day = said.expected_day;
      if (!said.missing || day === undefined) return said;
      // A day without trades has no bill.
      const missing = await hasTrades(database, id, Temporal.PlainDate.from(day));
      return { ...said, missing };
    }),
  );
  const { open, overdue } = await countOpenExceptions(database, now);
  const [proof] = await readProofPage(database, undefined, 1);
  const problems = [
    ...statements.filter((one) => one.missing).map((one) => `no statement of ${one.account_id}`),
    ...bills.filter((one) => one.missing).map((one) => `no bill of ${one.contract_id}`),
    ...(overdue > 0 ? [`${overdue} exceptions past their deadline`] : []),
    ...(proof && !proof.balanced ? [`the proof of ${proof.day} is not balanced`] : []),
  ];
  return {
    status: problems.length === 0 ? 'ok' : 'degraded',
    detail: problems.length === 0 ? 'every feed came, nothing is overdue' : problems.join('; '),
    statements,
    bills,
    open_exceptions: open,
    overdue_exceptions: overdue,
    ...(proof ? { last_proof: { date: proof.day.toString(), balanced: proof.balanced } } : {}),
  };
}

function feed(
  last: Temporal.PlainDate | undefined,
  first: Temporal.PlainDate | null,
  overdue: string,
  now: Temporal.Instant,
): Feed {
  const yesterday = bankDate(now).subtract({ days: 1 });
  const expected = isOver(yesterday, overdue, now) ? yesterday : yesterday.subtract({ days: 1 });
  const told = last === undefined ? {} : { last_day: last.toString() };
  // Before its first day, reconciliation expects nothing.
  if (first === null || Temporal.PlainDate.compare(expected, first) < 0) {
    return { ...told, missing: false };
  }
  const missing = last === undefined || Temporal.PlainDate.compare(last, expected) < 0;
  return { ...told, expected_day: expected.toString(), missing };
}
