import { elapsedMs } from '@keyturn/kernel';
import { type AccountSpec, accountId, readCountersAt } from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';
import { quantile, round } from '../../statistics.ts';

/** How a balance at a past moment is found. */
export interface PastBalance {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Pages that PostgreSQL looks at for one, by EXPLAIN; the middle and the most. */
  readonly pages: { readonly p50: number; readonly most: number };
}

const asked = 200;

/** Balances of some accounts at moments spread over the whole time of the ledger. */
export async function readingPast(
  url: string,
  accounts: readonly AccountSpec[],
): Promise<PastBalance> {
  const texts: string[] = [];
  const database = openDatabase({
    url,
    applicationName: 'bench past',
    maxConnections: 1,
    onStatement: (text) => texts.push(text),
  });
  try {
    const [span] = await database.query<{ first: Temporal.Instant; last: Temporal.Instant }>(
      'select min(recorded_at) as first, max(recorded_at) as last from ledger.journal',
    );
    if (span === undefined) throw new Error('The ledger has no journals.');
    const { first, last } = span;
    const latencies: number[] = [];
    const pages: number[] = [];
    for (let index = 0; index < asked; index++) {
      const account = accounts[Math.floor((index * accounts.length) / asked)];
      if (account === undefined) throw new Error('There are no accounts to look at.');
      const part = ((index * 37) % asked) / asked;
      const milliseconds = Math.floor(last.since(first).total('milliseconds') * part);
      const at = first.add({ milliseconds });
      const started = elapsedMs();
      await readCountersAt(database, accountId(account), at);
      latencies.push(elapsedMs() - started);
      const [plan] = await database.query<{ 'QUERY PLAN': readonly Plan[] }>(
        `explain (analyze, buffers, format json) ${statementOf(texts)}`,
        [accountId(account), at.toString()],
      );
      pages.push(pagesOf(plan?.['QUERY PLAN'][0]));
    }
    return {
      p50Ms: round(quantile(latencies, 0.5)),
      p99Ms: round(quantile(latencies, 0.99)),
      pages: { p50: quantile(pages, 0.5), most: quantile(pages, 1) },
    };
  } finally {
    await database.close();
  }
}

interface Plan {
  readonly Plan: Readonly<Record<string, unknown>>;
}

/** What the ledger sent last, which is what is explained. */
function statementOf(texts: readonly string[]): string {
  const text = texts.findLast((one) => !one.startsWith('explain'));
  if (text === undefined) throw new Error('The ledger sent nothing.');
  return text;
}

function pagesOf(plan: Plan | undefined): number {
  const count = (name: string) => Number(plan?.Plan[name] ?? 0);
  return count('Shared Hit Blocks') + count('Shared Read Blocks');
}
