import { randomUUID } from 'node:crypto';
import type { WorldClock } from '../core/clock.ts';
import { wireTime } from '../core/clock.ts';
import type { Deliver } from '../core/deliver.ts';
import type { Fault, Faults } from '../core/faults.ts';
import { orderAnswer, refundNotice } from './answers.ts';
import type { Merchant } from './merchants.ts';
import type { Order } from './orders-store.ts';
import type { Refund } from './refunds-store.ts';
import { encryptResource, type PlatformSigner, signatureHeaders } from './wire.ts';

const channel = 'acquirer';

/** A notification that a fault wants to arrive before the answer of the call that caused it. */
export interface Sent {
  /** Resolves when the early notification was answered; at once when it is not early. */
  beforeAnswer(): Promise<void>;
}

export interface Notifications {
  /**
   * The order was paid. Called in the transaction that made it so. `early` makes it arrive before
   * the answer whatever faults are waiting.
   */
  paid(merchant: Merchant, order: Order, early: boolean): Sent;
  /** The refund came to SUCCESS, ABNORMAL or CLOSED. */
  refunded(merchant: Merchant, order: Order, refund: Refund): Sent;
}

const summaries: Record<string, string> = {
  'TRANSACTION.SUCCESS': '支付成功',
  'REFUND.SUCCESS': '退款成功',
  'REFUND.ABNORMAL': '退款异常',
  'REFUND.CLOSED': '退款关闭',
};

function declareFaults(faults: Faults): void {
  faults.declare('acquirer.notify', {
    drop: {},
    delay: { delay_ms: 5_000 },
    duplicate: {},
    early: {},
    bad_signature: {},
    out_of_order: { delay_ms: 15_000 },
  });
}

interface NotificationDeps {
  clock: WorldClock;
  faults: Faults;
  deliver: Deliver;
  signer: PlatformSigner;
}

interface Notice {
  merchant: Merchant;
  url: string;
  eventType: string;
  /** What it is about, by which deliveries are told apart. */
  context: Record<string, string>;
  original: 'transaction' | 'refund';
  content: unknown;
  fault: Fault | undefined;
}

const notSent: Sent = { beforeAnswer: async () => {} };

function send({ clock, deliver }: NotificationDeps, notice: Notice): Sent {
  const { merchant, url, eventType, context, original, content, fault } = notice;
  if (fault?.kind === 'drop') return notSent;
  const resource = encryptResource(merchant.apiV3Key, JSON.stringify(content), original);
  const body = JSON.stringify({
    id: randomUUID(),
    create_time: wireTime(clock.nowMs()),
    resource_type: 'encrypt-resource',
    event_type: eventType,
    summary: summaries[eventType],
    resource: { original_type: original, ...resource },
  });
  const isHeld = fault?.kind === 'delay' || fault?.kind === 'out_of_order';
  const id = deliver.send(
    { channel, url, body, context },
    {
      delayMs: isHeld ? (fault.delay_ms ?? 0) : 0,
      duplicate: fault?.kind === 'duplicate',
      badSignature: fault?.kind === 'bad_signature',
    },
  );
  return fault?.kind === 'early' ? { beforeAnswer: () => deliver.attemptNow(id) } : notSent;
}

export function createNotifications(deps: NotificationDeps): Notifications {
  const { clock, faults, deliver, signer } = deps;
  declareFaults(faults);
  deliver.signer(channel, (message, badSignature) => ({
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'Mozilla/4.0',
    ...signatureHeaders(signer, message.body, Math.floor(clock.nowMs() / 1_000), badSignature),
  }));
  return {
    paid: (merchant, order, early) => {
      const eventType = 'TRANSACTION.SUCCESS';
      const context = { mchid: order.mchid, out_trade_no: order.outTradeNo, event_type: eventType };
      return send(deps, {
        ...{ merchant, url: order.notifyUrl, eventType, context, original: 'transaction' },
        content: orderAnswer(order, clock.nowMs()),
        fault: early ? { kind: 'early' } : faults.take('acquirer.notify', context),
      });
    },
    refunded: (merchant, order, refund) => {
      const eventType = `REFUND.${refund.status}`;
      const { notifyUrl: url, outRefundNo, outTradeNo, mchid } = refund;
      if (url === undefined) return notSent;
      const names = { mchid, out_trade_no: outTradeNo, out_refund_no: outRefundNo };
      const context = { ...names, event_type: eventType };
      return send(deps, {
        ...{ merchant, url, eventType, context, original: 'refund' },
        content: refundNotice(refund, order.bankType),
        fault: faults.take('acquirer.notify', context),
      });
    },
  };
}
