import { dealAnswers } from './deal-answers.ts';
import { proofAnswers } from './proof-answers.ts';

/** Answers of the API in the shapes of its schemas: one small day of Keyturn's. */

const tail = '0000e07s8000000000';
/** An id of the given kind, told apart by two characters. */
export function id(prefix: string, end: string): string {
  return `${prefix}_06fekx${tail}${end}`;
}

export function yuan(fen: number) {
  return { amount: fen, currency: 'CNY' };
}

export const payout = {
  id: id('pyt', 'p1'),
  number: 'PO202611200000017',
  state: 'pending_approval',
  amount: yuan(142_500_000),
  source: { book: 'kt-escrow/escrow/CNY', account_code: 2101, owner: '0199f0a0-77b1-7aaa-8000-1' },
  custody_account_id: 'escrow-main',
  virtual_account: '6222000000018803',
  payee: { kind: 'bank_account', id: id('bac', 'b1'), number: '6217 **** **** 0923' },
  purpose: 'escrow_release',
  remittance: 'D202611200003 price',
  reference: { kind: 'escrow_leg', id: '0199f0a0-77b1-7aaa-8000-000000000002' },
  maker: { kind: 'operator', id: id('opr', 'm1'), name: '李娜' },
  submissions: 0,
  created_at: '2026-11-20T02:11:05Z',
};

export const unknownPayout = {
  ...payout,
  id: id('pyt', 'p2'),
  number: 'PO202611200000018',
  state: 'unknown',
  amount: yuan(3_000_000),
  submissions: 1,
  checker: { kind: 'operator', id: id('opr', 'c1'), name: '赵强' },
  approved_at: '2026-11-20T02:12:05Z',
  submitted_at: '2026-11-20T02:12:06Z',
};

const attempt = {
  id: id('att', 't1'),
  number: 'KT20261120000031',
  method: 'wechat_native',
  amount: yuan(2_000_000),
  state: 'succeeded',
  created_at: '2026-11-20T01:00:00Z',
  paid_at: '2026-11-20T01:01:12Z',
  final_at: '2026-11-20T01:01:12Z',
  order_id: id('ord', 'r1'),
  contract_id: 'wx-escrow',
  channel_number: '4200002026112000010001',
  fee: yuan(12_000),
  refunding: yuan(0),
  refunded: yuan(0),
  in_suspense: yuan(0),
};

export const refund = {
  id: id('rfd', 'f1'),
  number: 'RF20261120000004',
  order_id: id('ord', 'r1'),
  attempt_id: attempt.id,
  amount: yuan(500_000),
  reason: '客户多付',
  cause: 'requested',
  state: 'requested',
  requested_by: { kind: 'integrator', id: id('int', 'n1'), name: '链家' },
  tries: 0,
  created_at: '2026-11-20T03:00:00Z',
};

export const order = {
  id: id('ord', 'r1'),
  number: 'OR202611200000031',
  purpose: 'deposit',
  subject: '定金：静安区武定路 12 号 3-502',
  description: '',
  amount: yuan(2_000_000),
  paid: yuan(2_000_000),
  refunding: yuan(500_000),
  refunded: yuan(0),
  state: 'succeeded',
  late_success: 'refund',
  destination: { book: 'kt-escrow/escrow/CNY', account_code: 2101, owner: id('itm', 'm1') },
  reference: { kind: 'deal_item', id: id('itm', 'm1') },
  methods: ['wechat_native', 'bank_transfer'],
  contract_id: 'wx-escrow',
  expires_at: '2026-11-21T01:00:00Z',
  created_at: '2026-11-20T00:58:00Z',
  final_at: '2026-11-20T01:01:12Z',
  attempts: [
    {
      ...attempt,
      id: id('att', 't0'),
      number: 'KT20261120000030',
      state: 'closed',
      channel_number: undefined,
      paid_at: undefined,
      fee: undefined,
      proof: { kind: 'channel_state', state: 'CLOSED', at: '2026-11-20T00:59:00Z' },
    },
    attempt,
  ],
  refunds: [refund],
  transfers: [],
};

export const receipt = {
  id: id('rcp', 'q1'),
  account_id: 'escrow-main',
  book: 'kt-escrow/escrow/CNY',
  bank_reference: 'ESB2026112000771',
  direction: 'credit',
  kind: 'transfer',
  amount: yuan(28_000_000),
  booked_on: '2026-11-20',
  value_date: '2026-11-20',
  state: 'booked',
  source: 'notification',
  counterparty: '陈** 6228 **** 7741',
  remittance: '武定路房款',
  recorded_at: '2026-11-20T02:30:00Z',
};

