import type { Answer } from '../../../src/main/demo/client.ts';
import {
  type Action,
  anyAmount,
  anyPart,
  cny,
  type KnownOrder,
  type Stage,
  said,
} from '../stage.ts';

type OnOrder = (stage: Stage, order: KnownOrder) => Promise<string | undefined>;

/** Something about one of the orders; the younger ones more often. */
function onOrder(name: string, weight: number, act: OnOrder): Action {
  return {
    name,
    weight,
    act: async (stage) => {
      const { orders } = stage.known;
      const order = stage.random.pick(stage.random.chance(0.75) ? orders.slice(-6) : orders);
      const done = order && (await act(stage, order));
      return done === undefined ? undefined : `${order?.name}: ${done}`;
    },
  };
}

/** An order for a merchant or a wallet, that no deal knows of. */
async function createOrder(stage: Stage): Promise<string | undefined> {
  const { random, known, world } = stage;
  const forMerchant = random.chance(0.6);
  const owner = random.pick(forMerchant ? known.merchants : known.persons);
  if (!owner) return undefined;
  const methods = ['wechat_native', 'wechat_h5', 'bank_transfer'].filter(() => random.chance(0.7));
  const hours = random.integer(1, 40);
  const body = {
    amount: cny(anyAmount(stage)),
    purpose: forMerchant ? 'service' : 'top_up',
    subject: '服务费',
    destination: forMerchant ? { merchant_id: owner.id } : { person_id: owner.id },
    methods: methods.length === 0 ? ['wechat_native'] : methods,
    ...(random.chance(0.5)
      ? { expires_at: world.now().add({ hours }).toInstant().toString() }
      : {}),
    ...(random.chance(0.5) ? { late_success: random.oneOf(['settle', 'refund']) } : {}),
    ...(random.chance(0.1)
      ? { reference: { kind: random.oneOf(['contract', 'deal_item']), id: 'C-1' } }
      : {}),
  };
  const reply = await stage.call(world.people.shop, 'create order', '/v1/orders', body);
  if (reply.status >= 400) return said(reply);
  const name = `order ${known.orders.length + 1}`;
  known.orders.push({ id: reply.body.id, name, methods: body.methods });
  return `${name} of ${body.amount.amount} for ${owner.name}`;
}

async function planSplit(stage: Stage, order: KnownOrder): Promise<string | undefined> {
  const { random, known, world } = stage;
  const receivers = known.merchants
    .filter(() => random.chance(0.5))
    .map(({ id }) => ({ merchant_id: id, weight: random.integer(1, 9) }));
  const fee = { product: 'service', bps: random.integer(0, 500), vat_bps: 600 };
  const body = { order_id: order.id, receivers, ...(random.chance(0.5) ? { fee } : {}) };
  return said(await stage.call(world.people.shop, 'plan split', '/v1/splits', body));
}

async function begin(stage: Stage, order: KnownOrder): Promise<string | undefined> {
  const { random, world } = stage;
  const method = random.pick(order.methods) ?? 'wechat_native';
  const body = { method, ...(method === 'wechat_h5' ? { payer_ip: '203.0.113.7' } : {}) };
  if (random.chance(0.2)) {
    const path = `/v1/orders/${order.id}/cashier-sessions`;
    const session = await stage.call(world.people.shop, 'cashier', path);
    if (session.status >= 400) return said(session);
    const at = `/v1/cashier/${session.body.token}/attempts`;
    return `${method} ${said(await stage.call(world.people.payer, 'attempt', at, { method }))}`;
  }
  const path = `/v1/orders/${order.id}/attempts`;
  return `${method} ${said(await stage.call(world.people.shop, 'attempt', path, body))}`;
}

/** What the shop sees of an order, its newest attempt first. */
async function seen(stage: Stage, order: KnownOrder): Promise<Answer> {
  return (await stage.world.people.shop.get(`/v1/orders/${order.id}`)).body;
}

/** The payer pays one of the codes that were ever shown, or the first account number. */
async function pay(stage: Stage, order: KnownOrder): Promise<string | undefined> {
  const { random, world } = stage;
  const { attempts, amount, paid } = await seen(stage, order);
  const payable = attempts.filter((one: Answer) => one.code_url ?? one.h5_url ?? one.bank_transfer);
  const attempt = random.pick<Answer>(payable);
  if (attempt === undefined) return undefined;
  const { bank_transfer: transfer } = attempt;
  if (transfer === undefined) {
    const ref = encodeURIComponent(attempt.code_url ?? attempt.h5_url);
    const what = random.chance(0.06) ? random.oneOf(['decline', 'walk-away']) : 'pay';
    const { status } = await world.outside.post(`/payer/${ref}/${what}`, {});
    return `${attempt.method} ${what} ${status}`;
  }
  if (transfer.account_number === undefined) return undefined;
  const missing = Math.max(amount.amount - paid.amount, 1);
  return transferTo(stage, transfer.account_number, anyPart(stage, missing), '房款');
}

