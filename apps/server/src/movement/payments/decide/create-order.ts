import { assert, encodeId, type Money, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec } from '@keyturn/ledger';
import { refuse } from '../errors.ts';
import type { Method, Order } from '../tables.ts';
import { serialNumber } from './refund-request.ts';

/** What an order is made from. Contract and custody account belong to the destination's book. */
export interface OrderRequest {
  /** Who asks: the integrator's uuid, or the module that makes it for itself. */
  readonly integratorId: string;
  readonly purpose: string;
  /** What the payer reads first, at most 127 characters. */
  readonly subject: string;
  readonly description?: string;
  /** The same for payers who read English. */
  readonly english?: { readonly subject: string; readonly description?: string };
  readonly amount: Money;
  readonly destination: AccountSpec;
  readonly reference?: { readonly kind: string; readonly id: string };
  readonly methods: readonly Method[];
  /** The acquirer contract, when an acquirer method is allowed. */
  readonly contractId?: string;
  /** The custody account, when bank transfers are allowed. */
  readonly custodyAccountId?: string;
  readonly payerId?: string;
  /** From one minute to 90 days from now; two hours when not said. */
  readonly expiresAt?: Temporal.Instant;
  /** What becomes of money that arrives after the close; `settle` when not said. */
  readonly lateSuccess?: 'settle' | 'refund';
}

const defaultLife = { hours: 2 } as const;
const minimumLifeMs = 60_000;
const maximumLifeMs = 90 * 24 * 3_600_000;

/** A new order. Refuses what could never be paid or booked. */
export function decideCreateOrder(
  request: OrderRequest,
  id: string,
  now: Temporal.Instant,
): Result<Order, Refusal> {
  const expiresAt = request.expiresAt ?? now.add(defaultLife);
  const life = expiresAt.epochMilliseconds - now.epochMilliseconds;
  if (life < minimumLifeMs || life > maximumLifeMs) {
    const values = { expires_at: expiresAt.toString() };
    return refuse('order_expiry_invalid', { param: 'expires_at', values });
  }
  const { book } = request.destination;
  if (!book.endsWith(`/${request.amount.currency}`)) {
    const values = { currency: request.amount.currency, book };
    return refuse('order_currency_mismatch', { param: 'amount.currency', values });
  }
  const method = unavailableMethod(request);
  if (method !== undefined) {
    const problem = 'there is no contract or account for it in the book of the destination';
    return refuse('order_method_unavailable', { param: 'methods', values: { method, problem } });
  }
  assert(request.amount.amount > 0n, 'the edge takes positive amounts only');
  return ok(orderRow(request, id, expiresAt, now));
}

function unavailableMethod(request: OrderRequest): Method | undefined {
  return request.methods.find((method) =>
    method === 'bank_transfer'
      ? request.custodyAccountId === undefined
      : request.contractId === undefined,
  );
}

function orderRow(
  request: OrderRequest,
  id: string,
  expiresAt: Temporal.Instant,
  now: Temporal.Instant,
): Order {
  return {
    id,
    number: serialNumber(id),
    integratorId: request.integratorId,
    purpose: request.purpose,
    subject: request.subject,
    description: request.description ?? '',
    subjectEn: request.english?.subject ?? null,
    descriptionEn: request.english?.description ?? null,
    amountMinor: request.amount.amount,
    currency: request.amount.currency,
    paidMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    state: 'requires_payment',
    closing: null,
    lateSuccess: request.lateSuccess ?? 'settle',
    destinationBook: request.destination.book,
    destinationCode: request.destination.code,
    destinationOwner: request.destination.owner,
    referenceKind: request.reference?.kind ?? null,
    referenceId: request.reference?.id ?? null,
    methods: [...new Set(request.methods)],
    contractId: request.contractId ?? null,
    custodyAccountId: request.custodyAccountId ?? null,
    payerId: request.payerId ?? null,
    expiresAt,
    dueAt: expiresAt,
    attempts: 0,
    events: 0n,
    createdAt: now,
    finalAt: null,
  };
}

/** An order's id as people see it. */
export function orderName(order: Order): string {
  return encodeId('ord', order.id);
}