const journal = {
  id: '0199f0a0-77b1-7aaa-8000-0000000000aa',
  book: 'kt-escrow/escrow/CNY',
  module: 'payments',
  object: '0199f0a0-77b1-7aaa-8000-0000000000ab',
  command: 'payments.confirm:1',
  effective_at: '2026-11-20T01:01:12Z',
  recorded_at: '2026-11-20T01:01:13Z',
  transfers: [
    {
      leg: 0,
      kind: 'posted',
      amount: yuan(2_000_000),
      debit: { code: 1101, owner: 'wx-escrow', balance_after: yuan(12_000_000) },
      credit: {
        code: 2101,
        owner: '0199f0a0-77b1-7aaa-8000-0000000000ac',
        balance_after: yuan(2_000_000),
      },
    },
  ],
};

const channel = {
  id: 'wx-escrow',
  version: 1,
  adapter: 'wechat_pay_v3',
  book: 'kt-escrow/escrow/CNY',
  settles_to: 'escrow-main',
  fee_bps: 60,
  state: 'enabled',
  effective_from: '2026-11-01T00:00:00Z',
  created_by: 'installation',
  approved_by: 'installation',
  address: 'http://127.0.0.1:7001',
  health: {
    circuit: 'closed',
    consecutive_failures: 0,
    calls_under_way: 1,
    last_success_at: '2026-11-20T03:10:00Z',
  },
};

const message = {
  id: id('msg', 'g1'),
  direction: 'out',
  operation: 'pay.query',
  reference: attempt.number,
  request: 'GET /v3/pay/transactions/out-trade-no/KT20261120000031?mchid=1900000001',
  response: '{"trade_state":"SUCCESS","transaction_id":"4200002026112000010001"}',
  outcome: 'ok',
  duration_ms: 84,
  at: '2026-11-20T01:01:12Z',
};

const operators = ['王敏', '李强', '赵静'].map((name, index) => ({
  id: id('opr', `a${index + 1}`),
  username: ['wang.min', 'li.qiang', 'zhao.jing'][index],
  name,
  roles: [['finance', 'admin'], ['approver'], ['viewer']][index],
  state: 'active',
  created_at: '2026-11-01T00:00:00Z',
}));

const apiKey = {
  id: id('key', 'k1'),
  prefix: 'ktk_06fekx00',
  name: '交易平台',
  integrator: { id: id('int', 'n1'), name: '交易平台' },
  roles: ['writer'],
  state: 'active',
  created_at: '2026-11-01T00:00:00Z',
};

const audit = {
  id: id('aud', 'd1'),
  at: '2026-11-20T02:12:05Z',
  who: { kind: 'operator', id: id('opr', 'a2'), name: '李强' },
  what: 'approvePayout',
  method: 'POST',
  path: `/v1/payouts/${unknownPayout.id}/approve`,
  object: unknownPayout.id,
  address: '10.0.3.17',
  request_id: 'req_5d1f',
  result: { status: 200, at: '2026-11-20T02:12:05Z' },
};

export const answers: Readonly<Record<string, unknown>> = {
  '/v1/payouts': { items: [payout, unknownPayout] },
  [`/v1/payouts/${payout.id}`]: payout,
  [`/v1/payouts/${unknownPayout.id}`]: unknownPayout,
  '/v1/refunds': { items: [refund] },
  '/v1/orders': { items: [order] },
  [`/v1/orders/${order.id}`]: order,
  '/v1/receipts': { items: [receipt] },
  [`/v1/receipts/${receipt.id}`]: receipt,
  '/v1/ledger/journals': { items: [journal] },
  '/v1/ledger/accounts': { items: [] },
  '/v1/channels': {
    items: [
      channel,
      {
        ...channel,
        id: 'bank-escrow',
        adapter: 'escrow_bank_v1',
        fee_bps: 0,
        health: {
          circuit: 'open',
          consecutive_failures: 23,
          calls_under_way: 0,
          last_success_at: '2026-11-20T02:40:00Z',
          last_failure_at: '2026-11-20T03:09:41Z',
        },
      },
    ],
  },
  '/v1/channels/wx-escrow/messages': { items: [message] },
  '/v1/operators': { items: operators },
  '/v1/api-keys': { items: [apiKey] },
  '/v1/audit': { items: [audit] },
  ...dealAnswers,
  ...proofAnswers,
};
