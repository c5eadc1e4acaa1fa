import { randomBytes, randomUUID } from 'node:crypto';
import { encodeId, present } from '@keyturn/kernel';
import {
  type AccountSpec,
  accountId,
  balanceOf,
  bookTable,
  checkLedger,
  createSubmitter,
  readAccounts,
} from '@keyturn/ledger';
import { insertRows } from '@keyturn/pipeline';
import { createTestPlatform, type TestPlatform } from '../../../../test/platform.ts';
import type { BankEntry } from '../../../banks/channels/index.ts';
import {
  type CustodyAccount,
  type CustodyService,
  createCustodyService,
  createReceiptsUnit,
  custodyErrors,
} from '../../../banks/custody/index.ts';
import {
  type Consumer,
  createCommandRunner,
  createSealer,
  type EventRecord,
} from '../../../platform/index.ts';
import { accessErrors, type Principal } from '../../../who/access/index.ts';
import {
  createPayoutsService,
  type PayoutsDeps,
  type PayoutsService,
  payoutsConsumers,
  payoutsErrors,
} from '../../payouts/index.ts';
import {
  createPaymentsService,
  type PaymentsDeps,
  type PaymentsService,
  paymentsConsumers,
  paymentsErrors,
} from '../index.ts';
import { createScriptedChannels, type ScriptedChannels } from './scripted-channels.ts';

export const book = 'kt-pay/reserve/CNY';
export const merchantId = '01990000-0000-7000-8000-000000000100';
export const otherMerchantId = '01990000-0000-7000-8000-000000000101';
export const bankAccountId = '01990000-0000-7000-8000-000000000200';

export const integrator: Principal = {
  kind: 'integrator',
  id: '01990000-0000-7000-8000-000000000001',
  name: 'Integrator',
  roles: ['writer'],
};
export const approver: Principal = {
  kind: 'operator',
  id: '01990000-0000-7000-8000-000000000002',
  name: 'Approver',
  roles: ['approver', 'finance'],
};
export const finance: Principal = {
  kind: 'operator',
  id: '01990000-0000-7000-8000-000000000003',
  name: 'Finance',
  roles: ['finance', 'approver'],
};

/**
 * The floor `movement` over a database of the test's own, with channels that say what they are told
 * to.
 */
export interface MovementWorld {
  readonly platform: TestPlatform;
  readonly scripted: ScriptedChannels;
  readonly custody: CustodyService;
  readonly payments: PaymentsService;
  readonly payouts: PayoutsService;
  readonly parties: PaymentsDeps['parties'] & PayoutsDeps['parties'];
  /** A second process on the same database. */
  another(): PaymentsService;
  /** Lets events reach their consumers. */
  settle(): Promise<void>;
  /** Works off what is due, again and again until nothing is. */
  work(): Promise<void>;
  /** Moves the clock and works off what has become due. */
  after(duration: Temporal.DurationLike): Promise<void>;
  /** The bank books an entry on the reserve account and tells it. */
  banks(entry: Partial<BankEntry> & { readonly amount: bigint }): Promise<string>;
  /** Money from nowhere, for the source of a pay-out. */
  endow(account: AccountSpec, amount: bigint): Promise<void>;
  /** The other way: money leaves an account to nowhere. */
  spend(account: AccountSpec, amount: bigint): Promise<void>;
  freeze(account: AccountSpec, flags: { in: boolean; out: boolean }): Promise<void>;
  posted(account: Pick<AccountSpec, 'code' | 'owner'>): Promise<bigint>;
  available(account: Pick<AccountSpec, 'code' | 'owner'>): Promise<bigint>;
  /** The types of an object's events, in their order. */
  told(objectId: string): Promise<readonly string[]>;
  /** Checks the ledger, then drops everything. */
  close(): Promise<readonly unknown[]>;
}

