import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  adminCall,
  type BankClient,
  type BankWorld,
  enrol,
  masterAccount,
  monday,
  pain001,
  startBankWorld,
  textAt,
} from './bank-party.ts';

const own = '6225880100000002';
const day = 'BkToCstmrStmt/Stmt';
const payees = ['6222020200112233', '6222020200119999', '6222020200110000', own];

type Step =
  | { do: 'receive'; to: number; amount: number }
  | { do: 'pay'; from: number; payee: number; amount: number; twice: boolean }
  | { do: 'wait'; minutes: number }
  | { do: 'close'; number: number }
  | { do: 'decide'; payment: number; outcome: 'pay' | 'reject' };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      do: fc.constant('receive'),
      to: fc.nat(4),
      amount: fc.integer({ min: 1, max: 9_000_000 }),
    }),
    fc.record({
      do: fc.constant('pay'),
      from: fc.nat(4),
      payee: fc.nat(payees.length - 1),
      amount: fc.integer({ min: 1, max: 9_000_000 }),
      twice: fc.boolean(),
    }),
    fc.record({ do: fc.constant('wait'), minutes: fc.integer({ min: 1, max: 900 }) }),
    fc.record({ do: fc.constant('close'), number: fc.integer({ min: 1, max: 4 }) }),
    fc.record({
      do: fc.constant('decide'),
      payment: fc.nat(20),
      outcome: fc.constantFrom('pay', 'reject'),
    }),
  ),
  { minLength: 20, maxLength: 40 },
);

/** What must hold after each step, by sums over the tables that the bank itself does not use. */
const broken: Record<string, string> = {
  'a balance is not the sum of its entries': `select account from bank_account a where balance <>
    (select coalesce(sum(amount), 0) from bank_entry e where e.account = a.account)`,
  'a virtual balance is not the sum of its entries': `select number from bank_virtual_account v
    where balance <> (select coalesce(sum(amount), 0) from bank_entry e
    where e.virtual_account = v.number)`,
  'what is held is not what is under way': `select account from bank_account a where held <>
    (select coalesce(sum(amount), 0) from bank_payment p where p.account = a.account
    and state not in ('settled', 'rejected'))`,
  'what is held on a virtual account is not what is under way': `select number
    from bank_virtual_account v where held <> (select coalesce(sum(amount), 0) from bank_payment p
    where p.virtual_account = v.number and state not in ('settled', 'rejected'))`,
  'a balance after an entry does not follow from the one before': `select seq from (select seq,
    balance_after, sum(amount) over (partition by account order by seq) as running from bank_entry)
    where running <> balance_after`,
  'entries of an account are out of order': `select seq from (select seq, booked_ms, lag(booked_ms)
    over (partition by account order by seq) as before from bank_entry) where before > booked_ms`,
  'a payment was debited other than once': `select end_to_end_id from bank_payment p where
    (state = 'settled') <> (select count(*) from bank_entry e where e.kind = 'payment'
    and e.end_to_end_id = p.end_to_end_id)`,
  'a payment was returned without being debited': `select end_to_end_id from bank_payment
    where return_reference is not null and bank_reference is null`,
  'money was returned twice': `select end_to_end_id from bank_entry where kind = 'return'
    group by end_to_end_id having count(*) > 1`,
  'a closed virtual account has money': `select number from bank_virtual_account
    where closed_ms is not null and balance <> 0`,
};

function checkBooks({ world }: BankWorld): void {
  for (const [sentence, query] of Object.entries(broken)) {
    expect(world.store.prepare(query).all(), sentence).toEqual([]);
  }
}

