import { present } from '@keyturn/kernel';
import type { Random } from '@keyturn/testkit';
import type { Lie, Outside } from './outside.ts';
import type { Stepper } from './quiet.ts';
import { approvePayout, cny, makePayout, type Scene } from './stage.ts';
import type { Doomed } from './truth.ts';

const post = { operation: 'POST /v1/payments' };

/** A lie that is told until the truth is spoken again. */
const always = (point: string, kind: string, more: object = {}): Lie => ({
  point,
  kind,
  times: null,
  ...more,
});
const once = (point: string, kind: string, more: object = {}): Lie => ({
  ...always(point, kind, more),
  times: 1,
});

/** What the bank does with one pay-out, which is told to it under `number`. */
export interface Fate {
  readonly name: string;
  readonly lies: (number: string) => readonly Lie[];
  /** The state that it ends in when the bank speaks the truth again. */
  readonly ends: 'paid' | 'failed' | 'returned';
  /** What the bank contradicts for good: no software can know better before it does. */
  readonly doomed?: keyof Doomed;
}

const unheard = (number: string): Lie =>
  always('bank.notify', 'drop', { match: { end_to_end_id: number } });
const status = (number: string, kind: string, more: object = {}): Lie =>
  always('bank.status', kind, { match: { end_to_end_id: number }, ...more });
const payment = (number: string, kind: string, more: object = {}): Lie =>
  once('bank.payment', kind, { match: { end_to_end_id: number }, ...more });

/** All ways in which the bank lies about a single pay-out for two days. */
export const fates: readonly Fate[] = [
  {
    name: 'executed without an answer, then not found for ever',
    lies: (number) => [
      { ...once('bank.request', 'timeout_after_effect', { match: post }), times: 3 },
      status(number, 'not_found'),
      unheard(number),
    ],
    ends: 'paid',
  },
  {
    name: 'in process for ever',
    lies: (number) => [status(number, 'accepted', { status: 'ACSP' }), unheard(number)],
    ends: 'paid',
  },
  {
    name: 'rejected without a proof, and paid',
    lies: (number) => [payment(number, 'say_rejected_then_pay', { after: 'PT20H' })],
    ends: 'paid',
  },
  {
    name: 'rejected for ever without a proof, though paid',
    lies: (number) => [status(number, 'contradict'), unheard(number)],
    ends: 'paid',
  },
  {
    name: 'silent',
    lies: (number) => [
      always('bank.request', 'timeout_before_effect', {
        match: { method: 'GET', end_to_end_id: number },
      }),
      unheard(number),
    ],
    ends: 'paid',
  },
  {
    name: 'answered for another payment',
    lies: (number) => [status(number, 'another_payment'), unheard(number)],
    ends: 'paid',
  },
  {
    name: 'said to be paid without a reference, and refused',
    lies: (number) => [payment(number, 'say_paid_then_reject', { after: 'PT30H' })],
    ends: 'failed',
  },
  {
    name: 'pending for a day, its status an error',
    lies: (number) => [payment(number, 'stay_pending', { after: 'P1D' }), status(number, 'error')],
    ends: 'paid',
  },
  {
    name: 'never got at first',
    lies: () => [once('bank.request', 'timeout_before_effect', { match: post })],
    ends: 'paid',
  },
  {
    name: 'paid, returned, and nobody tells',
    lies: (number) => [payment(number, 'return', { after: 'PT3H' }), unheard(number)],
    ends: 'returned',
  },
  {
    name: 'told with another amount',
    lies: (number) => [
      once('bank.notify', 'change_amount', { match: { end_to_end_id: number }, by: 700 }),
      status(number, 'accepted'),
    ],
    ends: 'paid',
  },
  {
    name: 'refused for good and paid, and told',
    lies: (number) => [payment(number, 'say_rejected_then_pay', { reason: 'AC04', after: 'PT5H' })],
    ends: 'paid',
    doomed: 'refusedThenPaid',
  },
  {
    name: 'refused for good and paid, and only the statement tells',
    lies: (number) => [
      payment(number, 'say_rejected_then_pay', { reason: 'AC04', after: 'PT6H' }),
      unheard(number),
    ],
    ends: 'paid',
    doomed: 'refusedThenPaid',
  },
  {
    name: 'said to be paid with a reference, and refused',
    lies: (number) => [
      payment(number, 'say_paid_then_reject', { after: 'PT5H', bank_reference: 'SEB20260101X7' }),
    ],
    ends: 'paid',
    doomed: 'paidThenRefused',
  },
];

