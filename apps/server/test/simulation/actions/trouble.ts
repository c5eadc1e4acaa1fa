import type { Answer } from '../../../src/main/demo/client.ts';
import { FaultOfOurs } from '../people.ts';
import { type Action, type Stage, said } from '../stage.ts';

interface Trouble {
  readonly point: string;
  readonly kind: string;
  readonly [parameter: string]: unknown;
}

const lost = ['timeout_before_effect', 'timeout_after_effect', 'bad_signature'] as const;

/** What goes wrong outside. Each happens once or twice, to whoever passes the point next. */
const troubles: readonly Trouble[] = [
  ...lost.map((kind) => ({ point: 'acquirer.request', kind })),
  ...lost.map((kind) => ({ point: 'bank.request', kind })),
  { point: 'acquirer.request', kind: 'error', status: 500, code: 'SYSTEM_ERROR' },
  { point: 'bank.request', kind: 'error', status: 500, code: 'SYSTEM_ERROR' },
  { point: 'acquirer.notify', kind: 'drop' },
  { point: 'acquirer.notify', kind: 'duplicate' },
  { point: 'acquirer.notify', kind: 'early' },
  { point: 'acquirer.notify', kind: 'delay', delay_ms: 600_000 },
  { point: 'acquirer.notify', kind: 'out_of_order', delay_ms: 60_000 },
  { point: 'acquirer.notify', kind: 'bad_signature' },
  { point: 'acquirer.refund', kind: 'refuse' },
  { point: 'acquirer.refund', kind: 'abnormal' },
  { point: 'acquirer.refund', kind: 'stay_processing' },
  { point: 'acquirer.query', kind: 'not_found' },
  { point: 'acquirer.query', kind: 'stale' },
  { point: 'acquirer.query', kind: 'error' },
  { point: 'acquirer.settle', kind: 'skip' },
  { point: 'bank.notify', kind: 'drop' },
  { point: 'bank.notify', kind: 'duplicate' },
  { point: 'bank.notify', kind: 'early' },
  { point: 'bank.notify', kind: 'delay', delay_ms: 3_000_000 },
  { point: 'bank.payment', kind: 'refuse', reason: 'AC04' },
  { point: 'bank.payment', kind: 'stay_pending', after: 'PT3H' },
  { point: 'bank.payment', kind: 'return', reason: 'AC04', after: 'PT5H' },
  { point: 'bank.status', kind: 'not_found' },
  { point: 'bank.status', kind: 'accepted' },
  { point: 'bank.status', kind: 'error' },
  { point: 'bank.statement', kind: 'not_ready' },
  { point: 'bank.close_virtual_account', kind: 'refuse' },
];

async function plant({ random, world }: Stage): Promise<string | undefined> {
  const trouble = random.oneOf(troubles);
  const times = random.chance(0.8) ? 1 : 2;
  const { status, body } = await world.outside.post('/faults', { ...trouble, times });
  if (status >= 400) throw new Error(`no such trouble: ${JSON.stringify(body)}`);
  return `${trouble.point} ${trouble.kind} ${times}x`;
}

/** The connection that carries one of the next messages to or from the database is cut. */
async function cut({ random, world }: Stage): Promise<string | undefined> {
  const direction = random.oneOf(['to_server', 'to_client']);
  const message = random.integer(1, 60);
  world.proxy.cutAt(direction, message);
  return `message ${message} ${direction} is lost`;
}

/** Somebody makes a call again: the first answer stands, and another body is a conflict. */
async function repeat({ random, made }: Stage): Promise<string | undefined> {
  const call = random.pick(made);
  if (!call || call.reply.status >= 300) return undefined;
  const { person, path, key, body, reply } = call;
  if (random.chance(0.7)) {
    const again = await person.post(path, body, key);
    if (again.status !== reply.status || idOf(again.body) !== idOf(reply.body)) {
      throw new FaultOfOurs(`${call.name} was ${said(reply)}, and again ${said(again)}`);
    }
    return `${call.name}: ${said(again)}`;
  }
  if (typeof body !== 'object' || body === null || !('reason' in body)) return undefined;
  const other = await person.post(path, { ...body, reason: 'something else' }, key);
  if (other.status !== 422) throw new FaultOfOurs(`${call.name} with another body: ${said(other)}`);
  return `${call.name} otherwise: ${said(other)}`;
}

function idOf(body: Answer): unknown {
  return body?.id ?? body?.order_id;
}

export const troubleActions: readonly Action[] = [
  { name: 'trouble outside', weight: 9, act: plant },
  { name: 'lost connection', weight: 3, act: cut },
  { name: 'again', weight: 4, act: repeat },
];