async function setUp(seed: number): Promise<{ bank: BankWorld; client: BankClient }> {
  const bank = await startBankWorld();
  await adminCall(bank.admin, 'POST', '/clock/set', { now: monday });
  const client = await enrol(bank, 'KT01');
  for (const [account, kind] of [
    [masterAccount, 'escrow_master'],
    [own, 'own'],
  ]) {
    const body = { client_id: 'KT01', account, name: '户', kind, currency: 'CNY' };
    await adminCall(bank.admin, 'POST', '/bank/accounts', { ...body, opening_balance: 5_000_000 });
  }
  for (const request_id of ['1', '2', '3', '4']) {
    const path = `/v1/accounts/${masterAccount}/virtual-accounts`;
    await client.call('POST', path, { request_id, name: 'x', reference: 'x' });
  }
  const points = ['bank.payment', 'bank.status', 'bank.close_virtual_account'];
  await adminCall(bank.admin, 'POST', '/faults/seed', { seed, rate: 0.3, points });
  return { bank, client };
}

async function act(bank: BankWorld, client: BankClient, step: Step, index: number): Promise<void> {
  const virtual = (number: number) => `${masterAccount}00000${number}`;
  if (step.do === 'receive') {
    await adminCall(bank.admin, 'POST', '/bank/transfers', {
      to_account: step.to === 0 ? masterAccount : virtual(step.to),
      amount: step.amount,
      debtor_name: '王五',
      debtor_account: '6217000010001234',
    });
  } else if (step.do === 'pay') {
    const yuan = `${Math.floor(step.amount / 100)}.${String(step.amount % 100).padStart(2, '0')}`;
    const source = step.from === 0 ? {} : { virtualAccount: virtual(step.from) };
    const payee = payees[step.payee] ?? own;
    const order = pain001([{ endToEndId: `E${index}`, amount: yuan, payee, ...source }]);
    const first = await client.call('POST', '/v1/payments', order);
    if (step.twice) {
      expect((await client.call('POST', '/v1/payments', order)).body).toBe(first.body);
    }
  } else if (step.do === 'wait') {
    await adminCall(bank.admin, 'POST', '/clock/advance', { duration: `PT${step.minutes}M` });
  } else if (step.do === 'close') {
    const path = `/v1/accounts/${masterAccount}/virtual-accounts/${virtual(step.number)}/close`;
    expect([200, 409]).toContain((await client.call('POST', path)).status);
  } else {
    const url = `/bank/payments/E${step.payment}/decide`;
    const { outcome } = step;
    const answer = await bank.admin.inject({ method: 'POST', url, payload: { outcome } });
    expect([200, 404, 409]).toContain(answer.statusCode);
  }
}

/** Each day's statement goes on where the last one ended, up to the balance of today. */
async function checkStatements(bank: BankWorld, client: BankClient): Promise<void> {
  await adminCall(bank.admin, 'POST', '/clock/advance', { duration: 'P3D' });
  const today = bank.world.clock.now().toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
  let closing = '0.00';
  let at = Temporal.PlainDate.from('2031-03-03');
  while (Temporal.PlainDate.compare(at, today.subtract({ days: 1 })) < 0) {
    const { xml } = await client.call('GET', `/v1/statements/${masterAccount}/${at}`);
    expect(textAt(xml, `${day}/Bal/Amt`)).toBe(closing);
    const balances = xml.children[0]?.children[1]?.children.filter(({ name }) => name === 'Bal');
    closing = textAt(balances?.[1], 'Amt') ?? '';
    at = at.add({ days: 1 });
  }
  checkBooks(bank);
}

test('whatever happens, with whatever faults, books sum and nothing goes twice', async () => {
  let settled = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), steps, async (seed, script) => {
      const { bank, client } = await setUp(seed);
      try {
        for (const [index, step] of script.entries()) {
          await act(bank, client, step, index);
          checkBooks(bank);
        }
        await checkStatements(bank, client);
        const query = `select count(*) as n from bank_payment where state = 'settled'`;
        settled += Number(bank.world.store.prepare(query).get()?.['n']);
      } finally {
        await client.close();
        await bank.stop();
      }
    }),
    { numRuns: 8 },
  );
  // A simulation in which nothing is ever paid would prove nothing.
  expect(settled).toBeGreaterThan(0);
});
