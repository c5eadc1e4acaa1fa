import { openDeal } from '../../src/main/demo/acts.ts';
import { agreementTerms, figures } from '../../src/main/demo/agreement.ts';
import { type Cast, gatherCast, introduceParties, type Parties } from '../../src/main/demo/cast.ts';
import type { Answer } from '../../src/main/demo/client.ts';
import { startTestWorld, type TestWorld } from '../world.ts';

/** A world with people in it, for whom pages are opened. */
export interface Stage {
  readonly world: TestWorld;
  readonly cast: Cast;
  readonly parties: Parties;
  /** Where the outside world's payers pay. */
  readonly acquirer: string;
}

export const cny = (amount: number) => ({ amount, currency: 'CNY' });

export async function setStage(): Promise<Stage> {
  const world = await startTestWorld();
  try {
    const cast = gatherCast(world, 'pages', () => undefined);
    await cast.world.advanceToBankHours();
    const parties = await introduceParties(cast, agreementTerms);
    const { items } = await cast.finance.get('/v1/channels');
    const contract = items.find((one: Answer) => one.id === 'wx-escrow');
    return { world, cast, parties, acquirer: String(contract.address) };
  } catch (error) {
    await world.close();
    throw error;
  }
}

/** A deal of the demo's agreement, agreed on and not yet paid. */
export function newDeal({ cast, parties }: Stage, name: string): Promise<string> {
  const { intention, deposit, price, commission } = figures;
  return openDeal(cast, parties, name, { intention, deposit, price, commission });
}

/** An order that an integrator has made, and the link to pay it. */
export async function newOrder(
  { cast, parties }: Stage,
  name: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly order: string; readonly url: string }> {
  const body = {
    amount: cny(1_250_000),
    purpose: 'deposit',
    subject: `购房定金 ${name}`,
    description: '签约后不退',
    english: { subject: `Deposit ${name}`, description: 'Not refunded once signed' },
    destination: { merchant_id: parties.store },
    methods: ['wechat_native', 'wechat_h5', 'bank_transfer'],
    ...change,
  };
  const { id } = await cast.api.post('/v1/orders', body, `pages-order-${name}`);
  const link = await cast.api.post(`/v1/orders/${id}/cashier-sessions`, {}, `pages-link-${name}`);
  return { order: id, url: link.url };
}

/** What a party of a deal is sent. */
export async function dealLink({ cast }: Stage, deal: string, role: string): Promise<string> {
  const path = `/v1/deals/${deal}/links`;
  const { url } = await cast.api.post(path, { role }, `pages-deal-link-${deal}-${role}`);
  return url;
}
