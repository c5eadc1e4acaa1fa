import { randomBytes } from 'node:crypto';
import { decodeId, present, type Refusal, type Result } from '@keyturn/kernel';
import {
  type AccountSpec,
  accountId,
  balanceOf,
  checkLedger,
  readAccounts,
  readAccountsOfOwners,
} from '@keyturn/ledger';
import { createTestPlatform, type TestPlatform } from '../../../../test/platform.ts';
import type { BankEntry } from '../../../banks/channels/index.ts';
import {
  type CustodyService,
  createCustodyService,
  createReceiptsUnit,
  custodyErrors,
} from '../../../banks/custody/index.ts';
import {
  createPaymentsService,
  type PaymentsService,
  paymentsConsumers,
  paymentsErrors,
} from '../../../movement/payments/index.ts';
import {
  contract,
  createScriptedChannels,
  type ScriptedChannels,
} from '../../../movement/payments/test/scripted-channels.ts';
import {
  createPayoutsService,
  type PayoutsService,
  payoutsConsumers,
  payoutsErrors,
} from '../../../movement/payouts/index.ts';
import { createSealer } from '../../../platform/index.ts';
import { accessErrors, type Principal } from '../../../who/access/index.ts';
import {
  type BookWanted,
  createPartiesService,
  type PartiesService,
  partiesErrors,
} from '../../../who/parties/index.ts';
import {
  createSettlementService,
  type SettlementService,
  settlementConsumers,
  settlementErrors,
} from '../../settlement/index.ts';
import type { AgreementTerms } from '../decide/agreement.ts';
import {
  createEscrowService,
  type DealMoneyView,
  type EscrowService,
  escrowConsumers,
  escrowErrors,
  escrowReferences,
} from '../index.ts';
import { homeSale } from './home-sale.ts';

export const escrowBook = 'kt-escrow/escrow/CNY';
export const reserveBook = 'kt-pay/reserve/CNY';
export const ownBook = 'kt-pay/own/CNY';

const person = (kind: Principal['kind'], last: number, name: string, roles: string[]) => ({
  kind,
  id: `01990000-0000-7000-8000-00000000000${last}`,
  name,
  roles,
});
export const integrator: Principal = person('integrator', 1, 'Integrator', ['writer']);
export const otherIntegrator: Principal = person('integrator', 4, 'Other', ['writer']);
export const maker: Principal = person('operator', 2, 'Maker', ['finance', 'approver']);
export const checker: Principal = person('operator', 3, 'Checker', ['finance', 'approver']);

/**
 * The floor `flows` on a database of the test's own, with channels that say what they are told to.
 */
export interface FlowWorld {
  readonly platform: TestPlatform;
  readonly scripted: ScriptedChannels;
  readonly custody: CustodyService;
  readonly parties: PartiesService;
  readonly payments: PaymentsService;
  readonly payouts: PayoutsService;
  readonly settlement: SettlementService;
  readonly escrow: EscrowService;
  /** A key that was never used. */
  key(): string;
  work(): Promise<void>;
  after(duration: Temporal.DurationLike): Promise<void>;
  /** The payer pays the whole of an order over its acquirer. */
  payByWechat(orderId: string): Promise<void>;
  /** A transfer arrives on the virtual account of an order. */
  transfer(orderId: string, amount: bigint): Promise<void>;
  /** The bank books an entry on a custody account. */
  banks(accountId: string, entry: Partial<BankEntry> & { amount: bigint }): Promise<void>;
  /** The bank carries out, or refuses, every payment that it has. */
  bankPays(state?: 'paid' | 'rejected'): Promise<void>;
  /** The acquirer makes, or closes, every refund that it is at. */
  acquirerRefunds(state?: 'succeeded' | 'closed'): Promise<void>;
  /** The acquirer pays what it took today for escrowed items; a bank day later we pay its fees. */
  acquirerSettles(): Promise<void>;
  balance(account: AccountSpec): Promise<{ posted: bigint; available: bigint }>;
  close(): Promise<void>;
}

const accounts = [
  ['own-main', ownBook, '6225000000000003', 1001],
  ['reserve-main', reserveBook, '6225000000000002', 1002],
  ['escrow-main', escrowBook, '6225000000000001', 1003],
] as const;

