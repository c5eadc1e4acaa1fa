import { bankDate, ok, type Result } from '@keyturn/kernel';
import {
  accountId,
  balanceOf,
  bookTable,
  createSubmitter,
  type JournalRequest,
  readAccounts,
} from '@keyturn/ledger';
import { insertRows } from '@keyturn/pipeline';
import { createTestPlatform } from '../../../../test/platform.ts';
import type { BankEntry, ChannelAnswer, Contract } from '../../../banks/channels/index.ts';
import {
  type CustodyAccount,
  createCustodyService,
  custodyErrors,
} from '../../../banks/custody/index.ts';
import { createSealer } from '../../../platform/index.ts';
import { accessErrors, type Principal } from '../../../who/access/index.ts';
import { createReconciliationService, reconciliationErrors } from '../index.ts';
import type { ReconciliationDeps } from '../types.ts';

export const book = 'kt-escrow/escrow/CNY';

export const account: CustodyAccount = {
  id: 'escrow-main',
  book,
  contractId: 'bank-escrow',
  number: '6225000011112222',
  ledgerCode: 1003,
  name: 'Keyturn escrow',
  bankCode: '999290000018',
  bankName: 'Escrow Bank',
  currency: 'CNY',
  state: 'open',
};

/** What a test knows of an entry. `amount` is signed fen. */
export interface Line {
  readonly reference: string;
  readonly amount: bigint;
  readonly endToEndId?: string;
}

function yuan(fen: bigint): string {
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const sign = (fen: bigint) => (fen < 0n ? 'DBIT' : 'CRDT');

function balance(code: string, fen: bigint, day: string): string {
  return (
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">${yuan(fen)}</Amt>` +
    `<CdtDbtInd>${sign(fen)}</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`
  );
}

/**
 * A camt.053 as a bank would write it; its closing balance is what its entries make, when not
 * said.
 */
export function statement(of: {
  readonly number?: string;
  readonly day: string;
  readonly opening: bigint;
  readonly lines: readonly Line[];
  readonly closing?: bigint;
  readonly note?: string;
}): Uint8Array {
  const { day, opening, lines } = of;
  const closing = of.closing ?? lines.reduce((sum, { amount }) => sum + amount, opening);
  const entries = lines.map(
    ({ reference, amount, endToEndId }) =>
      `<Ntry><Amt Ccy="CNY">${yuan(amount)}</Amt><CdtDbtInd>${sign(amount)}</CdtDbtInd>` +
      `<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt>` +
      `<AcctSvcrRef>${reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs>` +
      `<EndToEndId>${endToEndId ?? 'NOTPROVIDED'}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`,
  );
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">` +
      `<BkToCstmrStmt><GrpHdr><MsgId>M${day}${of.note ?? ''}</MsgId><CreDtTm>${day}T23:59:59+08:00</CreDtTm></GrpHdr>` +
      `<Stmt><Id>S${day}</Id><CreDtTm>${day}T23:59:59+08:00</CreDtTm>` +
      `<Acct><Id><Othr><Id>${of.number ?? account.number}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>` +
      balance('OPBD', opening, day) +
      balance('CLBD', closing, day) +
      `${entries.join('')}</Stmt></BkToCstmrStmt></Document>`,
  );
}

/** A WeChat trade bill without trades. */
export function bill(
  rows: readonly string[] = [],
  totals = '`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00',
) {
  return Buffer.from(
    [
      '\ufeff交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注',
      ...rows,
      '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额',
      totals,
    ].join('\r\n'),
  );
}

export const maker: Principal = { kind: 'operator', id: 'maker', name: 'Ma', roles: ['finance'] };
export const checker: Principal = {
  kind: 'operator',
  id: 'checker',
  name: 'Che',
  roles: ['approver'],
};

const absent = {
  outcome: 'refused',
  code: 'STATEMENT_NOT_READY',
  message: 'no',
  nextStep: 'ask again',
} as const;

