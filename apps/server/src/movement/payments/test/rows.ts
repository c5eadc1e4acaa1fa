import type { Aggregate } from '../decide/change.ts';
import type { Attempt, Order } from '../tables.ts';

/** Rows for tests of decisions: an order of 100.00 yuan and an attempt of the whole of it. */

export const now = Temporal.Instant.from('2026-11-20T02:00:00Z');

export function orderRow(change: Partial<Order> = {}): Order {
  return {
    id: '01990000-0000-7000-8000-000000000001',
    number: '01990000000000000000000001',
    integratorId: 'integrator',
    purpose: 'test',
    subject: 'Deposit',
    subjectEn: null,
    descriptionEn: null,
    description: '',
    amountMinor: 10_000n,
    currency: 'CNY',
    paidMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    state: 'requires_payment',
    closing: null,
    lateSuccess: 'settle',
    destinationBook: 'kt-escrow/escrow/CNY',
    destinationCode: 2101,
    destinationOwner: 'item',
    referenceKind: 'deal_item',
    referenceId: 'item',
    methods: ['wechat_native', 'wechat_h5', 'bank_transfer'],
    contractId: 'wx',
    custodyAccountId: 'escrow-main',
    payerId: null,
    expiresAt: now.add({ hours: 2 }),
    dueAt: now.add({ hours: 2 }),
    attempts: 0,
    events: 0n,
    createdAt: now,
    finalAt: null,
    ...change,
  };
}

export function attemptRow(change: Partial<Attempt> = {}): Attempt {
  return {
    id: '01990000-0000-7000-8000-00000000000a',
    number: '0199000000000000000000000a',
    orderId: '01990000-0000-7000-8000-000000000001',
    method: 'wechat_native',
    contractId: 'wx',
    feeBps: 60,
    amountMinor: 10_000n,
    state: 'pending',
    payerIp: null,
    codeUrl: 'weixin://x',
    h5Url: null,
    channelNumber: null,
    feeMinor: 0n,
    feeReturnedMinor: 0n,
    paidAt: null,
    paidOn: null,
    placedMinor: 0n,
    suspenseMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    queries: 0,
    submissions: 1,
    submittedAt: now,
    firstNotFoundAt: null,
    proof: null,
    contradiction: null,
    dueAt: now.add({ seconds: 30 }),
    createdAt: now,
    finalAt: null,
    ...change,
  };
}

export function aggregateOf(
  order: Partial<Order> = {},
  ...attempts: readonly Partial<Attempt>[]
): Aggregate {
  return {
    order: orderRow({ attempts: attempts.length, ...order }),
    attempts: attempts.map((attempt, index) =>
      attemptRow({ id: `01990000-0000-7000-8000-0000000000a${index}`, ...attempt }),
    ),
  };
}
