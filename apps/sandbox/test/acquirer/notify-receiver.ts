import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A merchant's server for notifications: keeps what comes and answers as it is told. */
export interface NotifyReceiver {
  url: string;
  /** The n-th notification of all, counted from 1; waits until it is there. */
  nth(count: number): Promise<Received>;
  /** The first one, of those that came and will come, that is what the test looks for. */
  waitFor(isWanted: (notification: Received) => boolean): Promise<Received>;
  received(): readonly Received[];
  /** Which status the next notifications get. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

export async function startNotifyReceiver(): Promise<NotifyReceiver> {
  const received: Received[] = [];
  let waiting: { isDue: (notification: Received) => boolean; tell: (it: Received) => void }[] = [];
  let status = 200;

  function arrived(notification: Received): void {
    received.push(notification);
    const due = waiting.filter((each) => each.isDue(notification));
    waiting = waiting.filter((each) => !due.includes(each));
    for (const each of due) each.tell(notification);
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.writeHead(status).end(() => {
        arrived({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return {
    url: `http://127.0.0.1:${address.port}/notify`,
    nth: (count) => {
      const there = received[count - 1];
      if (there !== undefined) return Promise.resolve(there);
      return new Promise((tell) => waiting.push({ isDue: () => received.length === count, tell }));
    },
    waitFor: (isWanted) => {
      const there = received.find(isWanted);
      if (there !== undefined) return Promise.resolve(there);
      return new Promise((tell) => waiting.push({ isDue: isWanted, tell }));
    },
    received: () => received,
    answerWith: (next) => {
      status = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
