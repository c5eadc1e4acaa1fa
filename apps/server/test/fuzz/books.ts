import { randomUUID } from 'node:crypto';
import { present } from '@keyturn/kernel';
import { accountCodes, accountId } from '@keyturn/ledger';
import type { TestWorld } from '../world.ts';

/** An integrator who keeps a book, with something in it that the storm can go on with. */
export interface KeptBooks {
  readonly headers: Readonly<Record<string, string>>;
  readonly words: Readonly<Record<string, readonly unknown[]>>;
  readonly bodies: Readonly<Record<string, readonly unknown[]>>;
}

const cny = (amount: number) => ({ amount, currency: 'CNY' });
const bank = { code: accountCodes.ownBank, owner: 'bank' };
const wallet = { code: accountCodes.wallet, owner: 'wallet' };
const cause = { module: 'storm', object: 'order', command: 'pay' };

export async function setUpBooks({ platform, url }: TestWorld): Promise<KeptBooks> {
  const wanted = { name: 'keeper', roles: ['ledger'] as const };
  const made = await platform.access.createApiKey('storm:keeper', undefined, wanted);
  if (!made.ok) throw new Error(made.error.code);
  const headers = { authorization: `Bearer ${present(made.value.token, 'the token of a key')}` };
  async function post(path: string, body: unknown): Promise<{ readonly id: string }> {
    const response = await fetch(`${url}/v1/ledger/${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { readonly id: string };
  }
  const newBook = { legal_entity: 'storm', regime: 'own', currency: 'CNY' };
  const book = (await post('books', newBook)).id;
  const journal = (...transfers: readonly object[]) => ({
    id: randomUUID(),
    book,
    ...cause,
    transfers,
  });
  const move = { kind: 'posted', debit: bank, credit: wallet, amount: cny(1_000_000) };
  const held = { kind: 'pending', debit: wallet, credit: bank, amount: cny(10) };
  const moved = await post('journals', journal(move));
  const holds = await post('journals', journal(...Array.from({ length: 40 }, () => held)));
  const spent = { ...move, debit: wallet, credit: bank, amount: cny(7) };
  const head = { id: randomUUID(), ...cause };
  return {
    headers,
    words: {
      book: [book],
      journal: [holds.id],
      leg: Array.from({ length: 40 }, (_, leg) => leg),
      id: [moved.id, accountId({ book, ...wallet }), book],
    },
    bodies: {
      openLedgerBook: [newBook],
      openLedgerAccount: [{ book, code: 2003, owner: 'merchant', metadata: { city: '北京' } }],
      bookJournal: [journal(spent), journal(held, spent)],
      bookJournals: [{ journals: [journal(spent), journal(held)] }],
      bookLinkedJournals: [{ journals: [journal(spent), journal(spent)] }],
      reverseJournal: [head],
      postLedgerHold: [{ ...head, id: randomUUID(), amount: cny(3) }],
      voidLedgerHold: [{ ...head, id: randomUUID() }],
    },
  };
}
