import type { DatabaseSync } from 'node:sqlite';
import { Agent, request } from 'undici';
import type { WorldClock } from './clock.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { Logger } from './logger.ts';
import { integer, type Row, text } from './store.ts';

/** A notification on its way out. */
export interface Message {
  /** Which part sends it: names the signer. */
  channel: string;
  url: string;
  body: string;
  /** What the signer needs to know: the merchant, the client. */
  context: Record<string, string>;
}

export type DeliveryState = 'pending' | 'delivered' | 'given_up';

export interface SendOptions {
  /** World milliseconds before the first attempt. */
  delayMs?: number;
  /** Signs wrongly, for ever: a fault. */
  badSignature?: boolean;
  /** Goes out twice: a fault. */
  duplicate?: boolean;
}

/** Called for each attempt, so that time stamps are fresh. Gives all headers. */
export type Signer = (message: Message, badSignature: boolean) => Record<string, string>;

export interface Deliver {
  signer(channel: string, sign: Signer): void;
  /** Queues a message, joining the transaction that is open, if one is. Returns its id. */
  send(message: Message, options?: SendOptions): number;
  /** Tries at once and resolves when an answer, whatever it is, has come: for early ones. */
  attemptNow(id: number): Promise<void>;
  /** When the first of what is not delivered yet is tried, in epoch milliseconds. */
  nextMs(): number | undefined;
  /** The newest first, without their bodies. */
  list(state: DeliveryState, limit: number): Row[];
  start(tickMs?: number): void;
  close(): Promise<void>;
}

interface Delivery extends Message {
  id: number;
  attempts: number;
  createdMs: number;
  badSignature: boolean;
}

/** World seconds between attempts; the last one repeats until three days are over. */
const intervalsSeconds = [1, 3, 10, 30, 60];
const giveUpAfterMs = 3 * 24 * 3_600_000;
const maxInFlight = 32;
const timeoutMs = 5_000;

function parseDelivery(row: Row): Delivery {
  return {
    id: integer(row, 'id'),
    channel: text(row, 'channel'),
    url: text(row, 'url'),
    body: text(row, 'body'),
    context: JSON.parse(text(row, 'context')),
    attempts: integer(row, 'attempts'),
    createdMs: integer(row, 'created_ms'),
    badSignature: integer(row, 'bad_signature') === 1,
  };
}

type Outbox = ReturnType<typeof openOutbox>;

function openOutbox(store: DatabaseSync) {
  store.exec(`create table if not exists core_delivery (
    id integer primary key autoincrement, channel text not null, url text not null,
    body text not null, context text not null, bad_signature integer not null,
    state text not null, attempts integer not null, due_ms integer not null,
    created_ms integer not null, last_answer text) strict`);
  store.exec(`create index if not exists core_delivery_due on core_delivery (due_ms, id)
    where state = 'pending'`);
  store.exec(`create index if not exists core_delivery_given_up on core_delivery (id)
    where state = 'given_up'`);
  const insert = store.prepare(`insert into core_delivery
    (channel, url, body, context, bad_signature, state, attempts, due_ms, created_ms)
    values (?, ?, ?, ?, ?, 'pending', 0, ?, ?)`);
  const due = store.prepare(`select id from core_delivery
    where state = 'pending' and due_ms <= ? order by due_ms, id limit ?`);
  const next = store.prepare(
    `select min(due_ms) as due_ms from core_delivery where state = 'pending'`,
  );
  const byId = store.prepare('select * from core_delivery where id = ?');
  const settle = store.prepare(`update core_delivery
    set state = ?, attempts = ?, due_ms = ?, last_answer = ? where id = ?`);
  // The state is written out, so that each list can use the index made for it.
  const list = (state: DeliveryState) =>
    store.prepare(`select id, channel, url, context, state, attempts, due_ms, created_ms,
      last_answer from core_delivery where state = '${state}' order by id desc limit ?`);
  const lists = {
    pending: list('pending'),
    delivered: list('delivered'),
    given_up: list('given_up'),
  };
  return { insert, due, next, byId, settle, lists };
}

interface DeliverDeps {
  store: DatabaseSync;
  clock: WorldClock;
  commits: CommitQueue;
  logger: Logger;
}

/** One attempt over the wire; what goes wrong is an answer too. */
async function post(
  agent: Agent,
  sign: Signer | undefined,
  delivery: Delivery,
): Promise<{ delivered: boolean; answer: string }> {
  if (sign === undefined) return { delivered: false, answer: `no signer ${delivery.channel}` };
  try {
    const headers = sign(delivery, delivery.badSignature);
    const { url, body } = delivery;
    const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent });
    await answer.body.dump();
    const delivered = answer.statusCode >= 200 && answer.statusCode < 300;
    return { delivered, answer: `status ${answer.statusCode}` };
  } catch (error) {
    return { delivered: false, answer: String(error) };
  }
}

