import { assert, present } from '@keyturn/kernel';
import { createLookup } from '@keyturn/pipeline';
import type { ChannelsService } from '../../banks/channels/index.ts';
import type { CustodyAccount, CustodyService } from '../../banks/custody/index.ts';

/**
 * Where the money of one regime lies and how it gets there: which bank account, which acquirer
 * contract.
 */
export interface Route {
  readonly book: string;
  /** Where the book's money lies, and from where it is paid out. */
  readonly custodyAccount: Pick<CustodyAccount, 'id' | 'book' | 'ledgerCode' | 'currency'>;
  /** For items that are paid over an acquirer; without one they can only be paid by transfer. */
  readonly acquirerContractId?: string;
}

/** Escrow routing: which custody a deal's items use, as it is configured now. */
export interface Routing {
  /** Reads the configuration anew. Before each command: decisions look at it without waiting. */
  refresh(): Promise<void>;
  ofRegime(regime: 'escrow' | 'reserve', currency: string): Route | undefined;
  /** The route of a book that items lie in. */
  ofBook(book: string): Route;
}

export function createRouting(deps: {
  readonly custody: Pick<CustodyService, 'accounts'>;
  readonly channels: Pick<ChannelsService, 'contracts'>;
}): Routing {
  let routes: readonly Route[] = [];
  const read = async (): Promise<readonly Route[]> => {
    const [accounts, contracts] = await Promise.all([
      deps.custody.accounts(),
      deps.channels.contracts(),
    ]);
    const open = accounts.filter(({ state }) => state === 'open');
    return open.map((account): Route => {
      const { id, book, ledgerCode, currency } = account;
      const contract = contracts.find(
        (one) => one.settlesTo === id && one.book === book && one.state === 'enabled',
      );
      const custodyAccount = { id, book, ledgerCode, currency };
      return { book, custodyAccount, ...(contract ? { acquirerContractId: contract.id } : {}) };
    });
  };
  // Whoever asks while the configuration is being read waits for the next reading, with all others.
  const configured = createLookup({ load: async () => new Map([['now', await read()]]) });
  return {
    refresh: async () => {
      routes = present(await configured('now'), 'the routes');
    },
    ofRegime: (regime, currency) =>
      routes.find(({ book }) => book.endsWith(`/${regime}/${currency}`)),
    ofBook: (book) => {
      const route = routes.find((candidate) => candidate.book === book);
      assert(route !== undefined, `an open custody account keeps the book ${book}`);
      return route;
    },
  };
}
