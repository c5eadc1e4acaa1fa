import { type Action, anyAmount, anyPart, cny, type Stage, said } from '../stage.ts';

/** Somebody takes out what is theirs, or tries to. */
async function withdraw(stage: Stage): Promise<string | undefined> {
  const { random, known, world } = stage;
  const merchant = random.chance(0.7);
  const owner = random.pick(merchant ? known.merchants : known.persons);
  const account = random.pick(owner?.accounts ?? []);
  if (!owner || account === undefined) return undefined;
  const amount = merchant ? await available(stage, owner.id) : anyAmount(stage);
  const body = {
    source: merchant ? { merchant_id: owner.id } : { person_id: owner.id },
    bank_account_id: account,
    amount: cny(random.chance(0.8) ? anyPart(stage, Math.max(amount, 1)) : anyAmount(stage)),
    purpose: 'withdrawal',
    remittance: '提现',
  };
  const person = random.oneOf([world.people.finance, world.people.shop]);
  const reply = await stage.call(person, 'withdraw', '/v1/payouts', body);
  return `${owner.name} ${body.amount.amount} ${said(reply)}`;
}

async function available({ world, random }: Stage, merchant: string): Promise<number> {
  const { body } = await world.people.finance.get(`/v1/merchants/${merchant}/balance`);
  const book = random.pick<{ available: { amount: number } }>(body.items ?? []);
  return book?.available.amount ?? 0;
}

/** Money without a home goes back to who sent it. */
async function giveBack(stage: Stage): Promise<string | undefined> {
  const { random, known, world } = stage;
  const receipt = random.pick(await stage.list('/v1/receipts?state=booked&limit=100'));
  const account = random.pick(random.pick(known.persons)?.accounts ?? []);
  if (!receipt || account === undefined) return undefined;
  const body = {
    source: { suspense_of: receipt.account_id },
    bank_account_id: account,
    amount: cny(receipt.amount.amount),
    purpose: 'misdirected',
    remittance: '原路退回',
  };
  const reply = await stage.call(world.people.finance, 'give back', '/v1/payouts', body);
  return `${receipt.account_id} ${body.amount.amount} ${said(reply)}`;
}

async function decidePayout(stage: Stage): Promise<string | undefined> {
  const { random, world } = stage;
  const one = random.pick(await stage.list('/v1/payouts?state=pending_approval&limit=100'));
  if (!one) return undefined;
  const path = `/v1/payouts/${one.id}`;
  const { finance, approver } = world.people;
  if (random.chance(0.1)) {
    const reply = await stage.call(approver, 'reject', `${path}/reject`, { reason: '账户有误' });
    return `rejected ${said(reply)}`;
  }
  if (random.chance(0.1)) return said(await stage.call(finance, 'cancel', `${path}/cancel`));
  return said(await stage.call(approver, 'approve', `${path}/approve`));
}

/** A clerk at the bank or the acquirer ends what is stuck there. */
async function clerk(stage: Stage): Promise<string | undefined> {
  const { random, world } = stage;
  const stuck = random.pick(await stage.list('/v1/payouts?state=in_transit&limit=100'));
  if (stuck && random.chance(0.5)) {
    const outcome = random.oneOf(['pay', 'pay', 'reject']);
    const body = outcome === 'pay' ? { outcome } : { outcome, reason: 'AC04' };
    const path = `/bank/payments/${stuck.number}/decide`;
    return `bank ${outcome} ${(await world.outside.post(path, body)).status}`;
  }
  const state = random.oneOf(['abnormal', 'pending']);
  const refund = random.pick(await stage.list(`/v1/refunds?state=${state}&limit=100`));
  if (!refund) return undefined;
  const outcome = random.oneOf(['SUCCESS', 'CLOSED', 'ABNORMAL']);
  const { status } = await resolveRefund(stage, refund.number, outcome);
  return `acquirer ${outcome} ${status}`;
}

/** At whichever of our merchant numbers the acquirer has it. */
export async function resolveRefund({ world }: Stage, number: string, outcome: string) {
  let answer = { status: 404 };
  for (const mchid of ['1900000301', '1900000201']) {
    const path = `/acquirer/refunds/${mchid}/${number}/resolve`;
    answer = await world.outside.post(path, { outcome });
    if (answer.status < 400) break;
  }
  return answer;
}

/** An account that nobody shall be paid to any more. */
async function disable(stage: Stage): Promise<string | undefined> {
  const { random, known, world } = stage;
  const owner = random.pick(random.chance(0.5) ? known.merchants : known.persons);
  const account = random.pick(owner?.accounts ?? []);
  if (account === undefined) return undefined;
  const path = `/v1/bank-accounts/${account}/disable`;
  return `${owner?.name} ${said(await stage.call(world.people.shop, 'disable', path))}`;
}

/** Somebody of finance looks after a difference. */
async function exception(stage: Stage): Promise<string | undefined> {
  const { random, world } = stage;
  const one = random.pick(await stage.list('/v1/exceptions?limit=100'));
  if (!one) return undefined;
  const path = `/v1/exceptions/${one.id}`;
  const { finance, approver } = world.people;
  if (random.chance(0.4)) return said(await stage.call(approver, 'approve', `${path}/approve`));
  const reply = await stage.call(finance, 'propose', `${path}/propose`, { note: '已核对' });
  return `${one.kind} ${said(reply)}`;
}

export const moneyOutActions: readonly Action[] = [
  { name: 'withdraw', weight: 5, act: withdraw },
  { name: 'give back', weight: 2, act: giveBack },
  { name: 'decide payout', weight: 5, act: decidePayout },
  { name: 'clerk', weight: 2, act: clerk },
  { name: 'exception', weight: 2, act: exception },
  { name: 'disable account', weight: 0.5, act: disable },
];