/** What becomes of a delivery after an attempt, and when it is tried again. */
function afterAttempt(delivery: Delivery, delivered: boolean, nowMs: number) {
  const attempts = delivery.attempts + 1;
  const seconds = intervalsSeconds[Math.min(attempts, intervalsSeconds.length) - 1] ?? 60;
  const dueMs = nowMs + seconds * 1_000;
  const isTooLate = dueMs - delivery.createdMs > giveUpAfterMs;
  const state = delivered ? 'delivered' : isTooLate ? 'given_up' : 'pending';
  return { attempts, dueMs, state };
}

/** Flies what is due, so many at once; knows when to look into the outbox again. */
function createPump(deps: DeliverDeps, outbox: Outbox, signers: Map<string, Signer>) {
  const { clock, commits, logger } = deps;
  // A receiver's certificate is checked like anybody's; keep-alive saves a handshake per message.
  const agent = new Agent({
    ...{ connections: maxInFlight, headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
  });
  const inFlight = new Map<number, Promise<void>>();
  let nextMs = 0;
  let isWoken = false;
  let isClosed = false;

  async function attempt(delivery: Delivery): Promise<void> {
    const { delivered, answer } = await post(agent, signers.get(delivery.channel), delivery);
    if (isClosed) return;
    const { attempts, dueMs, state } = afterAttempt(delivery, delivered, clock.nowMs());
    await commits.write(() => {
      outbox.settle.run(state, attempts, dueMs, answer, delivery.id);
    });
    if (state === 'pending') nextMs = Math.min(nextMs, dueMs);
    if (state === 'given_up') logger.warn('a delivery is given up', { id: delivery.id, answer });
  }

  function launch(delivery: Delivery): Promise<void> {
    const flight = attempt(delivery)
      .catch((error: unknown) => logger.error('a delivery failed', { id: delivery.id, error }))
      .finally(() => {
        inFlight.delete(delivery.id);
        wake(nextMs);
      });
    inFlight.set(delivery.id, flight);
    return flight;
  }

  function pump(): void {
    isWoken = false;
    if (isClosed || clock.nowMs() < nextMs || inFlight.size >= maxInFlight) return;
    const ids = outbox.due.all(clock.nowMs(), maxInFlight).map((row) => integer(row, 'id'));
    for (const id of ids) {
      if (inFlight.size >= maxInFlight) return;
      const row = inFlight.has(id) ? undefined : outbox.byId.get(id);
      if (row !== undefined) launch(parseDelivery(row));
    }
    if (inFlight.size > 0) return;
    const dueMs = outbox.next.get()?.['due_ms'];
    nextMs = typeof dueMs === 'number' ? dueMs : Number.POSITIVE_INFINITY;
  }

  /** Something is due at this time; now or later. */
  function wake(dueMs: number): void {
    nextMs = Math.min(nextMs, dueMs);
    if (isWoken || clock.nowMs() < nextMs) return;
    isWoken = true;
    setImmediate(pump);
  }

  return {
    pump,
    wake,
    attemptNow: async (id: number) => {
      const row = outbox.byId.get(id);
      const isPending = row?.['state'] === 'pending';
      await (inFlight.get(id) ?? (isPending ? launch(parseDelivery(row)) : undefined));
    },
    close: async () => {
      isClosed = true;
      await agent.destroy();
      await Promise.all(inFlight.values());
    },
  };
}

export function openDeliver(deps: DeliverDeps): Deliver {
  const { clock } = deps;
  const outbox = openOutbox(deps.store);
  const signers = new Map<string, Signer>();
  const pump = createPump(deps, outbox, signers);
  let timer: NodeJS.Timeout | undefined;
  return {
    signer: (channel, sign) => {
      signers.set(channel, sign);
    },
    send: (message, options = {}) => {
      const { channel, url, body } = message;
      const context = JSON.stringify(message.context);
      const createdMs = clock.nowMs();
      const dueMs = createdMs + (options.delayMs ?? 0);
      const bad = options.badSignature === true ? 1 : 0;
      const insert = () =>
        outbox.insert.run(channel, url, body, context, bad, dueMs, createdMs).lastInsertRowid;
      if (options.duplicate === true) insert();
      const id = Number(insert());
      pump.wake(dueMs);
      return id;
    },
    attemptNow: pump.attemptNow,
    nextMs: () => {
      const dueMs = outbox.next.get()?.['due_ms'];
      return typeof dueMs === 'number' ? dueMs : undefined;
    },
    list: (state, limit) =>
      outbox.lists[state]
        .all(limit)
        .map((row) => ({ ...row, context: JSON.parse(text(row, 'context')) })),
    start: (tickMs = 100) => {
      timer = setInterval(pump.pump, tickMs);
      clock.onAdvance(() => pump.wake(Number.POSITIVE_INFINITY));
    },
    close: async () => {
      clearInterval(timer);
      await pump.close();
    },
  };
}