const reserveAccount: CustodyAccount = {
  id: 'reserve-main',
  book,
  contractId: 'bank',
  number: '6225000000000001',
  ledgerCode: 1002,
  name: 'Keyturn Pay',
  bankCode: '102100099996',
  bankName: 'Bank',
  currency: 'CNY',
  state: 'open',
};

function createParties(): PaymentsDeps['parties'] & PayoutsDeps['parties'] {
  const created_at = '2026-11-20T00:00:00Z';
  return {
    merchant: async (id) => ({ ok: true, value: { id, name: 'Shop', kind: 'store', created_at } }),
    person: async (id) => ({ ok: true, value: { id, name: 'Z*', created_at } }),
    bankAccount: async (id) => ({
      ok: true,
      value: {
        id,
        owner_kind: 'merchant',
        owner_id: encodeId('mer', merchantId),
        number: '6222****1234',
        holder_name: 'S*',
        bank_code: '102100099996',
        bank_name: 'Bank',
        state: 'active',
        created_at,
      },
    }),
    payee: async () => ({
      ok: true,
      value: {
        number: '6222000000001234',
        holderName: 'Shop Ltd',
        bankCode: '102100099996',
        bankName: 'Bank',
        ownerId: merchantId,
        ownerKind: 'merchant',
        masked: '6222****1234',
      },
    }),
  };
}

interface Services {
  readonly deps: PaymentsDeps;
  readonly custody: CustodyService;
  readonly payments: PaymentsService;
  readonly payouts: PayoutsService;
  readonly parties: MovementWorld['parties'];
  readonly consumers: readonly Consumer[];
}

type Overrides = Partial<PaymentsDeps> & { readonly payee?: PayoutsDeps['parties']['payee'] };

export async function createMovementWorld(overrides: Overrides = {}): Promise<MovementWorld> {
  const platform = await createTestPlatform(
    custodyErrors,
    accessErrors,
    paymentsErrors,
    payoutsErrors,
  );
  const { database, clock } = platform;
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-pay', regime: 'reserve', currency: 'CNY', memo: false },
    ]),
  );
  const scripted = createScriptedChannels();
  const services = await createServices(platform, scripted, overrides);
  const { payments, payouts, custody } = services;
  const submitter = createSubmitter({ database, clock });
  const runners: { close(): Promise<void> }[] = [];
  const settle = () => settleEvents(platform, services.consumers);

  async function work(): Promise<void> {
    const { attempts, refunds, orders } = payments.due;
    let taken: number;
    do {
      taken = 0;
      for (const due of [attempts, refunds, orders, payouts.due, custody.askAgain]) {
        taken += await due();
      }
      await settle();
    } while (taken > 0);
  }

  return {
    platform,
    scripted,
    custody,
    payments,
    payouts,
    parties: services.parties,
    settle,
    work,
    another: () => anotherProcess(platform, services.deps, runners),
    after: async (duration) => {
      clock.advance(duration);
      await work();
    },
    banks: async (entry) => {
      const receiptId = await record(custody, entry);
      await settle();
      return receiptId;
    },
    ...createBooks(platform, submitter),
    told: (objectId) => readTold(platform, objectId),
    close: async () => {
      await submitter.close();
      for (const runner of runners) await runner.close();
      const check = await checkLedger(database);
      await platform.close();
      return check.findings;
    },
  };
}

async function createServices(
  { database, outbox, clock, logger, commands }: TestPlatform,
  { channels }: ScriptedChannels,
  { payee, ...overrides }: Overrides,
): Promise<Services> {
  const sealer = createSealer(randomBytes(32));
  const custody = createCustodyService({ database, clock, logger, commands, channels, sealer });
  await custody.seedAccounts([reserveAccount]);
  const parties = createParties();
  const ours = { createReceiptsUnit, reservedReferences: new Set(['deal_item']) };
  const shared = { database, clock, logger, commands, channels, custody, ...ours };
  const deps: PaymentsDeps = {
    ...shared,
    parties,
    publicUrl: 'http://keyturn.test',
    automaticRefundLimitMinor: 100_000n,
    ...overrides,
  };
  const payments = createPaymentsService(deps);
  const payouts = createPayoutsService({
    ...shared,
    parties: { ...parties, payee: payee ?? parties.payee },
  });
  const consumers = [
    ...paymentsConsumers({ outbox, clock, logger, payments }),
    ...payoutsConsumers({ outbox, clock, logger, payouts }),
  ];
  return { deps, custody, payments, payouts, parties, consumers };
}