async function seed(custody: CustodyService, parties: PartiesService): Promise<void> {
  const registrationNumber = (last: string) => `9111000000000000${last}`;
  await parties.seedLegalEntities([
    { id: 'kt-pay', name: 'Keyturn Pay', registrationNumber: registrationNumber('1X') },
    { id: 'kt-escrow', name: 'Keyturn Escrow', registrationNumber: registrationNumber('2X') },
  ]);
  const books = accounts.map(([, book]): BookWanted => {
    const [legalEntity = '', regime] = book.split('/');
    return {
      legalEntity,
      regime: regime === 'own' || regime === 'reserve' ? regime : 'escrow',
      currency: 'CNY',
    };
  });
  await parties.ensureBooks(books);
  await custody.seedAccounts(
    accounts.map(([id, book, number, ledgerCode]) => ({
      id,
      book,
      contractId: 'bank-escrow',
      number,
      ledgerCode,
      name: 'Keyturn',
      bankCode: '102100099996',
      bankName: 'Bank',
      currency: 'CNY',
      state: 'open',
    })),
  );
}

/** One acquirer contract per client book. */
function withContracts({ channels }: ScriptedChannels): ScriptedChannels['channels'] {
  const contracts = [
    { ...contract, id: 'wx-escrow', book: escrowBook, settlesTo: 'escrow-main' },
    { ...contract, id: 'wx-reserve', book: reserveBook, settlesTo: 'reserve-main' },
  ];
  return {
    ...channels,
    contracts: async () => contracts,
    contract: async (id) => ({
      ok: true,
      value: present(
        contracts.find((one) => one.id === id),
        id,
      ),
    }),
  };
}

async function createServices() {
  const platform = await createTestPlatform(
    custodyErrors,
    accessErrors,
    partiesErrors,
    paymentsErrors,
    payoutsErrors,
    settlementErrors,
    escrowErrors,
  );
  const scripted = createScriptedChannels();
  const channels = withContracts(scripted);
  const publicUrl = 'http://keyturn.test';
  const ground = {
    ...platform,
    sealer: createSealer(randomBytes(32)),
    channels,
    createReceiptsUnit,
    publicUrl,
    automaticRefundLimitMinor: 100_000n,
    reservedReferences: new Set(Object.values(escrowReferences)),
  };
  const parties = createPartiesService(ground);
  const custody = createCustodyService(ground);
  const payments = createPaymentsService({ ...ground, custody, parties });
  const payouts = createPayoutsService({ ...ground, custody, parties });
  const settlement = createSettlementService({ ...ground, custody, parties, payments });
  const escrow = createEscrowService({ ...ground, custody, parties, payments, settlement });
  await seed(custody, parties);
  const services = { ...ground, custody, payments, payouts, settlement, escrow };
  const consumers = [
    ...paymentsConsumers(services),
    ...payoutsConsumers(services),
    ...settlementConsumers(services),
    ...escrowConsumers(services),
  ];
  return { platform, scripted, parties, consumers, ...services };
}

/** Lets events reach their consumers, and what is due be done, until nothing is left. */
function createWork(services: Awaited<ReturnType<typeof createServices>>): () => Promise<void> {
  const { database, consumers, payments, payouts, custody, settlement, escrow } = services;

  /**
   * A consumer reads nothing of a transaction while an older one runs, even in another database.
   */
  async function settle(): Promise<void> {
    let unread: readonly unknown[];
    do {
      for (const consumer of consumers) await consumer.drain();
      unread = await database.query(
        `select 1 from platform.event e, platform.consumer c
          where (e.transaction_id, e.seq) > (c.transaction_id, c.seq) limit 1`,
      );
    } while (unread.length > 0);
  }

  async function work(): Promise<void> {
    const sources = [
      payments.due.attempts,
      payments.due.refunds,
      payments.due.orders,
      payouts.due,
      custody.askAgain,
      settlement.due.splits,
      settlement.due.windows,
      settlement.due.topUps,
      escrow.dueFreezes,
    ];
    let taken: number;
    do {
      taken = 0;
      for (const due of sources) taken += await due();
      await settle();
    } while (taken > 0);
  }

  return work;
}

type Services = Awaited<ReturnType<typeof createServices>>;
type Outside = Pick<
  FlowWorld,
  | 'key'
  | 'after'
  | 'banks'
  | 'payByWechat'
  | 'transfer'
  | 'bankPays'
  | 'acquirerRefunds'
  | 'acquirerSettles'
>;

export async function createFlowWorld(): Promise<FlowWorld> {
  const services = await createServices();
  const work = createWork(services);
  const { platform } = services;
  return {
    ...services,
    ...createOutside(services, work),
    work,
    balance: async (spec) => {
      const [account] = await readAccounts(platform.database, [accountId(spec)]);
      return account ? balanceOf(account) : { posted: 0n, available: 0n };
    },
    close: platform.close,
  };
}

