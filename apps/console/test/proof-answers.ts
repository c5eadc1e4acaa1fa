/**
 * A day whose reserve agrees and whose escrow account does not: one entry that nobody can explain.
 */

const tail = '0000e07s8000000000';
const id = (prefix: string, end: string) => `${prefix}_06fekx${tail}${end}`;

const item = (group: string, kind: string, reference: string, amount: number) => ({
  group,
  kind,
  reference,
  amount,
  explanation: `proof.${kind}`,
});

const reserve = {
  account_id: 'reserve-main',
  entity: 'kt-pay',
  regime: 'reserve',
  book: 'kt-pay/reserve/CNY',
  currency: 'CNY',
  bank: 5_964_000,
  ledger: 5_964_000,
  liabilities: 5_964_000,
  in_transit: 0,
  difference: 0,
  balanced: true,
  items: [
    item('liability', 'clients', '2002', 6_000_000),
    item('liability', 'due_from_book', 'kt-pay/own/CNY', -36_000),
  ],
};

const escrow = {
  ...reserve,
  account_id: 'escrow-main',
  entity: 'kt-escrow',
  regime: 'escrow',
  book: 'kt-escrow/escrow/CNY',
  bank: 329_500_100,
  ledger: 328_000_000,
  liabilities: 328_000_000,
  in_transit: 1_500_000,
  difference: 100,
  balanced: false,
  items: [
    item('liability', 'clients', '2101', 302_000_000),
    item('liability', 'suspense', 'escrow-main', 28_000_000),
    item('liability', 'at_channel', 'wx-escrow', -2_000_000),
    item('in_transit', 'paid_dated_later', 'PO202611190000201', 1_500_000),
    item('unexplained', 'entry_unexplained', 'unknown_entry: ESB2026111900802', 100),
  ],
};

const channel = {
  contract_id: 'wx-escrow',
  entity: 'kt-escrow',
  regime: 'escrow',
  book: 'kt-escrow/escrow/CNY',
  currency: 'CNY',
  bank: 2_000_000,
  ledger: 2_000_000,
  liabilities: 2_000_000,
  in_transit: 0,
  difference: 0,
  balanced: true,
  items: [item('channel', 'payments_unsettled', 'wx-escrow', 2_000_000)],
};

export const unbalancedProof = {
  id: id('prf', 'v1'),
  date: '2026-11-19',
  version: 2,
  balanced: false,
  made_at: '2026-11-19T16:41:10Z',
  accounts: [escrow, reserve],
  channels: [channel],
  totals: {
    ledger: 333_964_000,
    bank: 335_464_100,
    liabilities: 333_964_000,
    in_transit: 1_500_000,
    difference: 100,
  },
};

export const balancedProof = {
  ...unbalancedProof,
  id: id('prf', 'v2'),
  date: '2026-11-18',
  version: 1,
  balanced: true,
  accounts: [reserve],
  totals: {
    ledger: 5_964_000,
    bank: 5_964_000,
    liabilities: 5_964_000,
    in_transit: 0,
    difference: 0,
  },
};

export const exception = {
  id: id('exc', 'x1'),
  kind: 'unknown_entry',
  state: 'open',
  account_id: 'escrow-main',
  book: 'kt-escrow/escrow/CNY',
  day: '2026-11-19',
  subject: 'ESB2026111900802',
  amount: 100,
  currency: 'CNY',
  deadline: '2026-11-20T16:00:00Z',
  overdue: false,
  evidence: {
    bank_reference: 'ESB2026111900802',
    end_to_end_id: null,
    differs: ['unknown'],
    amount_minor: 100,
    counterpart: { kind: 'none' },
  },
  opened_at: '2026-11-19T16:41:09Z',
  steps: [
    {
      state: 'open',
      by: { kind: 'platform', id: 'system:reconciliation', name: 'system:reconciliation' },
      at: '2026-11-19T16:41:09Z',
      detail: {},
    },
  ],
};

export const lateException = {
  ...exception,
  id: id('exc', 'x2'),
  kind: 'channel_difference',
  state: 'assigned',
  account_id: undefined,
  contract_id: 'wx-escrow',
  subject: 'wx-escrow 2026-11-17',
  amount: -36_000,
  owner: { kind: 'operator', id: id('opr', 'a1'), name: '王敏' },
  deadline: '2026-11-19T16:00:00Z',
  overdue: true,
};

const file = {
  id: id('stm', 'w1'),
  file: 'escrow-main-2026-11-19.xml',
  sha256: 'd2f6c1b8a90e4c7f88b1f0e6a5c4d3b2a1908f7e6d5c4b3a291807f6e5d4c3b2',
  outcome: 'imported',
  imported: true,
  reported: false,
  refused: false,
  format: 'camt.053.001.08',
  statements: 1,
  entries: 48,
  opening: 300_000_000,
  closing: 328_000_100,
  currency: 'CNY',
  accounts: [{ number: '6222 **** 8800', account_id: 'escrow-main' }],
  findings: [],
  findings_count: 0,
  repeated: false,
  imported_at: '2026-11-19T16:40:30Z',
};

export const faultyFile = {
  ...file,
  id: id('stm', 'w2'),
  file: 'unknown-bank.sta',
  outcome: 'reported',
  imported: false,
  reported: true,
  format: 'MT940',
  accounts: [{ number: '1100 **** 0042' }],
  findings: [
    {
      code: 'closing_balance_differs',
      sentence: 'The closing balance is 12,000.00 and should be 12,000.10 by its entries.',
      path: ':62F:',
      line: 18,
    },
  ],
  findings_count: 1,
};

export const proofAnswers: Readonly<Record<string, unknown>> = {
  '/v1/reconciliation-health': {
    status: 'degraded',
    detail: '1 exception overdue',
    statements: [{ account_id: 'escrow-main', last_day: '2026-11-19', missing: false }],
    bills: [{ contract_id: 'wx-reserve', missing: true }],
    open_exceptions: 2,
    overdue_exceptions: 1,
  },
  '/v1/proofs': { items: [unbalancedProof] },
  '/v1/proofs/2026-11-19': unbalancedProof,
  '/v1/proofs/2026-11-18': balancedProof,
  '/v1/exceptions': { items: [lateException, exception] },
  [`/v1/exceptions/${exception.id}`]: exception,
  [`/v1/exceptions/${lateException.id}`]: lateException,
  '/v1/statement-files': { items: [file, faultyFile] },
};
