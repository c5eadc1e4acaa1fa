import { encodeCursor, present } from '@keyturn/kernel';
import { agreementTerms, figures } from '../../src/main/demo/agreement.ts';
import type { TestWorld } from '../world.ts';
import type { KeptBooks } from './books.ts';
import type { Operation } from './document.ts';
import type { World } from './requests.ts';
import type { Made } from './set-up.ts';

/** Who takes part: callers by name, with the headers that say who they are. */
export type Credentials = ReadonlyMap<string, Readonly<Record<string, string>>>;

const operatorRoles = ['viewer', 'finance', 'approver', 'admin'] as const;

/** Callers of every kind. Who leaves logs out, and comes back as nobody. */
export async function enrol(
  { platform, url, secrets }: TestWorld,
  books: KeptBooks,
): Promise<Credentials> {
  const callers = new Map<string, Readonly<Record<string, string>>>([
    ['nobody', {}],
    ['integrator', { authorization: `Bearer ${secrets.demoApiKey}` }],
  ]);
  for (const role of [...operatorRoles, 'leaver']) {
    const username = `storm-${role}`;
    const password = `a long password of ${role}`;
    const roles = operatorRoles.filter((one) => one === role || role === 'leaver');
    const operator = { username, name: role, password, roles };
    await platform.access.createOperator(`storm:${role}`, undefined, operator);
    const response = await fetch(`${url}/v1/operator-sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    const { csrf_token: token } = (await response.json()) as { readonly csrf_token: string };
    const cookie = present(response.headers.getSetCookie()[0]?.split(';')[0], 'a session');
    callers.set(role, { cookie, 'x-csrf-token': token });
  }
  callers.set('keeper', books.headers);
  callers.set('reader', { authorization: `Bearer ${await readerKey(platform)}` });
  return callers;
}

/** Whom the storm must not put out, or everything after it would be refused at the door. */
export async function spared({ access }: TestWorld['platform']): Promise<ReadonlySet<string>> {
  const pages = [await access.operators({}), await access.apiKeys({})];
  const ids = pages.flatMap((page) => (page.ok ? page.value.items.map(({ id }) => id) : []));
  return new Set(ids);
}

async function readerKey(platform: TestWorld['platform']): Promise<string> {
  const made = await platform.access.createApiKey('storm:reader', undefined, {
    name: 'reader',
    roles: ['reader'],
  });
  if (!made.ok) throw new Error(made.error.code);
  return present(made.value.token, 'the token of a new key');
}

/** The world as the generator knows it; it learns ids from the texts that it is shown. */
export function createWorld(
  made: Made,
  books: KeptBooks,
  hidden: ReadonlySet<string>,
): World & { learn(text: string): void } {
  const known = new Map<string, Set<string>>();
  const cursors = new Set<string>();
  const bodies = { ...bodiesOf(made), ...books.bodies };
  function learn(text: string): void {
    for (const [id, prefix = ''] of text.matchAll(/\b([a-z]{3,4})_[0-9a-hjkmnp-tv-z]{26}\b/g)) {
      const ids = known.get(prefix) ?? new Set();
      if (ids.size < 200 && !hidden.has(id)) known.set(prefix, ids.add(id));
    }
    for (const [, cursor = ''] of text.matchAll(/"next_cursor":"([^"]+)"/g)) cursors.add(cursor);
  }
  for (const text of [...made.texts, JSON.stringify(made.parties)]) learn(text);
  return {
    learn,
    ids: (prefixes) => prefixes.flatMap((prefix) => [...(known.get(prefix) ?? [])]),
    words: (property, manner) => {
      if (property !== 'cursor') {
        return [...(words[property] ?? []), ...(books.words[property] ?? [])];
      }
      return manner === 'likely' ? [...cursors] : [...cursors, ...strangeCursors()];
    },
    bodies: (operationId) => bodies[operationId] ?? [],
    callers,
  };
}

function callers({ operationId, path, security }: Operation): {
  fitting: readonly string[];
  all: string[];
} {
  if (operationId === 'logOut') return { fitting: ['leaver'], all: ['nobody', 'reader'] };
  const all = ['nobody', 'integrator', 'keeper', 'reader', ...operatorRoles];
  const fitting = security.flatMap((scheme) => {
    if ('apiKey' in scheme) return [path.startsWith('/v1/ledger/') ? 'keeper' : 'integrator'];
    const roles = scheme['operatorSession'] ?? [];
    return roles.length > 0 ? roles : ['finance', 'approver'];
  });
  return { fitting: fitting.length === 0 ? ['nobody', 'integrator'] : fitting, all };
}

const itemKeys = Object.keys(figures);
const roleKeys = agreementTerms.roles.map((role) => role.key);

/** What properties of these names can sensibly hold in the set-up's world. */
const words: Readonly<Record<string, readonly unknown[]>> = {
  currency: ['CNY'],
  key: [...itemKeys, ...roleKeys, 'to_seller'],
  from: itemKeys,
  to: itemKeys,
  role: roleKeys,
  failure: ['no_fault'],
  kind: ['title_transfer', 'store', 'resident_id'],
  contract_id: ['wx-escrow', 'wx-reserve', 'bank-escrow'],
  id: ['wx-escrow', 'wx-reserve', 'bank-escrow'],
  account_id: ['own-main', 'reserve-main', 'escrow-main'],
  custody_account_id: ['reserve-main', 'escrow-main'],
  suspense_of: ['reserve-main', 'escrow-main'],
  owner: ['wx-escrow', 'escrow-main', 'card'],
  code: [1001, 2301, 5001],
  state: ['booked', 'pending_approval', 'created', 'submitted', 'paid', 'funding', 'open'],
  username: ['storm-viewer'],
  payer_ip: ['203.0.113.7', '::1'],
  bank_code: ['102100099996'],
  number: ['6222020200112233445'],
};

/** Cursors of the right form that none of our lists has given. */
function strangeCursors(): readonly string[] {
  const uuid = '01937a5e-8f00-7000-8000-000000000000';
  const parts = ['a', '', '0', '-1', '99999999999999999999', '2026-11-20T02:00:00Z', uuid, '\0'];
  const instants = ['275760-09-13', '-infinity', '2026-11-20T02:00:00.1234567891Z', '2026-13-40'];
  const texts = [...parts, ...instants];
  return texts.flatMap((one) => [
    encodeCursor([one]),
    encodeCursor([one, uuid]),
    encodeCursor(['2026-11-20T02:00:00Z', one]),
    encodeCursor([one, one, one]),
  ]);
}

const cny = (amount: number) => ({ amount, currency: 'CNY' });

/** Whole bodies of the calls that chance alone would hardly get right. */
function bodiesOf({ parties, statements }: Made): Readonly<Record<string, readonly unknown[]>> {
  const { agreement, buyer, buyerAccount, seller, sellerAccount, store } = parties;
  const others = Object.fromEntries(
    (['store', 'agency', 'agent', 'platform'] as const).map((role) => [
      role,
      { merchant_id: parties[role] },
    ]),
  );
  return {
    importStatement: statements,
    receiveNotification: ['{"id":"x","resource":{}}', '<?xml version="1.0"?><Document/>', '{}'],
    createDeal: [
      {
        agreement_id: agreement,
        title: '朝阳区 3-501',
        city: '北京',
        parties: {
          buyer: { person_id: buyer, bank_account_id: buyerAccount },
          seller: { person_id: seller, bank_account_id: sellerAccount },
          ...others,
        },
        items: Object.fromEntries(Object.entries(figures).map(([key, n]) => [key, cny(n)])),
      },
    ],
    draftAgreement: [{ name: 'storm', version: 1, terms: agreementTerms }],
    createOrder: [
      {
        amount: cny(5_000),
        purpose: 'deposit',
        subject: '定金',
        destination: { merchant_id: store },
        methods: ['wechat_native', 'bank_transfer'],
      },
    ],
    createPayout: [
      {
        source: { person_id: buyer },
        bank_account_id: buyerAccount,
        amount: cny(100),
        purpose: 'withdrawal',
        remittance: '提现',
      },
    ],
    addBankAccount: [
      {
        owner_id: store,
        number: '6222020200112233445',
        bank_code: '102100099996',
        bank_name: '中国工商银行',
      },
    ],
  };
}
