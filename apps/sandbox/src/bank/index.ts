import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { World } from '../core/world.ts';
import { registerBankAdmin } from './admin.ts';
import type { Incoming } from './incoming.ts';
import { openBankOffice } from './office.ts';
import { createBankServer } from './server.ts';

export type { Transfer } from './incoming.ts';

/** The escrow bank: accounts, virtual accounts, payments, notifications and statements. */
export interface Bank {
  /** Serves the clients' API over TLS; resolves to its address. Port 0 takes any free one. */
  listen(port: number, host: string): Promise<string>;
  /** Adds the bank's routes to the admin API. */
  registerAdmin(adminApp: FastifyInstance): void;
  /** Money that arrives from inside the sandbox, joining the transaction that is open. */
  credit: Incoming['credit'];
  close(): Promise<void>;
}

/** Opens the bank in the world's store. To be called once per world, before due work starts. */
export function createBank(world: World): Bank {
  const office = openBankOffice(world);
  let server: FastifyInstance | undefined;
  return {
    listen: async (port, host) => {
      server = createBankServer(office, host);
      await server.listen({ port, host });
      const address: AddressInfo | string | null = server.server.address();
      if (address === null || typeof address === 'string') throw new Error('no TCP address');
      const name = host.includes(':') ? `[${host}]` : host;
      return `https://${name}:${address.port}`;
    },
    registerAdmin: (adminApp) => registerBankAdmin(adminApp, office),
    credit: office.incoming.credit,
    close: async () => {
      await server?.close();
    },
  };
}