export async function transferTo(
  { random, world }: Stage,
  account: string,
  amount: number,
  remittance: string,
): Promise<string> {
  const { status, body } = await world.outside.post('/bank/transfers', {
    to_account: account,
    amount,
    debtor_name: '王小明',
    debtor_account: '6222020200112233445',
    remittance,
    end_to_end_id: `SIM${random.integer(1, 1_000_000_000)}`,
  });
  return `transfer of ${amount} "${remittance}" ${status} ${body?.error ?? ''}`.trim();
}

/** A transfer to a master account, with a text that helps nobody or lies. */
async function strangeTransfer(stage: Stage): Promise<string | undefined> {
  const account = stage.random.pick(await stage.list('/v1/custody-accounts'));
  const day = stage.world.now().toPlainDate().toString().replaceAll('-', '');
  const texts = ['购房款', 'TOPUP', `TOPUP ${day} reserve-main`, `WXSETTLE 1900000301 ${day}`, '?'];
  const text = stage.random.chance(0.8) ? '购房款' : stage.random.pick(texts);
  const done = await transferTo(stage, account.number, anyAmount(stage), text ?? '');
  return `${account.id}: ${done}`;
}

async function cancelOrder(stage: Stage, order: KnownOrder): Promise<string | undefined> {
  const { random, world } = stage;
  const late = random.pick([undefined, 'settle', 'refund']);
  const body = late === undefined ? {} : { late_success: late };
  const path = `/v1/orders/${order.id}/cancel`;
  return said(await stage.call(world.people.shop, 'cancel order', path, body));
}

async function refund(stage: Stage, order: KnownOrder): Promise<string | undefined> {
  const { random, world } = stage;
  const { paid } = await seen(stage, order);
  const body = { amount: cny(anyPart(stage, paid.amount)), reason: '多付退回' };
  const person = random.oneOf([world.people.shop, world.people.finance]);
  const path = `/v1/orders/${order.id}/refunds`;
  return `${body.amount.amount} ${said(await stage.call(person, 'refund', path, body))}`;
}

async function decideRefund(stage: Stage): Promise<string | undefined> {
  const { random, world } = stage;
  const state = random.oneOf(['requested', 'requested', 'failed']);
  const one = random.pick(await stage.list(`/v1/refunds?state=${state}&limit=100`));
  if (!one) return undefined;
  const path = `/v1/refunds/${one.id}`;
  if (state === 'failed') {
    return `retry ${said(await stage.call(world.people.finance, 'retry', `${path}/retry`))}`;
  }
  const what = random.chance(0.2) ? 'reject' : 'approve';
  return `${what} ${said(await stage.call(world.people.approver, what, `${path}/${what}`))}`;
}

async function assignReceipt(stage: Stage): Promise<string | undefined> {
  const { random, known, world } = stage;
  const receipt = random.pick(await stage.list('/v1/receipts?state=booked&limit=100'));
  const order = random.pick(known.orders.slice(-20));
  if (!receipt || !order) return undefined;
  const path = `/v1/receipts/${receipt.id}/assign`;
  const reply = await stage.call(world.people.finance, 'assign', path, { order_id: order.id });
  return `${receipt.amount.amount} to ${order.name} ${said(reply)}`;
}

/** A payer who got a code before pays it now, whatever has become of the order. */
async function payOld(stage: Stage): Promise<string | undefined> {
  const order = stage.random.pick(stage.known.orders);
  return order && `${order.name}: ${await pay(stage, order)}`;
}

export const orderActions: readonly Action[] = [
  { name: 'create order', weight: 5, act: createOrder },
  onOrder('plan split', 2, planSplit),
  onOrder('begin', 10, begin),
  onOrder('pay', 16, pay),
  { name: 'pay old', weight: 3, act: payOld },
  { name: 'strange transfer', weight: 2, act: strangeTransfer },
  onOrder('cancel order', 2, cancelOrder),
  onOrder('refund', 4, refund),
  { name: 'decide refund', weight: 4, act: decideRefund },
  { name: 'assign receipt', weight: 3, act: assignReceipt },
];