const given = (
  bytes: Uint8Array | undefined,
  otherwise: ChannelAnswer<Uint8Array> = absent,
): ChannelAnswer<Uint8Array> => (bytes === undefined ? otherwise : { outcome: 'ok', value: bytes });

const withoutBill = { ...absent, code: 'NO_STATEMENT_EXIST' } as const;

/** Payments that keep in mind what they were asked to look at again. */
function watchedPayments() {
  const lookedAgain: Parameters<ReconciliationDeps['payments']['lookAgain']>[0][] = [];
  const lookAgain: ReconciliationDeps['payments']['lookAgain'] = async (trade) => {
    lookedAgain.push(trade);
  };
  return { lookedAgain, lookAgain };
}

/**
 * The module on a real database over a bank and an acquirer of the test's own. The clock begins
 * at noon of the 20th.
 */
export async function createWorld(options: { contracts?: readonly Contract[] } = {}) {
  const platform = await createTestPlatform(custodyErrors, accessErrors, reconciliationErrors);
  const { database, clock } = platform;
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-escrow', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
  const statements = new Map<string, Uint8Array>();
  const bills = new Map<string, Uint8Array>();
  const unused = async (): Promise<never> => {
    throw new Error('not a part of these tests');
  };
  const channels = {
    bank: {
      openVirtualAccount: unused,
      closeVirtualAccount: unused,
      virtualAccount: unused,
      balance: unused,
      pay: unused,
      paymentStatus: unused,
      statement: async ({ date }: { date: Temporal.PlainDate }) => given(statements.get(`${date}`)),
    },
    acquirer: {
      prepay: unused,
      query: unused,
      close: unused,
      refund: unused,
      queryRefund: unused,
      bill: async ({ date }: { date: Temporal.PlainDate }) =>
        given(bills.get(`${date}`), withoutBill),
    },
    contracts: async () => options.contracts ?? [],
  };
  const sealer = createSealer(Buffer.alloc(32, 7));
  const ground = { ...platform, channels, sealer };
  const custody = createCustodyService(ground);
  const seeded = await custody.seedAccounts([account]);
  if (!seeded.ok) throw new Error(seeded.error.code);
  const ledger = createSubmitter({ database, clock });
  const payments = watchedPayments();
  const deps = { ...ground, custody, payments };

  /** The bank tells of an entry when it books it. */
  async function notice(line: Line): Promise<void> {
    const on = bankDate(clock.now());
    const { reference: bankReference, endToEndId } = line;
    const entry: BankEntry = {
      bankReference,
      ...(endToEndId === undefined ? {} : { endToEndId }),
      amount: line.amount < 0n ? -line.amount : line.amount,
      currency: 'CNY',
      direction: line.amount < 0n ? 'debit' : 'credit',
      bookedOn: on,
      valueOn: on,
    };
    const recorded = await custody.recordEntries(account.id, 'notification', [entry]);
    if (!recorded.ok) throw new Error(recorded.error.code);
  }

  return {
    ...platform,
    deps,
    custody,
    statements,
    bills,
    notice,
    lookedAgain: payments.lookedAgain,
    service: createReconciliationService(deps),
    post: async (request: JournalRequest) => {
      const posted = await ledger.submit(request);
      if (!posted.ok) throw new Error(posted.error.code);
    },
    posted: async (code: 1003 | 1101 | 2301 | 5003, owner: string) => {
      const [row] = await readAccounts(database, [accountId({ book, code, owner })]);
      return row ? balanceOf(row).posted : 0n;
    },
    close: async () => {
      await ledger.close();
      await platform.close();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export const day = Temporal.PlainDate.from('2026-11-20');

/** The value of a result that a test expects to be fine. */
export function fine<T>(result: Result<T, { readonly code: string }>): T {
  if (!result.ok) throw new Error(result.error.code);
  return ok(result.value).value;
}