/** What payers, banks and acquirers do. */
function createOutside(services: Services, work: () => Promise<void>): Outside {
  const { platform, custody, payments, scripted } = services;
  const { clock } = platform;
  let serial = 0;
  const next = () => {
    serial += 1;
    return String(serial);
  };
  const after = async (duration: Temporal.DurationLike) => {
    clock.advance(duration);
    await work();
  };
  const banks: FlowWorld['banks'] = async (account, entry) => {
    const today = clock.now().toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
    const told: BankEntry = {
      bankReference: `B${next()}`,
      currency: 'CNY',
      direction: 'credit',
      bookedOn: today,
      valueOn: today,
      ...entry,
    };
    valued(await custody.recordEntries(account, 'notification', [told]));
    await work();
  };
  const bankPays: FlowWorld['bankPays'] = async (state = 'paid') => {
    await work();
    const refusal = { reason: 'AC01', reasonText: 'no such account' };
    for (const [number, payment] of scripted.payouts) {
      if (payment.state !== 'accepted') continue;
      scripted.payouts.set(number, { state, ...(state === 'rejected' ? refusal : {}) });
    }
    await after({ seconds: 60 });
  };
  return {
    key: () => `test:${next()}`,
    after,
    banks,
    payByWechat: async (orderId) => {
      const request = { method: 'wechat_native' } as const;
      const attempt = valued(await payments.pay(`test:${next()}`, orderId, request));
      scripted.payerPays(attempt.number, `w-${attempt.number}`, clock.now());
      await after({ seconds: 60 });
    },
    transfer: async (orderId, amount) => {
      let account = await custody.virtualAccountOf(orderId);
      if (!account?.number) {
        valued(await payments.pay(`test:${next()}`, orderId, { method: 'bank_transfer' }));
        await work();
        account = await custody.virtualAccountOf(orderId);
      }
      const virtualAccount = present(account?.number ?? undefined, 'a virtual account');
      await banks('escrow-main', { amount, virtualAccount });
    },
    bankPays,
    acquirerSettles: () => settleToday(services, { banks, bankPays, after }),
    acquirerRefunds: async (state = 'succeeded') => {
      await work();
      for (const [number, refund] of scripted.refunds) {
        if (refund.state !== 'processing') continue;
        scripted.refunds.set(number, { ...refund, state, at: clock.now() });
      }
      await after({ seconds: 60 });
    },
  };
}

/** Pays what the acquirer has taken today and not paid yet; its fees come from the own account. */
async function settleToday(
  { platform, payments, settlement }: Services,
  { banks, bankPays, after }: Pick<FlowWorld, 'banks' | 'bankPays' | 'after'>,
): Promise<void> {
  const today = platform.clock.now().toZonedDateTimeISO('Asia/Shanghai');
  const date = today.toPlainDate().toString();
  const { net } = await payments.channelDay('wx-escrow', today.toPlainDate());
  const page = valued(await settlement.channelSettlements('wx-escrow', { limit: 100 }));
  const received = page.items
    .filter(({ trade_date }) => trade_date === date)
    .reduce((sum, one) => sum + BigInt(one.received.amount), 0n);
  const remittance = `WXSETTLE 1900000001 ${date.replaceAll('-', '')}`;
  await banks('escrow-main', { amount: net - received, remittance });
  let topUpTime = today.with({ hour: 10, minute: 31 });
  do topUpTime = topUpTime.add({ days: 1 });
  while (!settlement.calendar.isBankDay(topUpTime.toPlainDate()));
  await after(platform.clock.now().until(topUpTime.toInstant()));
  await bankPays();
  const [topUp] = await platform.database.query<{ number: string; amount: bigint }>(
    `select payout_number as number, amount_minor as amount from settlement.fee_top_up
     where state = 'sent' and client_book = $1`,
    [escrowBook],
  );
  if (!topUp) return;
  await banks('escrow-main', {
    amount: topUp.amount,
    endToEndId: topUp.number,
    remittance: `TOPUP ${date} escrow-main`,
  });
}

export function valued<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new Error(`${result.error.code} ${JSON.stringify(result.error.values)}`);
  return result.value;
}

export function codeOf(result: Result<unknown, Refusal>): string {
  return result.ok ? 'ok' : result.error.code;
}