function anotherProcess(
  { clock, logger, errors, testDatabase }: TestPlatform,
  deps: PaymentsDeps,
  runners: { close(): Promise<void> }[],
): PaymentsService {
  const database = testDatabase.open();
  const onEvents = () => undefined;
  const commands = createCommandRunner({ database, clock, logger, errors, onEvents });
  runners.push(commands);
  return createPaymentsService({ ...deps, database, commands });
}

/** A consumer reads nothing of a transaction while an older one runs, even in another database. */
async function settleEvents(
  { database }: TestPlatform,
  consumers: readonly Consumer[],
): Promise<void> {
  let unread: readonly unknown[];
  do {
    for (const consumer of consumers) await consumer.drain();
    unread = await database.query(
      `select 1 from platform.event e, platform.consumer c
        where (e.transaction_id, e.seq) > (c.transaction_id, c.seq) limit 1`,
    );
  } while (unread.length > 0);
}

let entries = 0;

async function record(
  custody: CustodyService,
  entry: Partial<BankEntry> & { readonly amount: bigint },
): Promise<string> {
  entries += 1;
  const today = Temporal.PlainDate.from('2026-11-20');
  const told: BankEntry = {
    bankReference: `B${entries}`,
    currency: 'CNY',
    direction: 'credit',
    bookedOn: today,
    valueOn: today,
    ...entry,
  };
  const recorded = await custody.recordEntries(reserveAccount.id, 'notification', [told]);
  if (!recorded.ok) throw new Error(recorded.error.code);
  return present(recorded.value[0], 'a recorded entry').receiptId;
}

type Books = Pick<MovementWorld, 'endow' | 'spend' | 'freeze' | 'posted' | 'available'>;

function createBooks(
  { database }: TestPlatform,
  submitter: ReturnType<typeof createSubmitter>,
): Books {
  const nowhere = { book, code: 1002, owner: reserveAccount.id } as const;

  async function move(debit: AccountSpec, credit: AccountSpec, amount: bigint): Promise<void> {
    const id = randomUUID();
    const done = await submitter.submit({
      id,
      book,
      cause: { module: 'test', object: id, command: `test:${id}` },
      transfers: [{ kind: 'posted', debit, credit, amount }],
    });
    if (!done.ok) throw new Error(done.error.code);
  }

  async function account(spec: Pick<AccountSpec, 'code' | 'owner'>) {
    const [found] = await readAccounts(database, [accountId({ book, ...spec })]);
    return found === undefined ? { posted: 0n, available: 0n } : balanceOf(found);
  }

  return {
    endow: (credit, amount) => move(nowhere, credit, amount),
    spend: (debit, amount) => move(debit, nowhere, amount),
    freeze: async (spec, flags) => {
      await database.query(
        'update ledger.account set frozen_in = $2, frozen_out = $3 where id = $1',
        [accountId(spec), flags.in, flags.out],
      );
    },
    posted: async (spec) => (await account(spec)).posted,
    available: async (spec) => (await account(spec)).available,
  };
}

async function readTold({ database }: TestPlatform, objectId: string): Promise<readonly string[]> {
  const rows = await database.query<EventRecord>(
    `select e.type, e.object_sequence as "objectSequence" from platform.event e
      where e.object_id = $1 order by e.object_sequence`,
    [objectId],
  );
  const gap = rows.findIndex((row, index) => row.objectSequence !== BigInt(index + 1));
  if (gap >= 0) throw new Error(`the events of ${objectId} have a gap at ${gap}`);
  return rows.map((row) => row.type);
}
