import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { StartError } from './installation.ts';

/**
 * A port that is free now: the one asked for, or any when 0 is asked for.
 *
 * @throws StartError when it is taken, with the setting by which another can be chosen
 */
export async function claimPort(wanted: number, host: string, setting: string): Promise<number> {
  const server = createServer();
  server.listen(wanted, host);
  try {
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const reasons: Record<string, string> = {
      EADDRINUSE: 'another program listens there',
      EACCES: 'there is no permission to listen there',
      EADDRNOTAVAIL: 'this machine does not have that address',
    };
    const reason = reasons[code] ?? `the system said ${code}`;
    throw new StartError(
      `The port ${wanted} on ${host} cannot be used: ${reason}. End that program, or set ${setting} to another port.`,
    );
  } finally {
    server.close();
  }
}
