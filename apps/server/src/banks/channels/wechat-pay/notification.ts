import { parseExactJson } from '../exact-json.ts';
import type { AcquirerNotification } from '../types.ts';
import { readNotification, readRefundNotice, readTransaction } from './messages.ts';
import { openResource } from './signing.ts';
import { refundOf, transactionOf } from './states.ts';

/** Why a notification cannot be read: the sentence stands in the log and in the answer. */
export class UnreadableNotification extends Error {
  override name = 'UnreadableNotification';
}

/** Their id of a notification, the same at each sending; undefined when the body is none. */
export function notificationIdOf(body: string): string | undefined {
  const message = parseExactJson(body);
  return readNotification.Check(message) ? message.id : undefined;
}

/**
 * Opens a notification that was verified before.
 *
 * @returns undefined for a kind of event that we do nothing about
 * @throws UnreadableNotification when it cannot be opened or is about another merchant
 */
export function readWechatPayNotification(
  body: string,
  context: { readonly contractId: string; readonly mchid: string; readonly apiV3Key: string },
): AcquirerNotification | undefined {
  const message = parseExactJson(body);
  if (!readNotification.Check(message)) throw new UnreadableNotification('it has another form');
  const isPayment = message.event_type.startsWith('TRANSACTION.');
  if (!isPayment && !message.event_type.startsWith('REFUND.')) return undefined;
  const text = openResource(context.apiV3Key, message.resource);
  if (text === undefined) throw new UnreadableNotification('its resource cannot be decrypted');
  const resource = parseExactJson(text);
  const { contractId, mchid } = context;
  const head = { contractId, notificationId: message.id };
  if (isPayment) {
    if (!readTransaction.Check(resource)) throw new UnreadableNotification('it is no payment');
    const number = resource.out_trade_no;
    const state = transactionOf(resource, { mchid, number });
    if (state.outcome !== 'ok') throw new UnreadableNotification(reasonOf(state));
    return { ...head, kind: 'payment', number, state: state.value };
  }
  if (!readRefundNotice.Check(resource)) throw new UnreadableNotification('it is no refund');
  if (resource.mchid !== mchid) throw new UnreadableNotification('it is about another merchant');
  const number = resource.out_refund_no;
  const state = refundOf({ ...resource, status: resource.refund_status }, number);
  if (state.outcome !== 'ok') throw new UnreadableNotification(reasonOf(state));
  return { ...head, kind: 'refund', number, state: state.value };
}

function reasonOf(answer: { readonly outcome: string; readonly reason?: string }): string {
  return answer.reason ?? answer.outcome;
}
