import { type Answer, type Caller, integrator, operator } from './client.ts';
import { createWorld, type World } from './world.ts';

/** Where the demo plays, and with whose keys. */
export interface Stage {
  readonly url: string;
  readonly sandboxAdmin: string;
  readonly secrets: {
    readonly operators: Readonly<Record<string, string>>;
    readonly demoApiKey: string;
  };
}

/**
 * Who plays: an integrator's system, two operators, the world outside, and a name for this run's
 * keys.
 */
export interface Cast {
  readonly run: string;
  readonly api: Caller;
  readonly finance: Caller;
  readonly approver: Caller;
  readonly world: World;
  readonly say: (line: string) => void;
}

export function gatherCast(stage: Stage, run: string, say: (line: string) => void): Cast {
  const { url, secrets } = stage;
  return {
    run,
    api: integrator(url, secrets.demoApiKey),
    finance: operator(url, 'finance', secrets.operators['finance'] ?? ''),
    approver: operator(url, 'approver', secrets.operators['approver'] ?? ''),
    world: createWorld(stage.sandboxAdmin, url),
    say,
  };
}

/** The parties of the demo's deals, with the accounts that they are paid to. */
export interface Parties {
  readonly agreement: string;
  readonly buyer: string;
  readonly buyerAccount: string;
  readonly seller: string;
  readonly sellerAccount: string;
  readonly store: string;
  readonly storeAccount: string;
  readonly agency: string;
  /** An account that the bank pays to and that sends the money back. */
  readonly closedAccount: string;
  readonly agent: string;
  readonly platform: string;
}

const bankCode = '102100099996';
const bankName = '中国工商银行';

export async function introduceParties(cast: Cast, terms: unknown): Promise<Parties> {
  const { api, run } = cast;
  const person = (key: string, name: string) =>
    api.post('/v1/persons', { name }, `${run}-person-${key}`);
  const merchant = (key: string, name: string, kind: string) =>
    api.post('/v1/merchants', { name, kind }, `${run}-merchant-${key}`);
  const account = async (key: string, owner: Answer, number: string) => {
    const bank = { bank_code: bankCode, bank_name: bankName };
    const body = { owner_id: owner.id, number, ...bank };
    return api.post('/v1/bank-accounts', body, `${run}-account-${key}`);
  };
  const buyer = await person('buyer', '王小明');
  const seller = await person('seller', '李晓红');
  const store = await merchant('store', '望京一店', 'store');
  const agency = await merchant('agency', '安居经纪', 'agency');
  const agent = await merchant('agent', '张经纪', 'agent');
  const platform = await merchant('platform', '钥转平台', 'platform');
  const agreement = await publishAgreement(cast, terms);
  const accounts = {
    buyer: await account('buyer', buyer, '6222020200112233445'),
    seller: await account('seller', seller, '6222020200556677881'),
    store: await account('store', store, '6222020200998877663'),
    agency: await account('agency', agency, '6222020200123459999'),
  };
  return {
    agreement,
    buyer: buyer.id,
    buyerAccount: accounts.buyer.id,
    seller: seller.id,
    sellerAccount: accounts.seller.id,
    store: store.id,
    storeAccount: accounts.store.id,
    agency: agency.id,
    closedAccount: accounts.agency.id,
    agent: agent.id,
    platform: platform.id,
  };
}

/** Proposed by one person, published by another. */
async function publishAgreement({ finance, approver, run }: Cast, terms: unknown): Promise<string> {
  const body = { name: `home-sale-${run}`, version: 1, terms };
  const agreement = await finance.post('/v1/agreements', body, `${run}-agreement`);
  await approver.post(`/v1/agreements/${agreement.id}/publish`, {}, `${run}-publish`);
  return agreement.id;
}
