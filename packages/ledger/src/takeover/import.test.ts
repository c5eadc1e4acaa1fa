import { afterEach, expect, test } from 'vitest';
import { createSubmitter } from '../submit.ts';
import { createTakeoverWorld, type TakeoverWorld, takeover, takeoverBook } from './test/world.ts';

let world: TakeoverWorld | undefined;
afterEach(async () => {
  const findings = await world?.end();
  world = undefined;
  expect(findings ?? []).toEqual([]);
});

async function start(): Promise<TakeoverWorld> {
  world = await createTakeoverWorld();
  return world;
}

const wallet = (account: string, amount: bigint) => ({ account, subject: '2201', amount });

/** So many rows on ten wallets, one a minute. */
function fill({ old, clock }: TakeoverWorld, rows: number): void {
  for (let row = 0; row < rows; row += 1) {
    clock.advance({ minutes: 1 });
    const takes = row % 3 === 2;
    old.move(wallet(`W${row % 10}`, takes ? -BigInt(row % 7) : BigInt(row % 11) + 20n));
  }
  clock.advance({ minutes: 1 });
}

test('history comes with its own times, in pieces, and agrees with the old balances', async () => {
  const { old, clock, service, balance, database } = await start();
  const first = clock.now().add({ minutes: 1 });
  fill({ ...present(world) }, 2_300);
  old.move({ account: 'R1', subject: '1122', amount: -500n });
  clock.advance({ minutes: 1 });
  const imported = await service.importHistory(takeover);
  expect(imported).toMatchObject({
    ok: true,
    value: { complete: true, pieces: 3, rows: 2_301, verified: { kind: 'import', differing: 0 } },
  });
  for (let each = 0; each < 10; each += 1) {
    expect(await balance('2201', `W${each}`)).toBe(old.balanceOf(`W${each}`));
  }
  expect(await balance('1122', 'R1')).toBe(-500n);
  const [row] = await database.query<{ first: Temporal.Instant; recorded: Temporal.Instant }>(
    `select min(effective_at) as first, min(recorded_at) as recorded from ledger.journal`,
  );
  expect(row).toEqual({ first, recorded: first });
});

function present(found: TakeoverWorld | undefined): TakeoverWorld {
  if (!found) throw new Error('no world');
  return found;
}

test('an import that ends in the middle goes on where it was', async () => {
  const { service, old, balance, clock } = await start();
  fill(present(world), 2_500);
  expect(await service.importHistory(takeover, 1)).toMatchObject({
    value: { complete: false, pieces: 1 },
  });
  // What happens meanwhile comes after the cut, and is no history.
  old.move(wallet('W1', 1_000_000n));
  clock.advance({ minutes: 1 });
  old.fail('readHistory', new Error('killed'));
  await expect(service.importHistory(takeover)).rejects.toThrow('killed');
  expect(await service.shadow(takeover)).toMatchObject({
    error: { code: 'takeover_import_unfinished' },
  });
  const rest = await service.importHistory(takeover);
  expect(rest).toMatchObject({ value: { complete: true, verified: { differing: 0 } } });
  expect(await balance('2201', 'W1')).toBe(old.balanceOf('W1') - 1_000_000n);
  expect(await service.importHistory(takeover)).toMatchObject({
    value: { complete: true, rows: 0, verified: { differing: 0 } },
  });
});

test('a piece that was decided and not known to be imported is imported again, once', async () => {
  const { service, old, database, balance } = await start();
  fill(present(world), 1_500);
  await service.importHistory(takeover, 1);
  // As if the process had ended between the import of the piece and its closing.
  await database.query('update takeover.piece set imported_at = null');
  expect(await service.importHistory(takeover)).toMatchObject({
    value: { complete: true, verified: { differing: 0 } },
  });
  expect(await balance('2201', 'W3')).toBe(old.balanceOf('W3'));
});

test('a book that is in use takes no history, and says why', async () => {
  const { service, database, clock, old } = await start();
  const submitter = createSubmitter({ database, clock });
  const cause = { module: 'test', object: 'o', command: 'c' };
  const side = (code: 1101 | 2001) => ({ book: takeoverBook, code, owner: 'somebody' });
  const transfers = [
    { kind: 'posted' as const, debit: side(1101), credit: side(2001), amount: 1n },
  ];
  const id = '00000000-0000-7000-8000-000000000001';
  await submitter.submit({ id, book: takeoverBook, cause, transfers });
  await submitter.close();
  old.move(wallet('W1', 5n));
  clock.advance({ minutes: 1 });
  expect(await service.importHistory(takeover)).toMatchObject({
    error: {
      code: 'takeover_import_refused',
      values: { piece: '1', reason: 'import_period_not_empty' },
    },
  });
});

test('rows whose money is missing wait, and are verified as the difference that they are', async () => {
  const { service, old, clock, balance } = await start();
  const show = old.moveUnseen(wallet('W1', 100n));
  clock.advance({ minutes: 1 });
  old.move(wallet('W1', -40n));
  old.moveUnseen(wallet('W2', 7n));
  old.move({ account: 'X1', subject: '9999', amount: 5n });
  clock.advance({ minutes: 1 });
  const imported = await service.importHistory(takeover);
  expect(imported).toMatchObject({ value: { complete: true, verified: { differing: 3 } } });
  const found = await service.differences(takeover);
  expect(found).toMatchObject({
    value: [
      {
        account: 'W1',
        class: 'late_row',
        oldMinor: 60n,
        ledgerMinor: 0n,
        waitingMinor: -40n,
        amount: 100n,
      },
      { account: 'W2', class: 'late_row', amount: 7n },
      { account: 'X1', class: 'unknown_account', amount: 0n, waitingMinor: 5n },
    ],
  });
  show();
  await service.shadow(takeover);
  expect(await balance('2201', 'W1')).toBe(60n);
});
