import type { Answer } from '../../../src/main/demo/client.ts';
import { type Action, type KnownDeal, type Stage, said } from '../stage.ts';
import { openDeal } from './deals.ts';
import { transferTo } from './orders.ts';

const over = new Set(['released', 'refunded', 'partly_refunded', 'canceled']);

/** What somebody does who wants a deal to come to its end: the next thing that it waits for. */
async function proceed(stage: Stage): Promise<string | undefined> {
  const { known, random } = stage;
  const deal = random.pick(known.deals.slice(-5));
  if (!deal || (known.deals.length < 3 && random.chance(0.3))) return openDeal(stage);
  const { body } = await stage.world.people.shop.get(`/v1/deals/${deal.id}`);
  if (over.has(body.state)) return random.chance(0.3) ? openDeal(stage) : undefined;
  const done = await next(stage, deal, body);
  return done === undefined ? undefined : `${deal.name} (${body.state}): ${done}`;
}

async function next(stage: Stage, deal: KnownDeal, view: Answer): Promise<string | undefined> {
  const { shop, approver } = stage.world.people;
  const path = `/v1/deals/${deal.id}`;
  switch (view.state) {
    case 'draft':
      return `agree ${said(await stage.call(shop, 'agree', `${path}/agree`))}`;
    case 'cancel_requested': {
      const reply = await stage.call(approver, 'approve cancel', `${path}/cancel/approve`);
      return `approve cancel ${said(reply)}`;
    }
    case 'refunding': {
      const reply = await stage.call(approver, 'continue refund', `${path}/refunds`);
      return `continue refund ${said(reply)}`;
    }
    case 'agreed':
    case 'funding':
      return fund(stage, deal, view);
    case 'funded':
    case 'partially_released':
    case 'releasing':
      return release(stage, deal);
    default:
      return undefined;
  }
}

/** Pays something that is missing: first the order, then an attempt, then the money. */
async function fund(stage: Stage, deal: KnownDeal, view: Answer): Promise<string | undefined> {
  const { random, known, world } = stage;
  const item = random.pick<Answer>(
    view.items.filter((one: Answer) => one.paid.amount < one.amount.amount),
  );
  if (!item) return undefined;
  const order = item.order_id && (await world.people.shop.get(`/v1/orders/${item.order_id}`)).body;
  if (!order || ['succeeded', 'canceled', 'expired'].includes(order.state)) {
    const path = `/v1/deals/${deal.id}/items/${item.key}/order`;
    const reply = await stage.call(world.people.shop, 'order', path);
    if (reply.status >= 400) return `${item.key} ${said(reply)}`;
    const terms = deal.terms.items.find(({ key }) => key === item.key);
    const name = `order ${known.orders.length + 1}`;
    known.orders.push({ id: reply.body.order_id, name, methods: terms?.methods ?? [] });
    return `${item.key} asks for ${name}`;
  }
  return pay(stage, order, item.key);
}

async function pay(stage: Stage, order: Answer, item: string): Promise<string | undefined> {
  const { random, world } = stage;
  const attempt = order.attempts.find((one: Answer) =>
    ['pending', 'unknown', 'submitted'].includes(one.state),
  );
  if (attempt?.bank_transfer?.account_number !== undefined) {
    const missing = order.amount.amount - order.paid.amount;
    const done = await transferTo(stage, attempt.bank_transfer.account_number, missing, '房款');
    return `${item} ${done}`;
  }
  const code = attempt?.code_url ?? attempt?.h5_url;
  if (code !== undefined) {
    const answer = await world.outside.post(`/payer/${encodeURIComponent(code)}/pay`, {});
    return `${item} paid ${answer.status}`;
  }
  const method = random.pick<string>(order.methods);
  const path = `/v1/orders/${order.id}/attempts`;
  const body = { method, ...(method === 'wechat_h5' ? { payer_ip: '203.0.113.7' } : {}) };
  return `${item} ${method} ${said(await stage.call(world.people.shop, 'attempt', path, body))}`;
}

/** Brings the evidence, asks for what the agreement gives, and gets it approved. */
async function release(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  const { random, world } = stage;
  const { shop, finance, approver } = world.people;
  const waiting = await stage.list('/v1/releases?state=pending_approval&limit=100');
  const mine = waiting.find((one) => one.deal_id === deal.id);
  if (mine) {
    const path = `/v1/releases/${mine.id}/approve`;
    return `approve ${mine.key} ${said(await stage.call(approver, 'approve release', path))}`;
  }
  const path = `/v1/deals/${deal.id}`;
  if (random.chance(0.4)) {
    const condition = random.oneOf(deal.terms.conditions);
    const body = { kind: condition.evidence, role: condition.by, reference: 'No. 12345' };
    return `${body.kind} ${said(await stage.call(shop, 'evidence', `${path}/evidence`, body))}`;
  }
  const { key } = random.oneOf(deal.terms.releases);
  return `${key} ${said(await stage.call(finance, 'release', `${path}/releases`, { key }))}`;
}

export const proceedActions: readonly Action[] = [{ name: 'proceed', weight: 130, act: proceed }];
