import type { AcquirerState, RefundState } from '../types.ts';

/** Trade states of WeChat Pay APIv3 ("query an order", field trade_state). */
const tradeStates: Readonly<Record<string, AcquirerState['state']>> = {
  SUCCESS: 'succeeded',
  // Paid, and refunded since: the payment itself stays succeeded.
  REFUND: 'succeeded',
  NOTPAY: 'unpaid',
  CLOSED: 'closed',
  REVOKED: 'closed',
  USERPAYING: 'paying',
  PAYERROR: 'failed',
};

/** Refund states ("query a refund", field status; the notification's refund_status). */
const refundStates: Readonly<Record<string, RefundState['state']>> = {
  PROCESSING: 'processing',
  SUCCESS: 'succeeded',
  CLOSED: 'closed',
  ABNORMAL: 'abnormal',
};

/** Undefined for a state that the documentation does not name: it stays unknown. */
export function tradeStateOf(state: string): AcquirerState['state'] | undefined {
  return Object.hasOwn(tradeStates, state) ? tradeStates[state] : undefined;
}

export function refundStateOf(state: string): RefundState['state'] | undefined {
  return Object.hasOwn(refundStates, state) ? refundStates[state] : undefined;
}
