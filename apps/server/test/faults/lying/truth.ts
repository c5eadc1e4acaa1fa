import { type Database, openDatabase } from '@keyturn/pipeline';
import { findBroken } from '@keyturn/testkit';
import { custodyAccounts } from '../../../src/main/start/world.ts';
import type { TestWorld } from '../../world.ts';
import type { Outside, TrueRefund } from './outside.ts';

/** The platform's books, read from behind. */
export type Books = Pick<Database, 'query' | 'transaction' | 'close'>;

export function openBooks(world: TestWorld): Books {
  return openDatabase({ url: world.database.superuserUrl, applicationName: 'lying bank' });
}

export interface PayoutRow {
  readonly number: string;
  readonly state: string;
  /** What it is for: pay-outs of one reference carry out one intention. */
  readonly reference: string;
}

export interface RefundRow {
  readonly number: string;
  readonly state: string;
}

export interface AttemptRow {
  readonly number: string;
  readonly state: string;
  readonly method: string;
}

export const readPayouts = (books: Books) =>
  books.query<PayoutRow>(
    'select p.number, p.state, coalesce(p.reference_id, p.number) as reference from payouts.payout p',
  );
export const readRefunds = (books: Books) =>
  books.query<RefundRow>('select r.submission_number as number, r.state from payments.refund r');
export const readAttempts = (books: Books) =>
  books.query<AttemptRow>('select a.number, a.state, a.method from payments.attempt a');

/** In these states nobody knows yet how it ends. */
export const openPayoutStates = ['submitted', 'unknown', 'in_transit'];
export const openRefundStates = ['approved', 'submitted', 'pending', 'unknown', 'abnormal'];

/** Pay-outs whose states nobody can get right before the bank contradicts itself. */
export interface Doomed {
  /** The bank says for good that it refused them, and pays them nevertheless. */
  readonly refusedThenPaid: ReadonlySet<string>;
  /** The bank says with a reference that it has paid them, and refuses them nevertheless. */
  readonly paidThenRefused: ReadonlySet<string>;
}

/**
 * What must hold at any moment, however much is lied: nothing failed that may yet happen, nothing
 * paid twice, nothing believed that did not happen, and sound books.
 *
 * @returns sentences about what does not hold
 */
export async function findWrong(
  books: Books,
  outside: Outside,
  doomed: Doomed,
): Promise<readonly string[]> {
  const findings = await findBroken(books, []);
  return [
    ...findings.map(({ rule, subject, detail }) => `${rule}: ${subject} ${detail}`),
    ...(await wrongPayouts(books, outside, doomed)),
    ...(await wrongRefunds(books, outside)),
    ...(await wrongItems(books)),
  ];
}

async function wrongPayouts(
  books: Books,
  outside: Outside,
  doomed: Doomed,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const debits = await outside.debits();
  for (const [number, times] of debits) {
    if (times > 1) wrong.push(`the bank made payment ${number} ${times} times`);
  }
  const intentions = new Map<string, string[]>();
  for (const { number, state, reference } of await readPayouts(books)) {
    const truth = await outside.payment(number);
    const said = `${number} is ${state}, at the bank ${truth?.state ?? 'not there'}`;
    const impossible = truth === undefined || truth.state === 'rejected';
    if (state === 'failed' && !impossible && !doomed.refusedThenPaid.has(number)) wrong.push(said);
    const happened = truth?.state === 'settled';
    if (['paid', 'returned'].includes(state) && !happened && !doomed.paidThenRefused.has(number)) {
      wrong.push(said);
    }
    if (debits.has(number) && truth?.returned !== true) {
      intentions.set(reference, [...(intentions.get(reference) ?? []), number]);
    }
  }
  for (const [reference, numbers] of intentions) {
    if (numbers.length > 1) wrong.push(`${reference} was paid by ${numbers.join(' and ')}`);
  }
  return wrong;
}

async function wrongRefunds(books: Books, outside: Outside): Promise<readonly string[]> {
  const truth = new Map((await outside.refunds()).map((one) => [one.number, one]));
  const nothing = (one: TrueRefund | undefined) => one === undefined || one.status === 'CLOSED';
  return (await readRefunds(books)).flatMap(({ number, state }) => {
    const there = truth.get(number);
    const said = `refund ${number} is ${state}, at the acquirer ${there?.status ?? 'not there'}`;
    if (state === 'failed' && !nothing(there)) return [said];
    return state === 'succeeded' && there?.status !== 'SUCCESS' ? [said] : [];
  });
}

/** Nothing leaves an item that did not come in. */
async function wrongItems(books: Books): Promise<readonly string[]> {
  const rows = await books.query<{ key: string; left: bigint }>(
    `select i.key, i.paid_minor + i.converted_in_minor - i.converted_out_minor - i.moving_minor
       - i.released_minor - i.refunding_minor - i.refunded_minor - i.shared_minor as left
     from escrow.item i`,
  );
  return rows.filter(({ left }) => left < 0n).map(({ key, left }) => `${key} holds ${left}`);
}

/** What is on the custody accounts by the ledger, by the number of the account. */
export async function ledgerBalances(books: Books): Promise<ReadonlyMap<string, bigint>> {
  const rows = await books.query<{ owner: string; balance: bigint }>(
    `select a.owner, sum(case when t.debit_account = a.id then t.amount else -t.amount end)::bigint
         as balance
     from ledger.account a join ledger.transfer t on a.id in (t.debit_account, t.credit_account)
     where a.code in (1001, 1002, 1003) and t.kind in ('posted', 'post_pending')
     group by a.owner`,
  );
  const numbers = new Map(custodyAccounts.map(({ id, number }) => [id, number]));
  return new Map(rows.map(({ owner, balance }) => [numbers.get(owner) ?? owner, balance]));
}
