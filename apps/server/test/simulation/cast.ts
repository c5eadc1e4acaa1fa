import { anyAgreement } from './agreements.ts';
import { type Party, type Stage, said } from './stage.ts';

const bank = { bank_code: '102100099996', bank_name: '中国工商银行' };

/** Ends by which the bank knows accounts that it refuses, and that send money back. */
const fates = ['7881', '7881', '9999', '0000'] as const;

async function party(stage: Stage, kind: 'persons' | 'merchants', index: number): Promise<Party> {
  const { shop } = stage.world.people;
  const name = `${kind} ${index}`;
  const body =
    kind === 'persons' ? { name: `王小明${index}` } : { name: `门店${index}`, kind: 'store' };
  const made = await stage.call(shop, name, `/v1/${kind}`, body);
  const accounts: string[] = [];
  for (const [position, end] of fates.entries()) {
    const number = `62220202${String(index * 10 + position).padStart(7, '0')}${end}`;
    const account = { owner_id: made.body.id, number, ...bank };
    const added = await stage.call(shop, 'account', '/v1/bank-accounts', account);
    if (added.status < 400) accounts.push(added.body.id);
  }
  return { id: made.body.id, name, accounts };
}

/** Who takes part in a run, and the agreements that they make. */
export async function gatherCast(stage: Stage): Promise<void> {
  const { known, random, world } = stage;
  const { finance, approver } = world.people;
  for (let index = 1; index <= 3; index++) {
    known.persons.push(await party(stage, 'persons', index));
    known.merchants.push(await party(stage, 'merchants', index));
  }
  for (let version = 1; version <= 5; version++) {
    const terms = anyAgreement(random);
    const draft = { name: 'home-sale', version, terms };
    const made = await stage.call(finance, 'draft', '/v1/agreements', draft);
    if (made.status >= 400) throw new Error(`an agreement was refused: ${JSON.stringify(made)}`);
    const path = `/v1/agreements/${made.body.id}/publish`;
    const published = await stage.call(approver, 'publish', path);
    if (published.status >= 400) throw new Error(`not published: ${said(published)}`);
    known.agreements.push({ id: made.body.id, terms });
  }
}
