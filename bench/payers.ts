import { setTimeout as wait } from 'node:timers/promises';
import { elapsedMs } from '@keyturn/kernel';
import { Agent, request } from 'undici';
import { openDeal } from '../apps/server/src/main/demo/acts.ts';
import { agreementTerms, figures } from '../apps/server/src/main/demo/agreement.ts';
import { gatherCast, introduceParties } from '../apps/server/src/main/demo/cast.ts';
import type { System } from '../apps/server/src/main/start/system.ts';

/** An item of a deal that waits to be paid. */
export interface OpenItem {
  readonly deal: string;
  readonly item: string;
}

/** Payers of deals: what they owe is prepared apart, what they pay is measured. */
export interface Payers {
  /** Opens deals until so many items wait for a payer. */
  prepare(items: number): Promise<void>;
  /** The next item that waits; undefined when none does. */
  take(): OpenItem | undefined;
  /** Somebody who pays one item after the other. */
  payer(): Payer;
  close(): Promise<void>;
}

/**
 * Pays one item, from the order to the moment when the platform shows it as paid.
 *
 * @returns milliseconds that it took
 */
export type Payer = (item: OpenItem) => Promise<number>;

/** The items of a deal that an acquirer pays into escrow. */
const items = { intention: figures.intention, deposit: figures.deposit } as const;
const openersAtOnce = 24;
const patienceMs = 60_000;

/** @param connections how many payers there are at most */
export async function gatherPayers(system: System, connections: number): Promise<Payers> {
  const cast = gatherCast(system, `bench${process.pid}`, () => undefined);
  const parties = await introduceParties(cast, agreementTerms);
  const agent = new Agent({ connections, pipelining: 1 });
  const waiting: OpenItem[] = [];
  const line = createLine(system, agent);
  let deals = 0;

  async function open(): Promise<void> {
    deals += 1;
    const { price, commission } = figures;
    const deal = await openDeal(cast, parties, String(deals), { ...items, price, commission });
    for (const item of Object.keys(items)) waiting.push({ deal, item });
  }

  return {
    prepare: async (wanted) => {
      const opener = async () => {
        while (waiting.length < wanted) await open();
      };
      await Promise.all(Array.from({ length: openersAtOnce }, opener));
    },
    take: () => waiting.shift(),
    payer: () => createPayer(cast.run, line),
    close: () => agent.close(),
  };
}

type Line = ReturnType<typeof createLine>;

function createPayer(run: string, line: Line): Payer {
  let lastMs = 0;
  return async ({ deal, item }) => {
    const started = elapsedMs();
    const key = `${run}-${deal}-${item}`;
    const order = await line.post(`/v1/deals/${deal}/items/${item}/order`, {}, `${key}-order`);
    const id = textOf(order, 'order_id');
    const method = { method: 'wechat_native' };
    const attempt = await line.post(`/v1/orders/${id}/attempts`, method, `${key}-attempt`);
    await line.atSandbox(`/payer/${encodeURIComponent(textOf(attempt, 'code_url'))}/pay`);
    lastMs = await seePaid(line, id, lastMs);
    return elapsedMs() - started;
  };
}

/**
 * Looks until the order is paid: first somewhat sooner than the last one was seen, then after
 * pauses that grow with the time waited. Looking costs two calls or so, however long it takes, and
 * what is seen is late by a third at most.
 *
 * @returns milliseconds from the payment to the sight of it
 */
async function seePaid(line: Line, orderId: string, lastMs: number): Promise<number> {
  const started = elapsedMs();
  let pauseMs = Math.max(2, lastMs * 0.75);
  for (;;) {
    await wait(pauseMs);
    const state = textOf(await line.get(`/v1/orders/${orderId}`), 'state');
    const waited = elapsedMs() - started;
    if (state === 'succeeded') return waited;
    if (waited > patienceMs) {
      throw new Error(`Order ${orderId} is ${state} a minute after it was paid; see the logs.`);
    }
    pauseMs = Math.max(3, waited * 0.33);
  }
}

/** The calls of a payer, over connections that stay open. A refusal ends the benchmark. */
function createLine({ url, sandboxAdmin, secrets }: System, dispatcher: Agent) {
  const headers = { authorization: `Bearer ${secrets.demoApiKey}` };
  const json = { 'content-type': 'application/json' };

  async function send(
    address: string,
    options: { method?: 'POST'; headers?: Record<string, string>; body?: string },
  ): Promise<unknown> {
    const answer = await request(address, { ...options, dispatcher });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw new Error(`${address}: ${answer.statusCode} ${text}`);
    return JSON.parse(text);
  }

  return {
    get: (path: string) => send(`${url}${path}`, { headers }),
    post: (path: string, body: unknown, key: string) =>
      send(`${url}${path}`, {
        method: 'POST',
        headers: { ...headers, ...json, 'idempotency-key': key },
        body: JSON.stringify(body),
      }),
    atSandbox: (path: string) =>
      send(`${sandboxAdmin}${path}`, { method: 'POST', headers: json, body: '{}' }),
  };
}

function textOf(answer: unknown, field: string): string {
  if (typeof answer === 'object' && answer !== null) {
    const value: unknown = Reflect.get(answer, field);
    if (typeof value === 'string') return value;
  }
  throw new Error(`An answer has no ${field}: ${JSON.stringify(answer)}`);
}
