import type { Queryable } from '@keyturn/pipeline';
import type { Cast } from '../../../../src/main/demo/cast.ts';
import type { Answer } from '../../../../src/main/demo/client.ts';
import { until, type World } from '../../../../src/main/demo/world.ts';
import type { TestWorld } from '../../../world.ts';

/** A transfer that nobody asked for, and whose notice never comes. */
export async function transferUnnoticed({ finance, run, world }: Cast): Promise<void> {
  const { items } = await finance.get('/v1/custody-accounts');
  const account = items.find((one: Answer) => one.id === 'escrow-main');
  const end_to_end_id = `strange${run}`;
  await world.fault({ point: 'bank.notify', kind: 'drop', match: { end_to_end_id } });
  await world.transfers({
    toAccount: account.number,
    amount: 12_345n,
    from: { name: '陌生人', account: '6222020200000000001' },
    remittance: '?',
    endToEndId: end_to_end_id,
  });
}

/**
 * The days after: acquirers settle, merchants' money becomes available, and the own funds that owe
 * the fees pay them, which the bank refuses on the first of these days.
 *
 * @returns the days that are over
 */
export async function passDays(
  { platform }: TestWorld,
  { finance, world }: Cast,
  tables: Queryable,
): Promise<readonly string[]> {
  const { items } = await finance.get('/v1/custody-accounts');
  const own = items.find((one: Answer) => one.id === 'own-main');
  const refuse = { point: 'bank.payment', kind: 'refuse', reason: 'AC04', times: 2 };
  await world.fault({ ...refuse, match: { account: own.number } });
  const first = await world.now();
  const dates = [first.toPlainDate().toString()];
  for (let day = 1; ; day++) {
    const morning = first.add({ days: day }).with({ hour: 9, minute: 5, second: 0 });
    await world.advanceTo(morning);
    if (day === 1) await untilCount(tables, 'settlement.channel_settlement', 'true', 2n);
    await world.advanceTo(morning.with({ hour: 10, minute: 35 }));
    const date = morning.toPlainDate();
    if (platform.settlement.calendar.isBankDay(date) && (await feesArePaid(world, tables, date))) {
      break;
    }
    dates.push(date.toString());
  }
  await untilCount(tables, 'settlement.settlement_window', `state = 'open'`, 0n);
  return dates;
}

/** Waits for the end of a bank day's top-ups of both books, and says whether they arrived. */
async function feesArePaid(
  world: World,
  tables: Queryable,
  date: Temporal.PlainDate,
): Promise<boolean> {
  const sql = 'select t.state from settlement.fee_top_up t where t.bank_date = $1';
  const ended = await until(
    `the top-ups of ${date} are over`,
    async () => {
      const rows = await tables.query<{ state: string }>(sql, [date.toString()]);
      const over = rows.length >= 2 && rows.every(({ state }) => state !== 'sent');
      return over ? rows : undefined;
    },
    { world, step: { minutes: 1 }, steps: 30 },
  );
  return ended.every(({ state }) => state === 'arrived');
}

async function untilCount(
  tables: Queryable,
  table: string,
  condition: string,
  wanted: bigint,
): Promise<void> {
  await until(`${table} has ${wanted} rows where ${condition}`, async () => {
    const sql = `select count(*) as rows from ${table} where ${condition}`;
    const [row] = await tables.query<{ rows: bigint }>(sql);
    return row?.rows === wanted ? true : undefined;
  });
}

/** Reconciles the days, and ends each difference: given away, explained, approved, not over. */
export async function reconcile(
  { approver, finance, run }: Cast,
  dates: readonly string[],
): Promise<void> {
  for (const date of dates) {
    await until(`the statements of ${date} are here`, async () => {
      const done = await finance.post('/v1/reconciliations', { date }, `${run}-reconcile-${date}`);
      return done.statements.every((one: Answer) => one.status === 'matched') ? done : undefined;
    });
  }
  const { id: owner_id } = await finance.get('/v1/me');
  const { items } = await finance.get('/v1/exceptions?state=open');
  for (const { id } of items) {
    const path = `/v1/exceptions/${id}`;
    await finance.post(`${path}/assign`, { owner_id }, `${run}-assign-${id}`);
    await finance.post(`${path}/propose`, { note: '已核实' }, `${run}-propose-${id}`);
    await approver.post(`${path}/approve`, {}, `${run}-approve-${id}`);
    await finance.post(`${path}/reopen`, { reason: '付款人来电' }, `${run}-reopen-${id}`);
  }
}
