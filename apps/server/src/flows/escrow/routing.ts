import { AssertionError } from '@keyturn/kernel';
import type { CustodyAccount } from '../../banks/custody/index.ts';

/** Where the money of one regime lies and how it gets there: which bank account, which acquirer contract. */
export interface Route {
  readonly regime: 'escrow' | 'reserve';
  readonly book: string;
  /** Where the book's money lies, and from where it is paid out. */
  readonly custodyAccount: Pick<CustodyAccount, 'id' | 'book' | 'ledgerCode' | 'currency'>;
  /** For items that are paid over an acquirer; without one they can only be paid by transfer. */
  readonly acquirerContractId?: string;
}

/** Escrow routing: which custody a deal's items use. */
export interface Routing {
  ofRegime(regime: Route['regime']): Route;
  ofBook(book: string): Route;
}

export function createRouting(routes: readonly Route[]): Routing {
  const find = (what: string, match: (route: Route) => boolean) => {
    const route = routes.find(match);
    if (!route) throw new AssertionError(`no route leads to ${what}`);
    return route;
  };
  return {
    ofRegime: (regime) => find(regime, (route) => route.regime === regime),
    ofBook: (book) => find(book, (route) => route.book === book),
  };
}
