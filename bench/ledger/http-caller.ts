import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { elapsedMs } from '@keyturn/kernel';
import type { Booked } from './booked.ts';
import { obey } from './processes.ts';

/** Where a process of HTTP callers books. */
export interface HttpPlace {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly book: string;
  readonly wallets: number;
}

export interface HttpLoad {
  readonly connections: number;
  readonly seconds: number;
  /** Journals of one transfer in each request; more than one go in bulk. */
  readonly journals: number;
}

/**
 * Callers over keep-alive connections, each with its next request as soon as it was answered.
 * Written on bare sockets, since it has to share the processors with what it measures.
 */
const place = JSON.parse(process.argv[2] ?? '') as HttpPlace;
const headOf = (path: string) =>
  [
    `POST ${path} HTTP/1.1`,
    `host: ${place.host}:${place.port}`,
    `authorization: Bearer ${place.token}`,
    'content-type: application/json',
    'content-length: ',
  ].join('\r\n');
const singleHead = headOf('/v1/ledger/journals');
const bulkHead = headOf('/v1/ledger/journals/bulk');

/** UUIDs that rise: random ones would be another load for the indexes. */
const run = randomBytes(5).toString('hex');
let made = 0;

function nextId(): string {
  made += 1;
  const count = made.toString(16).padStart(12, '0');
  return `${run.slice(0, 8)}-${run.slice(8)}00-7000-8000-${count}`;
}

function wallet(): string {
  return `{"code":2001,"owner":"wallet-${Math.floor(Math.random() * place.wallets)}"}`;
}

function journal(): string {
  const debit = wallet();
  let credit = wallet();
  while (credit === debit) credit = wallet();
  const id = nextId();
  const amount = 1 + Math.floor(Math.random() * 999);
  return `{"id":"${id}","book":"${place.book}","module":"bench","object":"bench","command":"${id}","transfers":[{"kind":"posted","debit":${debit},"credit":${credit},"amount":{"amount":${amount},"currency":"CNY"}}]}`;
}

function request(journals: number): string {
  let body = journal();
  if (journals > 1) {
    for (let count = 1; count < journals; count++) body += `,${journal()}`;
    body = `{"journals":[${body}]}`;
  }
  return `${journals === 1 ? singleHead : bulkHead}${body.length}\r\n\r\n${body}`;
}

/** How many transfers an answer says were booked; throws when any was not. */
function bookedBy(answer: Buffer, journals: number): number {
  const status = answer.toString('latin1', 9, 12);
  if (journals === 1 && status === '201') return 1;
  let booked = 0;
  const wanted = '"status":201';
  if (status === '200') {
    for (let at = answer.indexOf(wanted); at >= 0; at = answer.indexOf(wanted, at + 1)) booked += 1;
  }
  if (booked !== journals) throw new Error(`Not booked: ${answer.toString('utf8', 0, 2_000)}`);
  return booked;
}

/** The length of a whole answer; undefined while its head is not there. */
function lengthOf(answer: Buffer): number | undefined {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(answer.toString('latin1', 0, end))?.[1];
  if (length === undefined) throw new Error(`An answer without a length: ${answer.toString()}`);
  return end + 4 + Number(length);
}

/** What arrives is looked at here by all callers, one after the other. */
const arrived = Buffer.allocUnsafe(65_536);

/** One caller, until the time is over; resolves with what it booked. */
function call(journals: number, until: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let booked = 0;
  /** What came of an answer that is not whole yet. */
  let parts: Buffer[] = [];
  let size = 0;
  let wanted: number | undefined;
  const next = () => {
    if (elapsedMs() < until) {
      socket.write(request(journals), 'latin1');
      return;
    }
    socket.end();
    resolve(booked);
  };
  const take = (part: Buffer) => {
    size += part.length;
    wanted ??= lengthOf(parts.length === 0 ? part : Buffer.concat([...parts, part]));
    if (wanted === undefined || size < wanted) {
      parts.push(Buffer.from(part));
      return;
    }
    booked += bookedBy(parts.length === 0 ? part : Buffer.concat([...parts, part]), journals);
    parts = [];
    size = 0;
    wanted = undefined;
    next();
  };
  const onread = {
    buffer: arrived,
    callback: (length: number) => {
      try {
        take(arrived.subarray(0, length));
      } catch (error) {
        reject(error);
        socket.destroy();
      }
      return true;
    },
  };
  const socket = connect({ host: place.host, port: place.port, noDelay: true, onread });
  socket.on('connect', next);
  socket.on('error', reject);
  return promise;
}

async function drive({ connections, journals }: HttpLoad, seconds: number): Promise<Booked> {
  const started = elapsedMs();
  const until = started + seconds * 1_000;
  const callers = Array.from({ length: connections }, () => call(journals, until));
  const transfers = (await Promise.all(callers)).reduce((sum, one) => sum + one, 0);
  return { transfers, perSecond: (transfers * 1_000) / (elapsedMs() - started) };
}

obey(async (load: HttpLoad) => {
  // As long as it is measured: it was idle, and others had the server's memory meanwhile.
  const warmUp = await drive(load, load.seconds);
  const measured = await drive(load, load.seconds);
  const transfers = warmUp.transfers + measured.transfers;
  return { transfers, perSecond: measured.perSecond };
});