/** A pay-out of the scene with what the bank does with it. */
export interface Fated {
  readonly number: string;
  readonly amount: number;
  readonly fate: Fate;
}

/** Each fate meets a pay-out of its own, which the bank gets and is asked about alone. */
export async function meetFates(
  scene: Scene,
  outside: Outside,
  { step, quiet }: Stepper,
): Promise<readonly Fated[]> {
  const fated: Fated[] = [];
  for (const [index, fate] of fates.entries()) {
    const amount = 100_000 + index;
    const { id, number } = await makePayout(scene.cast, scene.parties, `fate${index}`, amount);
    const lies = fate.lies(number);
    for (const lie of lies) await outside.lie(lie);
    await approvePayout(scene.cast, id);
    await quiet();
    // What is sent again meets its lies here, and not another's.
    const sent = lies.find(({ match }) => match === post);
    for (let times = sent?.times ?? 0; times > 0; times--) await step({ seconds: 40 });
    fated.push({ number, amount, fate });
  }
  await step({ minutes: 2 });
  return fated;
}

export function doomedOf(fated: readonly Fated[]): Doomed {
  const numbersOf = (doomed: keyof Doomed) =>
    new Set(fated.filter(({ fate }) => fate.doomed === doomed).map(({ number }) => number));
  return {
    refusedThenPaid: numbersOf('refusedThenPaid'),
    paidThenRefused: numbersOf('paidThenRefused'),
  };
}

const asked = { method: 'POST', path: '/v3/refund/domestic/refunds' };

/** What the acquirer does with one refund: before it is asked, and when its number is known. */
export interface RefundFate {
  readonly name: string;
  readonly before: readonly Lie[];
  readonly after: (number: string) => readonly Lie[];
  readonly ends: 'succeeded' | 'failed';
}

export const refundFates: readonly RefundFate[] = [
  {
    name: 'executed without an answer, then not found for ever, and nobody tells',
    before: [
      { ...once('acquirer.request', 'timeout_after_effect', { match: asked }), times: 3 },
      once('acquirer.notify', 'drop', { match: { event_type: 'REFUND.SUCCESS' } }),
    ],
    after: (number) => [
      always('acquirer.request', 'error', {
        match: { method: 'GET', out_refund_no: number },
        status: 404,
        code: 'RESOURCE_NOT_EXISTS',
      }),
    ],
    ends: 'succeeded',
  },
  {
    name: 'processing for ever',
    before: [once('acquirer.refund', 'stay_processing')],
    after: () => [],
    ends: 'succeeded',
  },
  {
    name: 'abnormal',
    before: [once('acquirer.refund', 'abnormal')],
    after: () => [],
    ends: 'succeeded',
  },
  {
    name: 'refused for good',
    before: [once('acquirer.refund', 'refuse', { code: 'NOT_ENOUGH', status: 403 })],
    after: () => [],
    ends: 'failed',
  },
  {
    name: 'never got at first',
    before: [once('acquirer.request', 'timeout_before_effect', { match: asked })],
    after: () => [],
    ends: 'succeeded',
  },
];

