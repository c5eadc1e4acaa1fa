import { present } from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';
import { isLarge, sizes } from './sizes.ts';

/** What a plan does with one table. */
export interface Read {
  readonly table: string;
  /** The index that it goes by; undefined when it reads the table from one end to the other. */
  readonly index?: string;
  /** What the index is asked for; undefined when it is read from its beginning. */
  readonly condition?: string;
  /** It ends after the first rows: a limit stands above it and nothing that needs all of them. */
  readonly limited: boolean;
  /** Rows that are read are thrown away after. */
  readonly filtered: boolean;
}

export interface Plan {
  readonly reads: readonly Read[];
  /** In the planner's units: one is about the reading of one page in order. */
  readonly cost: number;
}

/** What is used of EXPLAIN's output (PostgreSQL documentation, "Using EXPLAIN"). */
interface Node {
  readonly 'Node Type': string;
  readonly 'Total Cost': number;
  readonly Schema?: string;
  readonly 'Relation Name'?: string;
  readonly 'Function Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly Node[];
}

/**
 * The plan that serves every call of a statement alike. Only limits are filled in, with the
 * largest page: for a limit that it does not know the planner supposes a tenth of all rows, and
 * the server would see the number itself.
 */
export async function planOf({ pool }: Database, text: string): Promise<Plan> {
  const limited = text.replace(
    /\blimit (\$\d+)/gi,
    (_limit, parameter: string) => `limit case when true then 101 else ${parameter} end`,
  );
  // As plain text: a prepared statement would have to be given its parameters.
  const { rows } = await pool.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
    `explain (generic_plan, verbose, format json) ${limited}`,
  );
  const root = present(rows[0]?.['QUERY PLAN'][0]?.Plan, 'the plan');
  return { reads: readsOf(root, false), cost: root['Total Cost'] };
}

/** Steps that pass a limit on to what stands below them: they take rows as they come. */
const streaming = new Set(['Limit', 'LockRows', 'Result', 'Subquery Scan', 'Append', 'ProjectSet']);

function readsOf(node: Node, limited: boolean): readonly Read[] {
  const type = node['Node Type'];
  const below = type === 'Limit' || (limited && streaming.has(type));
  const inner = (node.Plans ?? []).flatMap((child) =>
    type === 'Bitmap Heap Scan' ? [] : readsOf(child, below),
  );
  return [...ownReads(node, limited), ...inner];
}

/** Functions whose plans do not show, with a test each that counts the pages that they read. */
const measured: ReadonlySet<string> = new Set([
  // packages/ledger/src/journals-of-objects.test.ts
  'ledger.journals_of',
]);

function ownReads(node: Node, limited: boolean): readonly Read[] {
  const type = node['Node Type'];
  const schema = node.Schema;
  if (type === 'Function Scan' && measured.has(`${schema}.${node['Function Name']}`)) return [];
  if (!/Scan$/.test(type) || schema === undefined || schema === 'pg_catalog') return [];
  const table = `${schema}.${present(node['Relation Name'], 'the table of a scan')}`;
  const filtered = node.Filter !== undefined;
  if (type === 'Bitmap Heap Scan') {
    return bitmapScans(node).map((scan) => asked(scan, { table, limited: false, filtered }));
  }
  return [asked(node, { table, limited, filtered })];
}

function bitmapScans(node: Node): readonly Node[] {
  return (node.Plans ?? []).flatMap((child) =>
    child['Node Type'] === 'Bitmap Index Scan' ? [child] : bitmapScans(child),
  );
}

function asked(node: Node, read: Omit<Read, 'index' | 'condition'>): Read {
  const index = node['Index Name'];
  const condition = node['Index Cond'];
  return {
    ...read,
    ...(index === undefined ? {} : { index }),
    ...(condition === undefined ? {} : { condition }),
  };
}

/** Whether a plan reads a large table from one end to the other, or an index of one. */
export function readsWhole(read: Read): boolean {
  const size = sizes[read.table];
  if (size !== undefined && !isLarge(size)) return false;
  if (read.condition !== undefined) return false;
  return read.index === undefined || !read.limited || read.filtered;
}

/** One line about what is read, for people; by it a change of plan is seen in a diff. */
export function sentenceOf(read: Read): string {
  const table = `\`${read.table}\``;
  if (read.index === undefined) return `all of ${table}`;
  if (read.condition !== undefined) return `${table} by \`${read.index}\`: ${read.condition}`;
  if (read.limited && !read.filtered) return `${table} by \`${read.index}\`: the first rows`;
  return `all of ${table} by \`${read.index}\``;
}
