import { expect, test } from 'vitest';
import type { Attempt, Cashier } from './cashier.ts';
import { attemptBy, isOver, methodsFor, phaseOf } from './phase.ts';

const cny = (amount: bigint) => ({ amount, currency: 'CNY' });

function attempt(change: Partial<Attempt> = {}): Attempt {
  return {
    id: 'att_1',
    method: 'wechat_native',
    amount: cny(1000n),
    state: 'pending',
    code_url: 'weixin://wxpay/bizpayurl?pr=x',
    created_at: '2026-11-20T02:00:00Z',
    ...change,
  };
}

function cashier(change: Partial<Cashier> = {}): Cashier {
  return {
    number: 'N1',
    subject: '定金',
    description: '',
    amount: cny(1000n),
    paid: cny(0n),
    remaining: cny(1000n),
    refunded: cny(0n),
    state: 'requires_action',
    closing: false,
    methods: ['wechat_native', 'bank_transfer'],
    attempts: [],
    transfers: [],
    expires_at: '2026-11-20T03:00:00Z',
    ...change,
  };
}

const transfer = {
  state: 'open',
  account_number: '6217000012345678',
  holder_name: 'Keyturn',
  bank_name: 'Bank',
  bank_code: '102100099996',
  amount: cny(1000n),
};

test.each([
  ['created', 'preparing'],
  ['submitted', 'preparing'],
  ['pending', 'code'],
  ['unknown', 'processing'],
  ['closing', 'processing'],
  ['failed', 'choose'],
  ['closed', 'choose'],
])('an order whose only attempt is %s shows %s', (state, kind) => {
  expect(phaseOf(cashier({ attempts: [attempt({ state })] }), undefined).kind).toBe(kind);
});

test('what happened to the last attempt is told when a method is chosen again', () => {
  const failed = cashier({ attempts: [attempt({ state: 'failed' })] });
  expect(phaseOf(failed, undefined)).toEqual({ kind: 'choose', after: 'failed' });
  expect(phaseOf(cashier(), undefined)).toEqual({ kind: 'choose', after: 'nothing' });
});

test('an end is shown whatever the attempts say and the payer wishes', () => {
  const attempts = [attempt(), attempt({ state: 'unknown' })];
  for (const state of ['succeeded', 'expired', 'canceled']) {
    const paid = state === 'succeeded' ? cny(1000n) : cny(0n);
    const phase = phaseOf(cashier({ state, attempts, paid }), 'choose');
    expect(phase.kind).toBe(state === 'succeeded' ? 'paid' : state);
    expect(isOver(cashier({ state }))).toBe(true);
  }
  const back = cashier({ state: 'succeeded', paid: cny(1000n), refunded: cny(1000n) });
  expect(phaseOf(back, undefined).kind).toBe('refunded');
});

test('nobody can pay while the order is being closed', () => {
  const closing = cashier({ closing: true, attempts: [attempt({ state: 'closing' })] });
  expect(phaseOf(closing, 'choose').kind).toBe('closing');
});

test('the payer may go between a code and a transfer', () => {
  const bank = attempt({
    id: 'att_2',
    method: 'bank_transfer',
    code_url: undefined,
    bank_transfer: transfer,
    created_at: '2026-11-20T02:05:00Z',
  });
  const both = cashier({ attempts: [attempt(), bank] });
  expect(phaseOf(both, undefined).kind).toBe('bank');
  expect(phaseOf(both, 'wechat_native').kind).toBe('code');
  expect(phaseOf(both, 'choose').kind).toBe('choose');
  expect(attemptBy(both, 'bank_transfer')?.id).toBe('att_2');
  expect(attemptBy(both, 'wechat_h5')).toBeUndefined();
});

test('a phone is offered WeChat itself first, a computer a code', () => {
  expect(methodsFor(['bank_transfer', 'wechat_native', 'wechat_h5'], true)).toEqual([
    'wechat_h5',
    'wechat_native',
    'bank_transfer',
  ]);
  expect(methodsFor(['bank_transfer', 'wechat_native', 'wechat_h5'], false)).toEqual([
    'wechat_native',
    'bank_transfer',
  ]);
  expect(methodsFor(['wechat_h5'], false)).toEqual(['wechat_h5']);
});
