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

export interface SendOptions {
  /** World milliseconds before the first attempt. */
  delayMs?: number;
  /** Signs wrongly, for ever: a fault. */
  badSignature?: boolean;
  /** Goes out twice: a fault. */
  duplicate?: boolean;
}

/** Called for each attempt, so that time stamps are fresh. Gives the headers, content-type included. */
export type Signer = (message: Message, badSignature: boolean) => Record<string, string>;

export interface Deliver {
  signer(channel: string, sign: Signer): void;
  /** Queues a message, joining the transaction that is open, if one is. Returns its id. */
  send(message: Message, options?: SendOptions): number;
  /** Tries at once and resolves when the answer, whatever it is, has come: for early notifications. */
  attemptNow(id: number): Promise<void>;
  list(state: 'pending' | 'delivered' | 'given_up', limit: number): Row[];
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

function openOutbox(store: DatabaseSync) {
  store.exec(`create table if not exists core_delivery (
    id integer primary key autoincrement, channel text not null, url text not null,
    body text not null, context text not null, bad_signature integer not null,
    state text not null, attempts integer not null, due_ms integer not null,
    created_ms integer not null, last_answer text) strict`);
  store.exec(`create index if not exists core_delivery_due on core_delivery (due_ms, id)
    where state = 'pending'`);
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
  const list = store.prepare(`select id, channel, url, context, state, attempts, due_ms, created_ms,
    last_answer from core_delivery where state = ? order by id desc limit ?`);
  return { insert, due, next, byId, settle, list };
}

export function openDeliver(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  commits: CommitQueue;
  logger: Logger;
}): Deliver {
  const { clock, commits, logger } = deps;
  const outbox = openOutbox(deps.store);
  const signers = new Map<string, Signer>();
  const inFlight = new Map<number, Promise<void>>();
  // A receiver's certificate is checked like anybody's; keep-alive saves a handshake per message.
  const agent = new Agent({
    connections: maxInFlight,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  let timer: NodeJS.Timeout | undefined;
  let nextMs = 0;
  let pumpIsWaiting = false;
  let closed = false;

  async function post(delivery: Delivery): Promise<{ delivered: boolean; answer: string }> {
    const sign = signers.get(delivery.channel);
    if (sign === undefined) return { delivered: false, answer: `no signer ${delivery.channel}` };
    try {
      const headers = sign(delivery, delivery.badSignature);
      const answer = await request(delivery.url, {
        method: 'POST',
        headers,
        body: delivery.body,
        dispatcher: agent,
      });
      await answer.body.dump();
      const delivered = answer.statusCode >= 200 && answer.statusCode < 300;
      return { delivered, answer: `status ${answer.statusCode}` };
    } catch (error) {
      return { delivered: false, answer: String(error) };
    }
  }

  async function attempt(delivery: Delivery): Promise<void> {
    const { delivered, answer } = await post(delivery);
    if (closed) return;
    const attempts = delivery.attempts + 1;
    const seconds = intervalsSeconds[Math.min(attempts, intervalsSeconds.length) - 1] ?? 60;
    const dueMs = clock.nowMs() + seconds * 1_000;
    const givenUp = !delivered && dueMs - delivery.createdMs > giveUpAfterMs;
    const state = delivered ? 'delivered' : givenUp ? 'given_up' : 'pending';
    await commits.write(() => {
      outbox.settle.run(state, attempts, dueMs, answer, delivery.id);
      if (state === 'pending') nextMs = Math.min(nextMs, dueMs);
    });
    if (givenUp) logger.warn('a notification was given up', { id: delivery.id, answer });
  }

  function launch(delivery: Delivery): Promise<void> {
    const flight = attempt(delivery)
      .catch((error: unknown) => logger.error('a delivery failed', { id: delivery.id, error }))
      .finally(() => {
        inFlight.delete(delivery.id);
        if (clock.nowMs() >= nextMs) wake();
      });
    inFlight.set(delivery.id, flight);
    return flight;
  }

  function pump(): void {
    pumpIsWaiting = false;
    if (closed || clock.nowMs() < nextMs || inFlight.size >= maxInFlight) return;
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

  function wake(): void {
    if (pumpIsWaiting) return;
    pumpIsWaiting = true;
    setImmediate(pump);
  }

  function send(message: Message, options: SendOptions = {}): number {
    const { channel, url, body, context } = message;
    const createdMs = clock.nowMs();
    const dueMs = createdMs + (options.delayMs ?? 0);
    const bad = options.badSignature === true ? 1 : 0;
    const insert = () =>
      outbox.insert.run(channel, url, body, JSON.stringify(context), bad, dueMs, createdMs);
    if (options.duplicate === true) insert();
    const id = Number(insert().lastInsertRowid);
    nextMs = Math.min(nextMs, dueMs);
    wake();
    return id;
  }

  return {
    signer: (channel, sign) => {
      signers.set(channel, sign);
    },
    send,
    attemptNow: async (id) => {
      const row = outbox.byId.get(id);
      if (row === undefined) throw new Error(`there is no delivery ${id}`);
      await (inFlight.get(id) ??
        (row['state'] === 'pending' ? launch(parseDelivery(row)) : undefined));
    },
    list: (state, limit) =>
      outbox.list
        .all(state, limit)
        .map((row) => ({ ...row, context: JSON.parse(text(row, 'context')) })),
    start: (tickMs = 100) => {
      timer = setInterval(pump, tickMs);
      clock.onAdvance(wake);
    },
    close: async () => {
      closed = true;
      clearInterval(timer);
      await agent.destroy();
      await Promise.all(inFlight.values());
    },
  };
}