/** Each order's payment is given back in part, and each refund meets a fate of its own. */
export async function refundOrders(
  { cast, paidOrders }: Scene,
  outside: Outside,
  { step }: Stepper,
): Promise<ReadonlyMap<string, RefundFate>> {
  const numbers = new Map<string, RefundFate>();
  for (const [index, fate] of refundFates.entries()) {
    const { order } = present(paidOrders[index], 'a paid order for each fate of a refund');
    for (const lie of fate.before) await outside.lie(lie);
    const body = { amount: cny(20_000 + index), reason: '多付' };
    const key = `${cast.run}-refund-${index}`;
    const { number } = await cast.api.post(`/v1/orders/${order}/refunds`, body, key);
    for (const lie of fate.after(number)) await outside.lie(lie);
    await step({ seconds: 40 });
    numbers.set(number, fate);
  }
  return numbers;
}

const hour = 3_600_000;

/** Lies that hit whoever comes along. */
const anybody: readonly [Lie, ...Lie[]] = [
  once('bank.request', 'timeout_before_effect'),
  once('bank.request', 'timeout_after_effect'),
  once('bank.request', 'bad_signature'),
  once('bank.request', 'error', { status: 503, code: 'BUSY' }),
  always('bank.request', 'timeout_after_effect', { match: { method: 'POST' } }),
  always('bank.request', 'timeout_before_effect', { match: { method: 'GET' } }),
  once('bank.notify', 'drop'),
  once('bank.notify', 'duplicate'),
  once('bank.notify', 'early'),
  once('bank.notify', 'bad_signature'),
  once('bank.notify', 'delay', { delay_ms: hour }),
  always('bank.status', 'not_found'),
  always('bank.status', 'accepted'),
  always('bank.status', 'accepted', { status: 'PDNG' }),
  always('bank.status', 'contradict'),
  always('bank.status', 'another_payment'),
  always('bank.status', 'error'),
  once('bank.payment', 'stay_pending', { after: 'PT9H' }),
  once('bank.payment', 'say_rejected_then_pay', { after: 'PT11H' }),
  once('bank.statement', 'drop_entry'),
  once('bank.statement', 'change_amount', { by: 300 }),
  once('bank.statement', 'duplicate_entry'),
  once('bank.statement', 'extra_entry', { amount: 12_300 }),
  once('bank.statement', 'wrong_balance', { by: 5 }),
  once('bank.statement', 'not_ready'),
  once('acquirer.request', 'timeout_before_effect'),
  once('acquirer.request', 'timeout_after_effect'),
  once('acquirer.request', 'bad_signature'),
  once('acquirer.request', 'error'),
  always('acquirer.request', 'timeout_after_effect', { match: { method: 'POST' } }),
  always('acquirer.request', 'error', {
    match: { method: 'GET' },
    status: 404,
    code: 'RESOURCE_NOT_EXISTS',
  }),
  once('acquirer.notify', 'drop'),
  once('acquirer.notify', 'duplicate'),
  once('acquirer.notify', 'early'),
  once('acquirer.notify', 'bad_signature'),
  once('acquirer.notify', 'out_of_order', { delay_ms: hour }),
  once('acquirer.notify', 'delay', { delay_ms: hour }),
  always('acquirer.query', 'not_found'),
  always('acquirer.query', 'stale'),
  always('acquirer.query', 'error'),
  once('acquirer.settle', 'skip'),
];

/** How many lies are about at a time, besides those about one pay-out. */
const atATime = 7;

/** Tells other lies than before, as the seed has it; those of the last step end. */
export function createLiar(outside: Outside, random: Random) {
  let told: (() => Promise<void>)[] = [];
  return {
    lieAnew: async (): Promise<readonly string[]> => {
      for (const takeBack of told) await takeBack();
      told = [];
      const lies = Array.from({ length: atATime }, () => random.oneOf(anybody));
      for (const lie of lies) {
        const times = lie.times === null ? null : random.integer(1, 3);
        told.push(await outside.lie({ ...lie, times }));
      }
      return lies.map(({ point, kind }) => `${point} ${kind}`);
    },
  };
}
