import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Direction = 'to_server' | 'to_client';

/**
 * A proxy between the platform and PostgreSQL that cuts connections at a chosen protocol message.
 */
export interface PostgresProxy {
  /** The same URL, through the proxy. */
  url(original: string): string;
  /**
   * Cuts the connection that carries the n-th message in a direction from now on (1 is the next),
   * before that message is passed on: at `to_client` the server has done its part and the answer
   * is lost.
   */
  cutAt(direction: Direction, message: number): void;
  /** Whether a cut is still waiting for its message. */
  armed(): boolean;
  disarm(): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy in front of the server that `url` names. It speaks the protocol's frames, not
 * its meaning.
 */
export async function createPostgresProxy(url: string): Promise<PostgresProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let cut: { direction: Direction; left: number } | undefined;

  /** Passes whole messages on, and says when the cut has come. */
  function pass(direction: Direction, message: Buffer, to: Socket): boolean {
    if (cut?.direction === direction) {
      cut.left -= 1;
      if (cut.left === 0) {
        cut = undefined;
        return false;
      }
    }
    to.write(message);
    return true;
  }

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    const fromClient = createFramer(true);
    const fromServer = createFramer(false);
    client.on('data', (chunk) => {
      for (const message of fromClient(chunk)) if (!pass('to_server', message, upstream)) end();
    });
    upstream.on('data', (chunk) => {
      for (const message of fromServer(chunk)) if (!pass('to_client', message, client)) end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: (original) => {
      const changed = new URL(original);
      changed.hostname = '127.0.0.1';
      changed.port = String(port);
      return changed.href;
    },
    cutAt: (direction, message) => {
      cut = { direction, left: message };
    },
    armed: () => cut !== undefined,
    disarm: () => {
      cut = undefined;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Cuts a byte stream into protocol messages: a type byte, then a length that counts itself. The
 * client's first message, the start-up packet, has no type byte (PostgreSQL documentation,
 * "Message Formats").
 */
function createFramer(startsUntyped: boolean): (chunk: Buffer | string) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  let untyped = startsUntyped;
  return (chunk) => {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    const messages: Buffer[] = [];
    for (;;) {
      const header = untyped ? 4 : 5;
      if (rest.length < header) return messages;
      const length = rest.readInt32BE(header - 4) + (untyped ? 0 : 1);
      if (rest.length < length) return messages;
      messages.push(rest.subarray(0, length));
      rest = rest.subarray(length);
      untyped = false;
    }
  };
}
