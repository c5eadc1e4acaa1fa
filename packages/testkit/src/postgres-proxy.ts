import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Direction = 'to_server' | 'to_client';

/** A protocol message on its way. */
export interface PassingMessage {
  readonly direction: Direction;
  /** Counts the proxy's connections, from 1. */
  readonly connection: number;
  /** The message's type byte; empty for the start-up packet, which has none. */
  readonly type: string;
  /** The text of a simple query, which carries `BEGIN` and `COMMIT`; else empty. */
  readonly query: string;
}

/**
 * What becomes of a message. `cut`: the connection ends before it is passed on. `late`, for
 * messages to the server: the client loses its connection now, the server does not know; the
 * message arrives when the promise resolves, and the connection ends behind it.
 */
export type Verdict = 'pass' | 'cut' | { readonly late: Promise<unknown> };

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
  /** Decides about every message from now on, before `cutAt` does; undefined lets all pass. */
  judge(decide: ((message: PassingMessage) => Verdict) | undefined): void;
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

  let decide: ((message: PassingMessage) => Verdict) | undefined;
  let connections = 0;

  function verdictOn(message: PassingMessage): Verdict {
    const verdict = decide?.(message) ?? 'pass';
    if (verdict !== 'pass' || cut?.direction !== message.direction) return verdict;
    cut.left -= 1;
    if (cut.left > 0) return 'pass';
    cut = undefined;
    return 'cut';
  }

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    connections += 1;
    const connection = connections;
    let stranded = false;
    const end = () => {
      client.destroy();
      if (!stranded) upstream.destroy();
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

    /** Passes whole messages on until one is not to pass. */
    function pass(direction: Direction, messages: readonly Buffer[], to: Socket): void {
      for (const bytes of messages) {
        if (stranded || to.destroyed) return;
        const verdict = verdictOn({ direction, connection, ...describe(direction, bytes) });
        if (verdict === 'pass') {
          to.write(bytes);
        } else if (verdict === 'cut') {
          end();
        } else {
          stranded = true;
          client.destroy();
          verdict.late.then(
            () => upstream.end(bytes),
            () => upstream.destroy(),
          );
        }
      }
    }

    const fromClient = createFramer(true);
    const fromServer = createFramer(false);
    client.on('data', (chunk) => pass('to_server', fromClient(chunk), upstream));
    upstream.on('data', (chunk) => pass('to_client', fromServer(chunk), client));
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
    judge: (judge) => {
      decide = judge;
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

/** The start-up packet begins with its length, whose first byte is 0 and no type. */
function describe(direction: Direction, bytes: Buffer): Pick<PassingMessage, 'type' | 'query'> {
  const type = bytes[0] === 0 ? '' : bytes.toString('latin1', 0, 1);
  const isQuery = direction === 'to_server' && type === 'Q';
  return { type, query: isQuery ? bytes.toString('utf8', 5, bytes.length - 1) : '' };
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