/** A wire id as the uuid inside. */
export function uuid(id: string): string {
  return present(decodeId(id.slice(0, id.indexOf('_')), id), 'an id');
}

export interface SampleDeal {
  readonly id: string;
  readonly merchants: { readonly store: string; readonly agency: string };
  /** Opens the order of an item; its uuid. */
  order(item: string): Promise<string>;
  money(): Promise<DealMoneyView>;
  item(key: string): Promise<DealMoneyView['items'][number]>;
}

/** Amounts in fen: intention 10,000, deposit 50,000, price 2,999,999, commission 80,999.97 yuan. */
export const amounts = {
  intention: 1_000_000n,
  deposit: 5_000_000n,
  price: 299_999_900n,
  commission: 8_099_997n,
};

/**
 * A published agreement and a deal by it, agreed by all.
 *
 * @param oneMerchant plays both of the merchants' roles
 */
export async function createSampleDeal(
  world: FlowWorld,
  terms: AgreementTerms = homeSale,
  oneMerchant = false,
): Promise<SampleDeal> {
  const { escrow, parties, key } = world;
  const draft = { name: `home sale ${key()}`, version: 1, terms };
  const agreement = valued(await escrow.draftAgreement(key(), maker, draft));
  valued(await escrow.publishAgreement(key(), checker, uuid(agreement.id)));
  const people = { buyer: '', seller: '' };
  const banks = { buyer: '', seller: '' };
  for (const [index, role] of (['buyer', 'seller'] as const).entries()) {
    const made = valued(await parties.createPerson(key(), integrator, { name: '王小明' }));
    people[role] = uuid(made.id);
    const account = await parties.addBankAccount(key(), integrator, {
      ownerKind: 'person',
      ownerId: people[role],
      number: `622200${key().slice(5).padStart(8, '0')}123${index}`,
      bankCode: '102100099996',
      bankName: 'Bank',
    });
    banks[role] = uuid(valued(account).id);
  }
  const merchants = { store: '', agency: '' };
  for (const role of ['store', 'agency'] as const) {
    const made = valued(
      await parties.createMerchant(key(), integrator, { name: role, kind: role }),
    );
    merchants[role] = oneMerchant && role === 'agency' ? merchants.store : uuid(made.id);
  }
  const deal = valued(
    await escrow.createDeal(key(), integrator, {
      agreementId: uuid(agreement.id),
      title: 'Chaoyang Park 3-2-1',
      city: 'Beijing',
      currency: 'CNY',
      parties: [
        { role: 'buyer', kind: 'person', id: people.buyer, bankAccountId: banks.buyer },
        { role: 'seller', kind: 'person', id: people.seller, bankAccountId: banks.seller },
        { role: 'store', kind: 'merchant', id: merchants.store },
        { role: 'agency', kind: 'merchant', id: merchants.agency },
      ],
      items: Object.entries(amounts).map(([item, amount]) => ({
        key: item,
        amount: { amount, currency: 'CNY' },
      })),
    }),
  );
  const id = uuid(deal.id);
  valued(await escrow.agree(key(), integrator, id, { roles: [], reference: 'contract 1' }));
  const money = async () => valued(await escrow.dealMoney(id));
  return {
    id,
    merchants,
    money,
    order: async (item) =>
      uuid(valued(await escrow.openOrder(key(), integrator, id, { item })).order_id),
    item: async (itemKey) => {
      const { items } = await money();
      return present(
        items.find((one) => one.key === itemKey),
        itemKey,
      );
    },
  };
}

/** The ledger agrees with itself, and with what escrow thinks that it holds, item by item. */
export async function findingsOf(
  world: FlowWorld,
  deals: readonly SampleDeal[],
): Promise<unknown[]> {
  const { database } = world.platform;
  const findings: unknown[] = [...(await checkLedger(database)).findings];
  for (const deal of deals) {
    const { items } = await deal.money();
    const owners = items.filter(({ escrowed }) => escrowed).map(({ id }) => uuid(id));
    const found = await readAccountsOfOwners(database, owners);
    for (const item of items.filter(({ escrowed }) => escrowed)) {
      const account = found.find(({ owner }) => owner === uuid(item.id));
      const available = account ? balanceOf(account).available : 0n;
      if (available !== BigInt(item.held.amount)) {
        findings.push({ item: item.key, available, held: item.held.amount });
      }
    }
  }
  const parked = await database.query('select event_id, last_error from platform.parked_event');
  findings.push(...parked);
  return findings;
}
