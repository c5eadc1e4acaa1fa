import { type Clock, present } from '@keyturn/kernel';
import { type Account, createLedgerUnit, isAccountCode, readChart } from '@keyturn/ledger';
import { createBatcher, type Database, type Tx } from '@keyturn/pipeline';

/** What may not happen on an account. */
export interface FreezeFlags {
  /** Nothing may come. */
  readonly in: boolean;
  /** Nothing may leave. */
  readonly out: boolean;
}

interface Call {
  readonly account: Account;
  readonly flags: FreezeFlags;
  readonly now: Temporal.Instant;
}

/** Sets the flags of accounts, as a batch of its own beside those of journals. */
export function createFreezer(deps: { readonly database: Database; readonly clock: Clock }) {
  const batcher = createBatcher<Call, Account>({
    name: 'ledger.freeze',
    database: deps.database,
    execute: freezeAll,
  });
  return {
    freeze: async (account: Account, flags: FreezeFlags) => {
      if (!isAccountCode(account.code)) await readChart(deps.database);
      return batcher.submit({ account, flags, now: deps.clock.now() });
    },
    close: batcher.close,
  };
}

async function freezeAll(tx: Tx, calls: readonly Call[]): Promise<readonly Account[]> {
  const first = present(calls[0], 'a call of a batch');
  const unit = createLedgerUnit();
  const specs = calls.map(({ account }) => specOf(account));
  await unit.load(tx, { accounts: specs }, first.now);
  for (const [index, { flags }] of calls.entries()) {
    unit.freeze(present(specs[index], 'the name of an account'), flags);
  }
  unit.flush(tx);
  return specs.map((spec) => unit.account(spec));
}

function specOf({ bookId: book, code, owner }: Account) {
  if (!isAccountCode(code)) throw new Error(`the account code ${code} is none of the chart`);
  return { book, code, owner };
}
