/** Answers of `GET /v1/cashier/{token}`, one for each state that a payer can meet. */

const cny = (amount: number) => ({ amount, currency: 'CNY' });

export const serverTime = '2026-11-20T02:00:00Z';

type Attempt = Record<string, unknown>;

function attempt(change: Attempt): Attempt {
  return {
    id: 'att_06c8q2v1m40000000000000000',
    number: '2026112002000000100001',
    method: 'wechat_native',
    amount: cny(5_000_000),
    state: 'pending',
    created_at: '2026-11-20T01:58:00Z',
    ...change,
  };
}

export const codeUrl = 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz2Yw9cTq';
export const accountNumber = '6228480402564890018';

const code = attempt({ code_url: codeUrl });
const phone = attempt({ method: 'wechat_h5', h5_url: 'https://pay.example.com/h5/p4lpSuKzz2' });

function transfer(change: Record<string, unknown> = {}): Attempt {
  return attempt({
    method: 'bank_transfer',
    bank_transfer: {
      state: 'open',
      account_number: accountNumber,
      holder_name: '开钥存管（上海）有限公司',
      bank_name: '华东商业银行上海分行营业部',
      bank_code: '325290000012',
      amount: cny(5_000_000),
      ...change,
    },
  });
}

function order(change: Record<string, unknown> = {}) {
  return {
    number: '2026112000420017',
    subject: '望京花园 3 号楼 1202 室 · 定金',
    description: '房屋买卖定金，签约后存管至过户',
    amount: cny(5_000_000),
    paid: cny(0),
    remaining: cny(5_000_000),
    refunded: cny(0),
    state: 'requires_payment',
    closing: false,
    methods: ['wechat_native', 'wechat_h5', 'bank_transfer'],
    attempts: [] as Attempt[],
    expires_at: '2026-11-20T02:29:59Z',
    server_time: serverTime,
    ...change,
  };
}

const paidPart = {
  state: 'partially_funded',
  paid: cny(2_000_000),
  remaining: cny(3_000_000),
  attempts: [transfer({ amount: cny(3_000_000) })],
};

const paid = {
  state: 'succeeded',
  paid: cny(5_000_000),
  remaining: cny(0),
  attempts: [
    attempt({
      state: 'succeeded',
      paid_at: '2026-11-20T01:59:12Z',
      final_at: '2026-11-20T01:59:13Z',
    }),
  ],
};

/** By the name of the state. */
export const cashierAnswers = {
  choose: order(),
  chooseInTime: order({ expires_at: '2026-11-20T02:03:09Z' }),
  chooseDays: order({ expires_at: '2026-11-23T03:04:05Z', methods: ['bank_transfer'] }),
  failed: order({ attempts: [attempt({ state: 'failed', final_at: '2026-11-20T01:59:00Z' })] }),
  closedAttempt: order({ attempts: [attempt({ state: 'closed' })] }),
  preparing: order({ state: 'processing', attempts: [attempt({ state: 'submitted' })] }),
  code: order({ state: 'requires_action', attempts: [code] }),
  phone: order({ state: 'requires_action', attempts: [phone] }),
  opening: order({
    state: 'requires_action',
    attempts: [transfer({ state: 'requested', account_number: undefined })],
  }),
  bank: order({ state: 'requires_action', attempts: [transfer()] }),
  part: order(paidPart),
  unknown: order({ state: 'processing', attempts: [attempt({ state: 'unknown' })] }),
  closing: order({ state: 'processing', closing: true, attempts: [attempt({ state: 'closing' })] }),
  paid: order(paid),
  partlyRefunded: order({ ...paid, refunded: cny(1_000_000) }),
  refunded: order({ ...paid, refunded: cny(5_000_000) }),
  expired: order({ state: 'expired', attempts: [attempt({ state: 'closed' })] }),
  expiredPart: order({ ...paidPart, state: 'expired', attempts: [] }),
  canceled: order({ state: 'canceled', closing: true }),
} as const;

export type CashierAnswer = keyof typeof cashierAnswers;
