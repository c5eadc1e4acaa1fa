import {
  beginPayment,
  convertIntention,
  failDeal,
  openDeal,
  orderReaches,
  payByWechat,
  transferInTwoParts,
} from '../../../../src/main/demo/acts.ts';
import { figures } from '../../../../src/main/demo/agreement.ts';
import type { Cast, Parties } from '../../../../src/main/demo/cast.ts';
import type { Answer } from '../../../../src/main/demo/client.ts';
import { until } from '../../../../src/main/demo/world.ts';

const { intention, deposit, price, commission } = figures;
const items = { intention, deposit, price, commission };

/** From the intention money to the commission; what is missing is the release. */
export async function sell(cast: Cast, parties: Parties): Promise<string> {
  const deal = await openDeal(cast, parties, 'sale', items);
  await payByWechat(cast, deal, 'intention');
  await convertIntention(cast, deal);
  await payByWechat(cast, deal, 'deposit');
  await transferInTwoParts(cast, deal, 'price');
  await payByWechat(cast, deal, 'commission');
  return deal;
}

/** A deal fails; the acquirer refuses to give its deposit back at first. */
export async function fail(cast: Cast, parties: Parties): Promise<string> {
  const { api, approver, finance, run, world } = cast;
  const deal = await openDeal(cast, parties, 'failed', items);
  const order = await payByWechat(cast, deal, 'deposit');
  const paid = (await api.get(`/v1/orders/${order}`)).attempts[0];
  await world.fault({
    point: 'acquirer.refund',
    kind: 'refuse',
    code: 'NOT_ENOUGH',
    match: { out_trade_no: paid.number },
  });
  await failDeal(cast, deal);
  await until('the refused refund is seen by the deal', async () => {
    const money = await finance.get(`/v1/deals/${deal}/money`);
    const legs = money.refunds ?? [];
    return legs.some((leg: Answer) => leg.state === 'failed') ? money : undefined;
  });
  await approver.post(`/v1/deals/${deal}/refunds`, {}, `${run}-continue`);
  return deal;
}

/**
 * A deal that somebody wants to end and then does not; whose money is frozen for a while; and of
 * whose price a transfer is begun and given up.
 */
export async function hesitate(cast: Cast, parties: Parties): Promise<string> {
  const { api, approver, finance, run } = cast;
  const deal = await openDeal(cast, parties, 'hesitation', items);
  await payByWechat(cast, deal, 'deposit');
  const path = `/v1/deals/${deal}`;
  const why = { reason: '贷款迟迟未批', failure: 'no_fault' };
  await finance.post(`${path}/cancel`, why, `${run}-wish`);
  await finance.post(`${path}/cancel/withdraw`, {}, `${run}-withdraw-wish`);
  await finance.post(`${path}/freeze`, { reason: '法院来函' }, `${run}-freeze`);
  await approver.post(`${path}/unfreeze`, {}, `${run}-unfreeze`);
  const { order } = await beginPayment(cast, deal, 'price', 'bank_transfer');
  await api.post(`/v1/orders/${order}/cancel`, {}, `${run}-give-up`);
  await orderReaches(cast, order, 'canceled');
  return deal;
}
