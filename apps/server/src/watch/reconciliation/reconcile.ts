import { bankDate, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type ChannelAnswer, type Contract, noBill } from '../../banks/channels/index.ts';
import type { CustodyAccount } from '../../banks/custody/index.ts';
import { billOverdue, isOver, statementOverdue } from './decide/schedule.ts';
import { refuse } from './errors.ts';
import type { Importer } from './import/import-file.ts';
import type { Differences } from './matching/differences.ts';
import { matchBill } from './matching/match-bill.ts';
import { matchStatement } from './matching/match-statement.ts';
import { hasTrades } from './store/matching.ts';
import type { ReconcileReport, ReconciliationDeps } from './types.ts';
import type { ImportOutcome, ProofView } from './views.ts';

type StatementResult = ReconcileReport['statements'][number];
type BillResult = ReconcileReport['bills'][number];

const system = { source: 'fetched', id: 'system:reconciliation' } as const;

/** Why a file is not here; undefined when it is. */
function problemOf(
  answer: ChannelAnswer<Uint8Array>,
  imported: Result<ImportOutcome, Refusal> | undefined,
): string | undefined {
  if (answer.outcome === 'refused') return `${answer.code}: ${answer.message}`;
  if (answer.outcome === 'unknown') return answer.reason;
  if (!imported?.ok) return imported === undefined ? 'not fetched' : imported.error.code;
  return imported.value.refused ? imported.value.reason : undefined;
}

/** One bank day: fetched, imported, matched, proven. Safe to do again at any time. */
export async function reconcileDay(
  deps: ReconciliationDeps,
  parts: {
    readonly importer: Importer;
    readonly differences: Differences;
    prove(day: Temporal.PlainDate): Promise<ProofView>;
  },
  day: Temporal.PlainDate,
): Promise<Result<ReconcileReport, Refusal>> {
  const today = bankDate(deps.clock.now());
  if (Temporal.PlainDate.compare(day, today) >= 0) {
    const values = { date: day.toString(), today: today.toString() };
    return refuse('reconciliation_day_not_over', { param: 'date', values });
  }
  const accounts = (await deps.custody.accounts()).filter(({ state }) => state === 'open');
  const contracts = (await deps.channels.contracts()).filter(
    ({ adapter, state }) => adapter === 'wechat_pay_v3' && state === 'enabled',
  );
  const statements: StatementResult[] = [];
  for (const account of accounts) statements.push(await statementOf(account));
  const bills: BillResult[] = [];
  for (const contract of contracts) bills.push(await billOf(contract));
  const complete =
    statements.every(({ status, open = false }) => status === 'matched' && !open) &&
    bills.every(({ status }) => status !== 'missing');
  const proof = await parts.prove(day);
  return ok({ date: day.toString(), statements, bills, complete, proof });

  async function statementOf(account: CustodyAccount): Promise<StatementResult> {
    const { contractId, number } = account;
    const answer = await deps.channels.bank.statement({ contractId, account: number, date: day });
    const imported =
      answer.outcome === 'ok'
        ? await parts.importer.statement(answer.value, `${account.id}-${day}.xml`, system)
        : undefined;
    const problem = problemOf(answer, imported);
    // A statement that somebody has brought by hand is as good.
    const matched = await matchStatement(deps, parts.differences, account, day);
    if (matched) {
      const { final, ...counts } = matched;
      const open = final ? {} : { open: true };
      return { account_id: account.id, status: 'matched', ...counts, ...open };
    }
    const reason = problem ?? `the bank sent a file that is not the statement of ${day}`;
    if (isOver(day, statementOverdue, deps.clock.now())) {
      await parts.differences.open([
        {
          key: `missing_statement/${account.id}/${day}`,
          kind: 'missing_statement',
          accountId: account.id,
          book: account.book,
          day: day.toString(),
          subject: `statement of ${day}`,
          evidence: { reason },
        },
      ]);
    }
    return { account_id: account.id, status: 'missing', reason };
  }

  async function billOf(contract: Contract): Promise<BillResult> {
    const request = { contractId: contract.id, date: day, kind: 'trade' } as const;
    const answer = await deps.channels.acquirer.bill(request);
    const currency = contract.book.split('/')[2] ?? '';
    const name = `${contract.id}-${day}.csv`;
    const imported =
      answer.outcome === 'ok'
        ? await parts.importer.bill({ id: contract.id, currency }, day, answer.value, name)
        : undefined;
    const problem = problemOf(answer, imported);
    const compared = await matchBill(deps, parts.differences, contract, day);
    if (compared) return { contract_id: contract.id, status: 'compared', ...compared };
    const reason = problem ?? `the acquirer sent a file that is not the bill of ${day}`;
    const overdue = isOver(day, billOverdue, deps.clock.now());
    const denied = answer.outcome === 'refused' && answer.code === noBill;
    if (overdue && denied && !(await hasTrades(deps.database, contract.id, day))) {
      return { contract_id: contract.id, status: 'no_trades' };
    }
    if (overdue) {
      await parts.differences.open([
        {
          key: `missing_bill/${contract.id}/${day}`,
          kind: 'missing_bill',
          contractId: contract.id,
          book: contract.book,
          day: day.toString(),
          subject: `bill of ${day}`,
          evidence: { reason },
        },
      ]);
    }
    return { contract_id: contract.id, status: 'missing', reason };
  }
}
